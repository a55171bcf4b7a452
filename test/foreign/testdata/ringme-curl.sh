export url="https://<hostname>/api/ver1.0"
export access_token="8SNsrS0jV35vfmKqKeKtRrHfpbg4UX"
curl \
-H "Authorization: Bearer ${access_token}" \
-X GET ${url}/user/
