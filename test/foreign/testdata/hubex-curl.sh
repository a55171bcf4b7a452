# Получение токена
curl -X POST "https://api.hubex.ru/fsm/AUTHZ/AccessTokens" \
     -H "Content-Type: application/json" \
     -d '{"serviceToken": "ваш_токен"}'
# Получение списка заявок
curl -X GET "https://api.hubex.ru/fsm/WORK/Tasks" \
     -H "Authorization: Bearer ваш_access_token" \
     -H "Content-Type: application/json"
