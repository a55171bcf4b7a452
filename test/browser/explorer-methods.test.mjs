// The explorer: every method that reads runs from the page of its API, with what
// the demo's people have.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { base } from './lib/api.mjs';
import { browse } from './lib/browser.mjs';
import { enter, method, run } from './lib/explorer.mjs';

const account = (stand) => (stand === 'test' ? fixture().test.accounts : fixture().accounts)[1];
const quoted = (id) => `'${String(id).replaceAll("'", "''")}'`;

// For each API: what opens it, what is known before, and what the answer of a
// method tells about the next ones.
const apis = {
  hubex: {
    have: (a) => ({ serviceToken: a.hubex.service_token }),
    learn: { getWORKTasks: (r) => ({ id: r.data[0].id }) },
  },
  smarts: {
    have: (a) => a.smarts.external,
    know: (a) => ({ ...a.smarts.external, type: 'PodborZakaza', $top: 2 }),
    learn: {
      getUsers: (r) => ({ key: quoted(r.value[0].id) }), getUserGroups: (r) => ({ key: quoted(r.value[0].id) }),
      getWarehouses: (r) => ({ key: quoted(r.value[0].id) }), getDocTypes: (r) => ({ key: quoted(r.value[0].name) }),
      getProducts: (r) => ({ product: quoted(r.value[0].id) }), getDocsByType: (r) => ({ document: quoted(r.value[0].id) }),
    },
    more: ['username', 'password', '$top'],
  },
  element: {
    have: () => fixture().owner.element ?? fixture().accounts[0].element,
    learn: {
      getMe: (r) => ({ list: r['user-list-id'], user: r.id, principal: r.id }),
      getServiceUsers: (r) => ({ service: r[0].id }), getApplications: (r) => ({ application: r[0].id }),
      getRoles: (r) => ({ role: r[0].id }), getAreas: (r) => ({ area: r[0].id }), getAccounts: (r) => ({ account: r[0].id }),
    },
  },
  ringme: {
    have: (a) => ({ client_id: a.ringme.trusted.application_id, client_secret: a.ringme.trusted.application_secret }),
    know: (a) => ({ client: '@me', response_type: 'code', client_id: a.ringme.public.application_id, redirect_uri: a.ringme.public.redirect_uri }),
    learn: {
      getClientCallHistory: (r) => ({ call: r.call_history[0].call_uuid }), getClientRecord: (r) => ({ record: r[0].record_uuid }),
      getClientRecordStorageUrl: (r) => ({ link: r.record_url.split('/').at(-1) }), getClientExtension: (r) => ({ extension: String(r[0].id) }),
    },
  },
  operator: {
    stand: 'test', // on production other files replace this account's authorization token and end its pair
    have: (a) => ({ authorization_token: a.operator.authorization_token }),
    know: (a) => ({ recordFileId: a.operator.record_file_id }),
    first: ['postRequestGetcallhistory'],
    learn: { postRequestGetcallhistory: (r) => ({ requestHash: r.result.requestHash }) },
    last: ['getAuthIntegrationapiRefresh', 'getAuthIntegrationapiCreate'], // each ends the pair in hand
  },
  oauth: {
    have: (a) => ({ client_id: a.oauth.client_id, client_secret: a.oauth.client_secret }),
    know: (a) => ({ response_type: 'code', client_id: a.oauth.client_id, redirect_uri: a.oauth.redirect_uri }),
    learn: {},
  },
};

/** The methods of a page that read, in an order in which one tells of the next. */
async function readers(page, { first = [], last = [] }) {
  const all = await page.locator('form.call[data-method="GET"]').evaluateAll((forms) => forms.map((f) => f.closest('details').id));
  return [...first, ...all.filter((id) => !first.includes(id) && !last.includes(id)), ...last];
}

/** Values for the fields of a method that must be there. */
async function values(page, id, known, more = []) {
  const names = await method(page, id).locator('[data-in]').evaluateAll((all) => all.filter((f) => f.required).map((f) => f.dataset.name));
  const wanted = [...names, ...more];
  const lacks = names.filter((n) => known[n] === undefined);
  assert.deepEqual(lacks, [], `${id} asks for ${lacks}`);
  const there = await method(page, id).locator('[data-in]').evaluateAll((all) => all.map((f) => f.dataset.name));
  return Object.fromEntries(wanted.filter((n) => there.includes(n) && known[n] !== undefined).map((n) => [n, String(known[n])]));
}

for (const [dialect, api] of Object.entries(apis)) {
  test(`${dialect}: every method that reads`, browse({ language: 'en' }, async ({ page, watch }) => {
    const who = account(api.stand);
    watch.allow(base(api.stand), fixture().console_url, who.ringme.public.redirect_uri); // /oauth/authorize leads there
    await page.goto(`${base(api.stand)}/explorer/${dialect}`);
    await enter(page, api.have(who));
    const known = { ...api.know?.(who) };
    const ids = await readers(page, api);
    assert.ok(ids.length > 3, `${ids}`);
    for (const id of ids) {
      const { status, good, text } = await run(page, id, await values(page, id, known, api.more));
      assert.ok(good, `${id}: ${status} ${text.slice(0, 300)}`);
      if (api.learn[id]) Object.assign(known, api.learn[id](JSON.parse(text)));
    }
  }));
}
