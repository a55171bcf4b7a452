// Walks through the standard door with openid-client: discovery, a token,
// introspection, revocation, introspection again.
// Environment: BASE, CLIENT_ID, CLIENT_SECRET, METADATA (oidc or oauth2),
// METHOD (basic or post). Prints what it got as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const client = await import('openid-client')

const { BASE, CLIENT_ID, CLIENT_SECRET, METADATA, METHOD } = process.env
const method = METHOD === 'post' ? client.ClientSecretPost : client.ClientSecretBasic
const open = (secret) =>
  client.discovery(new URL(BASE), CLIENT_ID, undefined, method(secret), {
    algorithm: METADATA,
    execute: [client.allowInsecureRequests], // plain HTTP, for loopback
  })

const config = await open(CLIENT_SECRET)
const metadata = config.serverMetadata()
const token = await client.clientCredentialsGrant(config, { scope: 'TokensIntrospect' })
const before = await client.tokenIntrospection(config, token.access_token)
await client.tokenRevocation(config, token.access_token)
const after = await client.tokenIntrospection(config, token.access_token)

const refused = async (ask) => ask.then(() => null, (e) => ({ status: e.status, error: e.error, challenge: e.cause?.[0]?.scheme }))
const scope = await refused(client.clientCredentialsGrant(config, { scope: 'Everything' }))
const stranger = await open(CLIENT_SECRET.slice(0, -1))
const secret = await refused(client.clientCredentialsGrant(stranger))

console.log(JSON.stringify({
  issuer: metadata.issuer,
  token: { type: token.token_type, expires_in: token.expires_in, scope: token.scope },
  before, after, refused: { scope, secret },
}))
