# Verifies an access token with PyJWT from the published keys.
# Environment: BASE, TOKEN. Prints the claims as JSON.
import json
import os

import jwt

base, token = os.environ["BASE"], os.environ["TOKEN"]
key = jwt.PyJWKClient(base + "/.well-known/jwks.json").get_signing_key_from_jwt(token).key
rules = {"algorithms": ["EdDSA", "RS256"], "issuer": base}
claims = jwt.decode(token, key, audience=base, **rules)

refusals = []
head, _, signature = token.split(".")
forged = jwt.utils.base64url_encode(json.dumps({**claims, "sub": "1"}).encode()).decode()
for text, audience in ((".".join((head, forged, signature)), base), (token, "https://elsewhere.example")):
    try:
        jwt.decode(text, key, audience=audience, **rules)
        refusals.append(None)
    except jwt.InvalidTokenError as e:
        refusals.append(type(e).__name__)

print(json.dumps({"header": jwt.get_unverified_header(token), "claims": claims, "refusals": refusals}))
