# A recording with requests: whole, streamed; in ranges, put together again; and by
# a link that needs no token. Environment: BASE, TRUSTED_ID, TRUSTED_SECRET. Prints
# what it met as JSON.
import json
import os

import requests

e = os.environ
token = requests.post(e["BASE"] + "/oauth/token", data={
    "grant_type": "client_credentials", "client_id": e["TRUSTED_ID"], "client_secret": e["TRUSTED_SECRET"]}).json()["access_token"]
calls = requests.Session()
calls.headers["Authorization"] = "Bearer " + token
records = e["BASE"] + "/api/ver1.0/client/@me/record/"
known = calls.get(records, params={"per_page": 1}).json()[0]
url = records + known["record_uuid"]

with calls.get(url, stream=True) as answer:
    whole = b"".join(answer.iter_content(4096))
parts, codes = b"", set()
for first in range(0, len(whole), 10000):
    answer = calls.get(url, headers={"Range": "bytes=%d-%d" % (first, first + 9999), "If-Range": answer.headers["ETag"]})
    codes.add(answer.status_code)
    parts += answer.content
link = calls.get(url + "/storage_url/").json()["record_url"]
print(json.dumps({
    "size": len(whole) == known["file_size"], "parts": parts == whole, "codes": sorted(codes),
    "link": requests.get(link).content == whole,
    "past": calls.get(url, headers={"Range": "bytes=%d-" % len(whole)}).status_code,
}))
