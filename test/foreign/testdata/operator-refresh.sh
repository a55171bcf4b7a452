curl -X GET "https://webapi.alloincognito.ru:4431/api/v1/auth/integrationapi/refresh" -H "accept: application/json" -H "Authorization: Bearer refresh_token"
