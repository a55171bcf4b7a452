# Gets a token of the control panel as its documentation says, verifies it with
# PyJWT from the published keys, and calls with it; then once more with Authlib,
# which takes the access token beside it.
# Environment: BASE, CLIENT_ID, CLIENT_SECRET. Prints what it met as JSON.
import json
import os

import jwt
import requests
from authlib.integrations.requests_client import OAuth2Session

base, key = os.environ["BASE"], (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])

answer = requests.post(base + "/console/sys/token", data="grant_type=CLIENT_CREDENTIALS", auth=key,
                       headers={"Content-Type": "application/x-www-form-urlencoded"})
answer.raise_for_status()
token = answer.json()["id_token"]
public = jwt.PyJWKClient(base + "/.well-known/jwks.json").get_signing_key_from_jwt(token).key
claims = jwt.decode(token, public, algorithms=["RS512"], audience=key[0])
me = requests.get(base + "/console/api/v2/me", headers={"Authorization": "Bearer " + token})
page = requests.get(base + "/console/api/v2/applications", params={"page": 0, "size": 1}, headers={"Authorization": "Bearer " + token})

session = OAuth2Session(*key)
session.fetch_token(base + "/console/sys/token", grant_type="client_credentials")
again = session.get(base + "/console/api/v2/me")

wrong = requests.post(base + "/console/sys/token", data={"grant_type": "client_credentials"}, auth=(key[0], key[0]))
late = requests.get(base + "/console/api/v2/me", headers={"Authorization": "Bearer Not implemented"})

print(json.dumps({
    "header": jwt.get_unverified_header(token), "claims": claims, "subject": json.loads(claims["sub"]),
    "me": me.json(), "page": page.json(), "again": again.json()["id"],
    "wrong": [wrong.status_code, wrong.headers["WWW-Authenticate"], wrong.json()["code"]],
    "late": [late.status_code, late.json()["status"]],
}))
