// An application sends a browser to /oauth/authorize; the user signs in, is asked
// once, and the browser comes back with a code that opens the API until he takes
// his consent back.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { fixture } from './lib/arrangement.mjs';
import { base } from './lib/api.mjs';
import { browse } from './lib/browser.mjs';
import { inspect } from './lib/inspect.mjs';

// Where the demo's applications want users back.
const answers = [];
const application = createServer((request, response) => {
  answers.push(new URL(request.url, 'http://127.0.0.1:8765'));
  response.setHeader('Content-Type', 'text/html');
  response.end('<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>back</title>');
});
before(() => new Promise((ready) => { application.listen(8765, '127.0.0.1', ready); }));
after(() => { application.closeAllConnections(); application.close(); });

const accounts = (stand) => (stand === 'test' ? fixture().test.accounts : fixture().accounts);

for (const [language, stand, allow, back, take] of [
  ['ru', 'production', 'Разрешить', 'Выданные согласия', 'Отозвать'],
  ['en', 'test', 'Allow', 'Consents given', 'Take back'],
]) {
  test(`consent on ${stand}, in ${language}`, browse({ language }, async ({ page, context, watch }) => {
    const { public: app, user } = accounts(stand)[1].ringme;
    const home = new URL(app.redirect_uri).origin;
    watch.allow(home, base(stand), fixture().console_url);
    const already = answers.length;
    const verifier = randomBytes(32).toString('base64url');
    const ask = new URL('/oauth/authorize', base(stand));
    ask.search = new URLSearchParams({
      response_type: 'code', client_id: app.application_id, redirect_uri: app.redirect_uri, state: 'a state', scope: 'all',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    });

    await page.goto(ask.href);
    assert.match(new URL(page.url()).pathname, /\/sign-in$/);
    await page.fill('[name=login]', user.login);
    await page.fill('[name=password]', user.password);
    await page.press('[name=password]', 'Enter');
    await page.waitForURL(/\/authorize\?/);
    await inspect(page);
    await page.click(`button:has-text("${allow}")`);
    await page.waitForURL(`${home}/**`);
    const answer = answers.at(-1).searchParams;
    assert.equal(answer.get('state'), 'a state');
    assert.equal(answer.get('iss'), base(stand));

    const form = new URLSearchParams({
      grant_type: 'authorization_code', client_id: app.application_id, redirect_uri: app.redirect_uri, code: answer.get('code'), code_verifier: verifier,
    });
    const got = await fetch(`${base(stand)}/oauth/token`, { method: 'POST', body: form });
    assert.equal(got.status, 200);
    const { access_token: token } = await got.json();
    const me = () => fetch(`${base(stand)}/api/ver1.0/user/`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await (await me()).json()).login, user.login);

    // Straight through, also when the session is new: sign-in is a form, too.
    await page.goto(ask.href);
    assert.equal(new URL(page.url()).origin, home);
    await context.clearCookies();
    await page.goto(ask.href);
    await page.fill('[name=login]', user.login);
    await page.fill('[name=password]', user.password);
    await page.press('[name=password]', 'Enter');
    await page.waitForURL(`${home}/**`);
    assert.equal(answers.length - already, 3);

    await page.goto(new URL(`${stand === 'test' ? '/test' : ''}/consents`, fixture().console_url).href);
    assert.equal(await page.innerText('h1'), back);
    await inspect(page);
    await page.click(`a:has-text("${take}")`);
    await inspect(page);
    await page.click(`main button:has-text("${take}")`);
    await page.waitForSelector('[role=status]');
    assert.equal((await me()).status, 401);
  }));
}
