curl "https://localhost:9000/api/v1/session?username=${Username}&password=${Password}"
