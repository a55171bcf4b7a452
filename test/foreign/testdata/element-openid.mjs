// The way in of the control panel with openid-client, which verifies the id
// token that comes with the access token and its at_hash.
// Environment: BASE, ISSUER, CLIENT_ID, CLIENT_SECRET. Prints what it met as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const client = await import('openid-client')

const { BASE, ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env
const open = (issuer, secret) => {
  const config = new client.Configuration(
    { issuer, token_endpoint: `${BASE}/console/sys/token`, jwks_uri: `${BASE}/.well-known/jwks.json` },
    CLIENT_ID, { id_token_signed_response_alg: 'RS512' }, client.ClientSecretBasic(secret))
  client.allowInsecureRequests(config) // plain HTTP, for loopback
  client.enableNonRepudiationChecks(config)
  return config
}
const failed = async (ask) => ask.then(() => null, (e) => ({ status: e.status, code: e.code, challenge: e.cause?.[0]?.scheme }))

const config = open(ISSUER, CLIENT_SECRET)
const token = await client.clientCredentialsGrant(config)
const claims = token.claims()
const me = async (bearer) =>
  (await client.fetchProtectedResource(config, bearer, new URL(`${BASE}/console/api/v2/me`), 'GET')).json()
console.log(JSON.stringify({
  type: token.token_type, expires_in: token.expires_in, audience: claims?.aud, lives: claims?.exp - claims?.iat,
  logins: [(await me(token.access_token)).login, (await me(token.id_token)).login],
  refused: [await failed(client.clientCredentialsGrant(open(ISSUER, CLIENT_ID))),
    await failed(client.clientCredentialsGrant(open('another', CLIENT_SECRET)))],
}))
