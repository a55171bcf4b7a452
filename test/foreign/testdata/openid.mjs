// Walks through the standard door with openid-client: discovery, a token,
// introspection, revocation, introspection again.
// Environment: BASE, CLIENT_ID, CLIENT_SECRET, METADATA (oidc or oauth2),
// METHOD (basic or post). Prints what it got as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const client = await import('openid-client')

const { BASE, CLIENT_ID, CLIENT_SECRET, METADATA, METHOD } = process.env
const method = METHOD === 'post' ? client.ClientSecretPost : client.ClientSecretBasic
const open = (secret, more) =>
  client.discovery(new URL(BASE), CLIENT_ID, undefined, method(secret), {
    execute: [client.allowInsecureRequests], // plain HTTP, for loopback
    ...more,
  })

// As the documentation has it, then under the other name of the metadata.
const config = await client.discovery(new URL(BASE), CLIENT_ID, undefined, client.ClientSecretBasic(CLIENT_SECRET), {
  execute: [client.allowInsecureRequests], // plain HTTP, for loopback
})
if (config.serverMetadata().issuer !== BASE) throw new Error('another issuer')
const door = await open(CLIENT_SECRET, { algorithm: METADATA })
const metadata = door.serverMetadata()
const token = await client.clientCredentialsGrant(config, { scope: 'TokensIntrospect' })
const before = await client.tokenIntrospection(door, token.access_token)
await client.tokenRevocation(door, token.access_token)
const after = await client.tokenIntrospection(door, token.access_token)

const refused = async (ask) => ask.then(() => null, (e) => ({ status: e.status, error: e.error, challenge: e.cause?.[0]?.scheme }))
const scope = await refused(client.clientCredentialsGrant(door, { scope: 'Everything' }))
const stranger = await open(CLIENT_SECRET.slice(0, -1))
const secret = await refused(client.clientCredentialsGrant(stranger))

console.log(JSON.stringify({
  issuer: metadata.issuer,
  token: { type: token.token_type, expires_in: token.expires_in, scope: token.scope },
  before, after, refused: { scope, secret },
}))
