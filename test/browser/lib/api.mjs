// The API as a program calls it, to arrange what a page shows and to see what a
// secret from a page opens.
import assert from 'node:assert/strict';
import { fixture } from './arrangement.mjs';
import { send } from './http.mjs';

/** The address of the API of one of the demo's stands; an address is one itself. */
export function base(stand = 'production') {
  if (stand.startsWith('http')) return stand;
  return stand === 'test' ? fixture().test_base_url : fixture().base_url;
}

/** Sends JSON or a form (URLSearchParams) and gives { status, headers, text, json }. */
export async function call(url, { method, token, basic, body, headers = {} } = {}) {
  const form = body instanceof URLSearchParams;
  const answer = await send(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(basic && { Authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
      ...(body !== undefined && { 'Content-Type': form ? 'application/x-www-form-urlencoded' : 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : form ? body.toString() : JSON.stringify(body),
  });
  let json;
  try { json = JSON.parse(answer.text); } catch { /* not every answer is JSON */ }
  return { ...answer, json };
}

/** The management API of an account as its administrator: manage('/roles', { name }). */
export async function manager({ stand = 'production', account = 0 } = {}) {
  const key = (stand === 'test' ? fixture().test.accounts : fixture().accounts)[account].element;
  const got = await call(`${base(stand)}/console/sys/token`, {
    basic: `${key.client_id}:${key.client_secret}`, body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  assert.equal(got.status, 200, got.text);
  return (path, body, method) => call(`${base(stand)}/console/api/v2${path}`, { token: got.json.id_token, body, method });
}

/** The id of a role by its name. */
export async function role(manage, name) {
  const all = await manage('/roles');
  return all.json.find((r) => r.name === name).id;
}

/** Has every kind of secret of an account used once, so that pages have living tokens to show. */
export async function knockEverywhere({ stand = 'production', account = 0 } = {}) {
  const { hubex, ringme, operator, oauth, smarts } = (stand === 'test' ? fixture().test.accounts : fixture().accounts)[account];
  const at = base(stand);
  const grant = (id, secret) => call(`${at}/oauth/token`, { basic: `${id}:${secret}`, body: new URLSearchParams({ grant_type: 'client_credentials' }) });
  const answers = await Promise.all([
    call(`${at}/fsm/AUTHZ/AccessTokens`, { body: { serviceToken: hubex.service_token } }),
    call(`${at}/fsm/AUTHZ/AccessTokens`, { body: { serviceToken: hubex.area_service_token } }),
    grant(ringme.trusted.application_id, ringme.trusted.application_secret),
    grant(oauth.client_id, oauth.client_secret),
    call(`${at}/api/v1/auth/integrationapi/create`, { token: operator.authorization_token }),
    call(`${at}/api/v1/UserGroups`, { basic: `${smarts.external.username}:${smarts.external.password}` }),
    manager({ stand, account }).then((manage) => manage('/me')),
  ]);
  for (const a of answers) assert.ok(a.status < 300, `${a.status} ${a.text}`);
}
