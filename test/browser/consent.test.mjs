// An application sends a browser to /oauth/authorize; the user signs in, is asked
// once, and the browser comes back with a code that opens the API until he takes
// his consent back.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { fixture } from './lib/arrangement.mjs';
import { base } from './lib/api.mjs';
import { browse } from './lib/browser.mjs';
import { request } from './lib/consent.mjs';
import { user as signedIn } from './lib/console.mjs';
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

for (const [language, stand, allow, back, take, kind] of [
  ['ru', 'production', 'Разрешить', 'Выданные согласия', 'Отозвать', 'Публичное'],
  ['en', 'test', 'Allow', 'Consents given', 'Take back', 'Public'],
]) {
  test(`consent on ${stand}, in ${language}`, browse({ language }, async ({ page, context, watch }) => {
    const { public: app, user } = accounts(stand)[1].ringme;
    const home = new URL(app.redirect_uri).origin;
    watch.allow(home, base(stand), fixture().console_url);
    const already = answers.length;
    const asked = request(app, stand);

    await page.goto(asked.url);
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

    const got = await asked.exchange(answer.get('code'));
    assert.equal(got.status, 200);
    const { access_token: token } = await got.json();
    const me = () => fetch(`${base(stand)}/api/ver1.0/user/`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await (await me()).json()).login, user.login);

    // Straight through, also when the session is new: sign-in is a form, too.
    await page.goto(asked.url);
    assert.equal(new URL(page.url()).origin, home);
    await context.clearCookies();
    await page.goto(asked.url);
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

    // He lets it in once more; this time whoever manages applications ends it.
    const anew = request(app, stand);
    await page.goto(anew.url);
    await page.click(`button:has-text("${allow}")`);
    await page.waitForURL(`${home}/**`);
    const { access_token: second } = await (await anew.exchange(answers.at(-1).searchParams.get('code'))).json();
    const us = () => fetch(`${base(stand)}/api/ver1.0/user/`, { headers: { authorization: `Bearer ${second}` } });
    assert.equal((await us()).status, 200);
    const manager = await signedIn({ as: 'administrator', account: 1, stand, language });
    for (let i = 0; i === 0 || await manager.page.locator(`main :text("${app.application_id}")`).count() === 0; i++) {
      await manager.page.goto(manager.url('/applications'));
      await manager.page.locator(`main tbody tr:has(td:text-is("${kind}")) th a`).nth(i).click();
      await manager.page.waitForLoadState();
    }
    await manager.page.click('main a[href$="/consents"]');
    await inspect(manager.page);
    await manager.page.click(`tr:has-text("${user.login}") a:has-text("${take}")`);
    await inspect(manager.page);
    await manager.page.click(`main button:has-text("${take}")`);
    await manager.page.waitForSelector('[role=status]');
    assert.equal((await us()).status, 401);
    manager.watch.clean();
    await manager.context.close();
  }));
}
