URL = "https://<hostname>/api/ver1.0"
ACCESS_TOKEN = "8SNsrS0jV35vfmKqKeKtRrHfpbg4UX"
#!/usr/bin/python

import requests

url = f"{URL}/user/"
headers = {
    'Authorization': f'Bearer {ACCESS_TOKEN}'
}
response = requests.request("GET", url, headers=headers)
print(response.text)
