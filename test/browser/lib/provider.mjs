// A company's OpenID Connect provider, small: it lets in whoever it is told.
// OpenID Connect Core 1.0 §3.1.
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const base64 = (what) => Buffer.from(typeof what === 'string' ? what : JSON.stringify(what)).toString('base64url');

/** who is changed by the test: the claims of whoever comes next. */
export async function provider() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map();
  const self = { who: {}, client: 'propusk', secret: 'the-secret-of-the-client', asked: [] };

  const sign = (claims) => {
    const text = `${base64({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${base64(claims)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  };
  const json = (res, status, what) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(what));

  const authorize = (res, q) => {
    self.asked.push(Object.fromEntries(q));
    const code = randomUUID();
    codes.set(code, { nonce: q.get('nonce'), challenge: q.get('code_challenge'), redirect: q.get('redirect_uri') });
    const to = new URL(q.get('redirect_uri'));
    to.searchParams.set('code', code);
    to.searchParams.set('state', q.get('state'));
    res.writeHead(302, { Location: to.href }).end();
  };

  const token = (req, res, form) => {
    const begun = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const right = `Basic ${Buffer.from(`${self.client}:${self.secret}`).toString('base64')}`;
    const proof = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!begun || req.headers.authorization !== right || proof !== begun.challenge || form.get('redirect_uri') !== begun.redirect) {
      return json(res, 400, { error: 'invalid_grant' });
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: self.issuer, aud: self.client, sub: 'u1', iat: now, exp: now + 300, nonce: begun.nonce, ...self.who };
    return json(res, 200, { access_token: 'a', token_type: 'Bearer', expires_in: 300, id_token: sign(claims) });
  };

  const server = createServer((req, res) => {
    const url = new URL(req.url, self.issuer);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(res, 200, {
          issuer: self.issuer, authorization_endpoint: `${self.issuer}/authorize`, token_endpoint: `${self.issuer}/token`,
          jwks_uri: `${self.issuer}/keys`, response_types_supported: ['code'], subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        });
      case '/keys':
        return json(res, 200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }] });
      case '/authorize':
        return authorize(res, url.searchParams);
      case '/token': {
        let body = '';
        req.on('data', (c) => { body += c; });
        return req.on('end', () => token(req, res, new URLSearchParams(body)));
      }
      default:
        return res.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  self.issuer = `http://127.0.0.1:${server.address().port}`;
  self.stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return self;
}
