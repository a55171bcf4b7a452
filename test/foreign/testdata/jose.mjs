// Verifies an access token with jose from the published keys.
// Environment: BASE, TOKEN. Prints the claims as JSON.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto // Node.js 18 has it under this name only
const { createRemoteJWKSet, jwtVerify } = await import('jose')

const { BASE, TOKEN } = process.env
const keys = createRemoteJWKSet(new URL(`${BASE}/.well-known/jwks.json`))
const rules = { issuer: BASE, audience: BASE, typ: 'at+jwt', algorithms: ['EdDSA', 'RS256'] }

const { payload, protectedHeader } = await jwtVerify(TOKEN, keys, rules)

// The same text with another claim, and for another audience, must fail.
const [head, claims, signature] = TOKEN.split('.')
const forged = Buffer.from(JSON.stringify({ ...payload, sub: '1' })).toString('base64url')
const refusals = await Promise.all([
  jwtVerify(`${head}.${forged}.${signature}`, keys, rules).catch((e) => e.code),
  jwtVerify(TOKEN, keys, { ...rules, audience: 'https://elsewhere.example' }).catch((e) => e.code),
])
console.log(JSON.stringify({ header: protectedHeader, claims: payload, refusals }))
