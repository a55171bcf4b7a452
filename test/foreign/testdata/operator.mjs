// Verifies a token of the operator with jose from the published keys.
// Environment: BASE, TOKEN. Prints header and claims as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const { createRemoteJWKSet, jwtVerify } = await import('jose')

const { BASE, TOKEN } = process.env
const keys = createRemoteJWKSet(new URL(`${BASE}/.well-known/jwks.json`))
const { payload, protectedHeader } = await jwtVerify(TOKEN, keys, { algorithms: ['RS256'] })
const [head, , signature] = TOKEN.split('.')
const forged = Buffer.from(JSON.stringify({ ...payload, contract: '1' })).toString('base64url')
const refusals = await Promise.all([
  jwtVerify(`${head}.${forged}.${signature}`, keys, { algorithms: ['RS256'] }).catch((e) => e.code),
  jwtVerify(TOKEN, keys, { algorithms: ['RS512'] }).catch((e) => e.code),
])
console.log(JSON.stringify({ header: protectedHeader, claims: payload, refusals }))
