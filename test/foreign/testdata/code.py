# Has a user let an application act as him, with Authlib: PKCE and a state.
# Without BACK it prints where to send the browser; with it, the address that the
# browser came back to, it exchanges the code, renews the tokens and says who it
# acts as.
# Environment: BASE, CLIENT_ID, CLIENT_SECRET (none = a public application),
# REDIRECT, ME (the path that says who), STATE, VERIFIER, BACK.
import json
import os

from authlib.integrations.requests_client import OAuth2Session, OAuthError

e = os.environ
door = e["BASE"] + "/oauth/token"
secret = e.get("CLIENT_SECRET")
app = OAuth2Session(e["CLIENT_ID"], secret, redirect_uri=e["REDIRECT"], token_endpoint=door, code_challenge_method="S256",
                    token_endpoint_auth_method="client_secret_basic" if secret else "none")

if not e.get("BACK"):
    url, _ = app.create_authorization_url(e["BASE"] + "/oauth/authorize", state=e["STATE"], code_verifier=e["VERIFIER"])
    print(json.dumps({"ask": url}))
else:
    def exchange():
        return dict(app.fetch_token(door, authorization_response=e["BACK"], state=e["STATE"], code_verifier=e["VERIFIER"]))

    def refused(ask):
        try:
            ask()
        except OAuthError as error:
            return error.error

    first = exchange()
    app.token["expires_at"] = 1  # long ago: Authlib refreshes by itself
    me = app.get(e["BASE"] + e["ME"]).json() if e.get("ME") else {}
    if not e.get("ME"):
        app.refresh_token(door)
    renewed = app.token["access_token"] != first["access_token"]
    print(json.dumps({"login": me.get("login"), "renewed": renewed, "again": refused(exchange)}))
