# The ways in of the IP-telephony API with Authlib: an application's token, a
# user's, and how the library renews them.
# Environment: BASE, TRUSTED_ID, TRUSTED_SECRET, PASSWORD_ID, PASSWORD_SECRET,
# LOGIN, PASSWORD. Prints what it met as JSON.
import json
import os

from authlib.integrations.requests_client import OAuth2Session, OAuthError

e = os.environ
door, me = e["BASE"] + "/oauth/token", e["BASE"] + "/api/ver1.0/user/"


def refused(session, **more):
    try:
        session.fetch_token(**more)
    except OAuthError as error:
        return error.error


out = {}
for method in ("client_secret_basic", "client_secret_post"):
    app = OAuth2Session(e["TRUSTED_ID"], e["TRUSTED_SECRET"], token_endpoint=door, token_endpoint_auth_method=method,
                        grant_type="client_credentials", scope="all")
    first = dict(app.fetch_token())
    login = app.get(me).json()["login"]
    app.token["expires_at"] = 1  # long ago: Authlib asks again by itself
    again = app.get(me).json()["login"]
    out[method] = {"answer": sorted(first), "length": len(first["access_token"]), "expires": first["expires_in"],
                   "login": login, "again": again, "other": app.token["access_token"] != first["access_token"]}

user = OAuth2Session(e["PASSWORD_ID"], e["PASSWORD_SECRET"], token_endpoint=door)
first = dict(user.fetch_token(username=e["LOGIN"], password=e["PASSWORD"]))
login = user.get(me).json()["login"]
user.token["expires_at"] = 1  # long ago: Authlib refreshes by itself
again = user.get(me).json()["login"]
out["user"] = {"login": login, "again": again,
               "other": [user.token[k] != first[k] for k in ("access_token", "refresh_token")]}
out["refused"] = [
    refused(OAuth2Session(e["TRUSTED_ID"], e["PASSWORD_SECRET"], token_endpoint=door)),
    refused(user, username=e["LOGIN"], password=e["PASSWORD"] + "!"),
    refused(user, grant_type="client_credentials"),
]
print(json.dumps(out))
