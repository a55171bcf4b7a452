// The ways in of the IP-telephony API with openid-client, which finds the door
// by its metadata.
// Environment: BASE, TRUSTED_ID, TRUSTED_SECRET, PASSWORD_ID, PASSWORD_SECRET,
// LOGIN, PASSWORD. Prints what it met as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const client = await import('openid-client')

const { BASE, TRUSTED_ID, TRUSTED_SECRET, PASSWORD_ID, PASSWORD_SECRET, LOGIN, PASSWORD } = process.env
const open = (id, secret, method) =>
  client.discovery(new URL(BASE), id, undefined, method(secret), {
    execute: [client.allowInsecureRequests], // plain HTTP, for loopback
    algorithm: 'oauth2',
  })
const refused = async (ask) => ask.then(() => null, (e) => ({ status: e.status, error: e.error, challenge: e.cause?.[0]?.scheme }))
const me = async (config, token) =>
  (await client.fetchProtectedResource(config, token, new URL(`${BASE}/api/ver1.0/user/`), 'GET')).json()

const out = {}
for (const [name, method] of Object.entries({ basic: client.ClientSecretBasic, post: client.ClientSecretPost })) {
  const config = await open(TRUSTED_ID, TRUSTED_SECRET, method)
  const token = await client.clientCredentialsGrant(config, { scope: 'all' })
  out[name] = { length: token.access_token.length, type: token.token_type, expires_in: token.expires_in, scope: token.scope,
    login: (await me(config, token.access_token)).login }
}
const user = await open(PASSWORD_ID, PASSWORD_SECRET, client.ClientSecretBasic)
const first = await client.genericGrantRequest(user, 'password', { username: LOGIN, password: PASSWORD })
const second = await client.refreshTokenGrant(user, first.refresh_token)
const again = await client.refreshTokenGrant(user, first.refresh_token) // as if the answer had been lost
out.user = { login: (await me(user, second.access_token)).login, other: second.refresh_token !== first.refresh_token,
  again: again.refresh_token === second.refresh_token && again.access_token === second.access_token }
out.refused = [
  await refused(client.clientCredentialsGrant(await open(TRUSTED_ID, PASSWORD_SECRET, client.ClientSecretBasic))),
  await refused(client.genericGrantRequest(user, 'password', { username: LOGIN, password: PASSWORD + '!' })),
  await refused(me(user, 'junk')),
]
console.log(JSON.stringify(out))
