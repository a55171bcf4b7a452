// Has a user let an application act as him, with openid-client: with PKCE and a
// state, and the issuer of the answer compared. Without BACK it prints where to
// send the browser; with it, the address that the browser came back to, it
// exchanges the code, renews the tokens and says who it acts as.
// Environment: BASE, CLIENT_ID, CLIENT_SECRET (none = a public application),
// REDIRECT, ME (the path that says who), STATE, VERIFIER, BACK.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const client = await import('openid-client')

const { BASE, CLIENT_ID, CLIENT_SECRET, REDIRECT, ME, STATE, VERIFIER, BACK } = process.env
const config = await client.discovery(new URL(BASE), CLIENT_ID, undefined,
  CLIENT_SECRET ? client.ClientSecretPost(CLIENT_SECRET) : client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests], // plain HTTP, for loopback
  })

if (!BACK) {
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT, state: STATE, code_challenge_method: 'S256', code_challenge: await client.calculatePKCECodeChallenge(VERIFIER),
  })
  console.log(JSON.stringify({ ask: url.href }))
} else {
  const exchange = () => client.authorizationCodeGrant(config, new URL(BACK), { pkceCodeVerifier: VERIFIER, expectedState: STATE })
  const stranger = new URL(BACK)
  stranger.searchParams.set('iss', 'https://stranger.example')
  const refused = async (ask) => ask().then(() => null, (e) => e.error ?? e.code)
  const other = await refused(() => client.authorizationCodeGrant(config, stranger, { pkceCodeVerifier: VERIFIER, expectedState: STATE }))
  const first = await exchange()
  const next = await client.refreshTokenGrant(config, first.refresh_token)
  const me = ME ? await (await client.fetchProtectedResource(config, next.access_token, new URL(ME, BASE), 'GET')).json() : {}
  const again = await refused(exchange)
  console.log(JSON.stringify({ login: me.login, renewed: next.access_token !== first.access_token, other, again }))
}
