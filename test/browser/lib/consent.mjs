// How an application asks a user to let it act as him: OAuth 2.0's authorization
// code with PKCE. RFC 6749 §4.1, RFC 7636.
import { createHash, randomBytes } from 'node:crypto';
import { base } from './api.mjs';

/** An application's request: the address to send the browser to, and what it exchanges the code by. */
export function request({ application_id, redirect_uri }, stand = 'production') {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL('/oauth/authorize', base(stand));
  url.search = new URLSearchParams({
    response_type: 'code', client_id: application_id, redirect_uri, state: 'a state', scope: 'all',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const exchange = (code) => fetch(`${base(stand)}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: application_id, redirect_uri, code, code_verifier: verifier }),
  });
  return { url: url.href, exchange };
}
