// Verifies a token of the control panel with jose from the published keys.
// Environment: BASE, TOKEN, CLIENT_ID. Prints header and claims as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const { createRemoteJWKSet, jwtVerify } = await import('jose')

const { BASE, TOKEN, CLIENT_ID } = process.env
const keys = createRemoteJWKSet(new URL(`${BASE}/.well-known/jwks.json`))
const { payload, protectedHeader } = await jwtVerify(TOKEN, keys, { audience: CLIENT_ID, algorithms: ['RS512'] })
const refusals = await Promise.all([
  jwtVerify(TOKEN, keys, { audience: CLIENT_ID, algorithms: ['RS256'] }).catch((e) => e.code),
  jwtVerify(TOKEN, keys, { audience: 'another', algorithms: ['RS512'] }).catch((e) => e.code),
])
console.log(JSON.stringify({ header: protectedHeader, claims: payload, refusals }))
