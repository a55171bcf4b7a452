# The ways in of the warehouse terminals' API, with requests and with Authlib.
# Authlib wants lower-case keys: its own hook is where a client tells it so.
# Environment: BASE, LOGIN, PASSWORD. Prints what it met as JSON.
import json
import os

import requests
from authlib.integrations.requests_client import OAuth2Session

base, login, password = os.environ["BASE"], os.environ["LOGIN"], os.environ["PASSWORD"]
users, door = base + "/api/v1/Users", base + "/oauth/token"


def see(answer):
    return [answer.status_code, len(answer.json().get("value", []))]


def bearer(answer):
    return see(requests.get(users, headers={"Authorization": "Bearer " + answer.json()["Access_token"]}))


basic = requests.get(users, auth=(login.encode(), password.encode()))
raw = requests.get(users, headers={"Authorization": f"Basic {login}:{password}".encode()})
query = requests.get(base + "/api/v1/session", params={"username": login, "password": password})
form = requests.post(door, data={"grant_type": "password", "client_id": "123", "client_secret": "user",
                                 "username": login, "password": password})
refresh = {"grant_type": "refresh_token", "client_id": "123", "client_secret": "user",
           "refresh_token": form.json()["Refresh_token"]}
renewed = requests.post(door, data=refresh)
again = requests.post(door, data=refresh)
wrong = requests.post(door, data={"grant_type": "password", "username": login, "password": password + "!"})


def lower(answer):
    text = json.dumps({key.lower(): value for key, value in answer.json().items()})
    answer._content = text.encode()
    return answer


def session():
    return OAuth2Session("123", "user", token_endpoint_auth_method="client_secret_post", token_endpoint=door)


plain = session()
try:
    plain.fetch_token(username=login, password=password)
    plain.get(users)
    without = None
except Exception as e:
    without = type(e).__name__
hooked = session()
hooked.register_compliance_hook("access_token_response", lower)
hooked.register_compliance_hook("refresh_token_response", lower)
hooked.fetch_token(username=login, password=password)
first = see(hooked.get(users))
before = dict(hooked.token)
hooked.token["expires_at"] = 1  # long ago: Authlib renews by itself
second = see(hooked.get(users))

print(json.dumps({
    "basic": see(basic), "raw": see(raw), "query": bearer(query), "form": bearer(form), "renewed": bearer(renewed),
    "again": again.json()["Access_token"] == renewed.json()["Access_token"], "answer": sorted(form.json()),
    "wrong": [wrong.status_code, wrong.json()["error"]], "without": without, "first": first, "second": second,
    "other": [hooked.token[key] != before[key] for key in ("access_token", "refresh_token")],
}))
