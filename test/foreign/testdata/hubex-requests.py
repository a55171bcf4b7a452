import requests
# 1. Получение токена
auth_url = "https://api.hubex.ru/fsm/AUTHZ/AccessTokens"
headers = {"Content-Type": "application/json"}
data = {"serviceToken": "ваш_токен"}
response = requests.post(auth_url, json=data, headers=headers)
access_token = response.json()["access_token"]
# 2. Запрос данных
tasks_url = "https://api.hubex.ru/fsm/WORK/Tasks"
headers = {
    "Authorization": f"Bearer {access_token}",
    "Content-Type": "application/json"
}
response = requests.get(tasks_url, headers=headers)
print(response.json())
