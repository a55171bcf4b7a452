curl -X GET "https://webapi.alloincognito.ru:4431/api/v1/auth/integrationapi/create" -H "accept: application/json" -H "Authorization: Bearer authorization_token"
