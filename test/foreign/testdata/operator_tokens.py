# The three levels of the operator's tokens: each is verified with PyJWT from
# the published keys.
# Environment: BASE, TOKEN. Prints what it met as JSON.
import json
import os

import jwt
import requests

base, root = os.environ["BASE"], os.environ["TOKEN"]
keys = jwt.PyJWKClient(base + "/.well-known/jwks.json")


def ask(method, token):
    return requests.get(f"{base}/api/v1/auth/integrationapi/{method}",
                        headers={"accept": "application/json", "Authorization": "Bearer " + token})


def verify(token):
    key = keys.get_signing_key_from_jwt(token).key
    claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
    return {"alg": jwt.get_unverified_header(token)["alg"], **{name: claims.get(name) for name in
            ("token_id", "p_token_id", "roles", "sub", "contract", "app", "iat", "exp")}}


def forged(token):
    head, claims, signature = token.split(".")
    changed = {**jwt.decode(token, options={"verify_signature": False}), "contract": "1"}
    text = jwt.utils.base64url_encode(json.dumps(changed).encode()).decode()
    try:
        verify(f"{head}.{text}.{signature}")
    except jwt.InvalidTokenError as e:
        return type(e).__name__


made = ask("create", root)
first = made.json()
renewed = ask("refresh", first["refreshToken"])
second = renewed.json()
former = ask("refresh", first["refreshToken"])
level = ask("create", second["accessToken"])
print(json.dumps({
    "zone": made.headers["X-Time-Zone"], "answer": sorted(first), "root": verify(root),
    "access": verify(first["accessToken"]), "refresh": verify(first["refreshToken"]),
    "next": verify(second["accessToken"]), "forged": forged(first["accessToken"]),
    "former": [former.status_code, former.json()["error"]["errorCode"]],
    "level": [level.status_code, level.json()["error"]["errorCode"]],
}))
