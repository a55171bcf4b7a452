// What people come to the console for, in the words of the source documents: a
// secret of each kind is made, shown this once, opens the API, and once it is taken
// away opens it no more.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fixture } from './lib/arrangement.mjs';
import { base } from './lib/api.mjs';
import { browseAs } from './lib/console.mjs';
import { element, hubex, operator, ringme } from './lib/doors.mjs';
import { send } from './lib/http.mjs';
import { inspect } from './lib/inspect.mjs';
import { everyRight, follow, languages, menu, press, row, shown, shownOnce, text, words } from './lib/steps.mjs';

const whoever = { as: 'administrator', account: 1 };
const here = /127\.0\.0\.1/; // where those sit who call the API

for (const language of languages) {
  const t = words(language);

  test(`a service token, in ${language}: generated, generated anew with an overlap, revoked`, browseAs({ ...whoever, language }, async ({ page, url }) => {
    const name = t('Выгрузка в хранилище', 'Export to the warehouse');
    await page.goto(url('/'));
    await menu(page, t('Служебные пользователи', 'Service users'));
    await follow(page, t('Пользователь API', 'API user'));
    await page.fill('[name=name]', name);
    await everyRight(page);
    await press(page, t('Создать', 'Create'));
    assert.equal(await page.innerText('h1'), name);
    const home = page.url();

    await follow(page, t('Сгенерировать', 'Generate'));
    await page.fill('[name=description]', 'ETL');
    await page.fill('[name=expires]', '2099-12-31');
    await press(page, t('Сгенерировать', 'Generate'));
    const [first] = await shown(page);
    assert.match(await text(page), /2099/);
    const pair = await hubex.enter(first);
    assert.equal(pair.status, 200, pair.text);
    assert.equal((await hubex.tasks(pair.json.access_token)).status, 200);
    await shownOnce(page, first);

    await page.goto(home);
    await follow(page, t('Сгенерировать', 'Generate'));
    assert.match(await text(page), here, 'it says who uses the present one');
    await page.selectOption('[name=overlap]', { label: t('1 час', '1 hour') });
    await press(page, t('Сгенерировать', 'Generate'));
    const second = (await shown(page)).at(-1);
    for (const one of [first, second]) assert.equal((await hubex.enter(one)).status, 200, 'both are taken meanwhile');
    await follow(page, t('Сохранено, продолжить', 'I have saved it'));
    assert.match(await text(page), t(/Кто ещё работает с прежним токеном/, /Who still works with the former token/));
    await inspect(page);

    await follow(page, t('Завершить сейчас', 'End now'));
    assert.match(await text(page), here, 'it says who stops');
    await inspect(page);
    await press(page, t('Отозвать', 'Revoke'));
    assert.equal((await hubex.tasks(pair.json.access_token)).status, 401);
    assert.equal((await hubex.enter(first)).status, 401);
    const next = await hubex.enter(second);
    assert.equal(next.status, 200, next.text);

    await page.goto(home);
    await follow(page, t('Отозвать', 'Revoke'));
    await press(page, t('Отозвать', 'Revoke'));
    assert.equal((await hubex.tasks(next.json.access_token)).status, 401);
    assert.equal((await hubex.enter(second)).status, 401);

    await page.goto(home);
    await follow(page, '/delete');
    await press(page, t('Удалить', 'Delete'));
    assert.equal(await row(page, name).count(), 0);
  }));

  test(`an access key, in ${language}: got under Profile, used, deleted`, browseAs({ ...whoever, language }, async ({ page, url }) => {
    const name = t('Резервная копия', 'Nightly copy');
    await page.goto(url('/'));
    await menu(page, t('Ключи доступа', 'Access keys'));
    await follow(page, t('Получить', 'Get'));
    await page.fill('[name=description]', name);
    await press(page, t('Получить', 'Get'));
    const [id, secret] = await shown(page);
    const got = await element.enter(id, secret);
    assert.equal(got.status, 200, got.text);
    assert.equal((await element.me(got.json.id_token)).status, 200);
    await shownOnce(page, secret);

    await page.goto(url('/keys'));
    await inspect(page);
    await follow(page, t('Отозвать', 'Revoke'), row(page, name));
    assert.match(await text(page), here, 'it says who stops');
    assert.match(await text(page), new RegExp(id));
    await inspect(page);
    await press(page, t('Удалить', 'Delete'));
    assert.equal((await element.me(got.json.id_token)).status, 401);
    assert.notEqual((await element.enter(id, secret)).status, 200);
    assert.equal(await row(page, name).count(), 0);
  }));

  test(`an authorization token, in ${language}: what stops is said before, the former ends at once`, browseAs({ ...whoever, language }, async ({ page, url }) => {
    await page.goto(url('/'));
    await menu(page, t('Интеграционные API', 'Integration API'));
    const get = t('Получить authorization token', 'Get an authorization token');
    await follow(page, get);
    await press(page, get);
    const former = (await shown(page)).at(-1);
    const before = await operator.enter(former);
    assert.equal(before.status, 200, before.text);
    assert.notEqual((await operator.history(before.json.accessToken)).status, 401);
    await shownOnce(page, former);

    await page.goto(url('/integration-api'));
    await inspect(page);
    await follow(page, get);
    assert.match(await text(page), t(/Что перестанет работать/, /What will stop working/));
    assert.match(await text(page), here, 'it says who stops');
    await inspect(page);
    await press(page, get);
    const secret = (await shown(page)).at(-1);
    assert.equal((await operator.history(before.json.accessToken)).status, 401);
    assert.notEqual((await operator.enter(former)).status, 200);
    const after = await operator.enter(secret);
    assert.equal(after.status, 200, after.text);

    await page.goto(url('/integration-api'));
    await follow(page, t('Отозвать', 'Revoke'));
    await press(page, t('Отозвать', 'Revoke'));
    assert.equal((await operator.history(after.json.accessToken)).status, 401);
    assert.notEqual((await operator.enter(secret)).status, 200);
    await page.goto(url('/integration-api'));
    await inspect(page);
  }));

  test(`an application, in ${language}: registered, its secret changed with an overlap, and ended`, browseAs({ ...whoever, language }, async ({ page, url }) => {
    const name = t('Отчёты по звонкам', 'Call reports');
    await page.goto(url('/'));
    await menu(page, t('Приложения', 'Applications'));
    await follow(page, '/applications/new');
    await page.fill('[name=name]', name);
    await page.selectOption('[name=type]', 'trusted');
    await press(page, t('Зарегистрировать', 'Register'));
    const [id, former] = await shown(page);
    const got = await ringme.enter(id, former);
    assert.equal(got.status, 200, got.text);
    assert.equal((await ringme.me(got.json.access_token)).status, 200);
    await shownOnce(page, former);

    await page.goto(url('/applications'));
    await follow(page, name);
    const home = page.url();
    await inspect(page);
    await follow(page, t('Новый секрет', 'New secret'));
    assert.match(await text(page), here, 'it says who uses the present one');
    await page.selectOption('[name=overlap]', { label: t('1 час', '1 hour') });
    await press(page, t('Новый секрет', 'New secret'));
    const secret = (await shown(page)).at(-1);
    assert.notEqual(secret, former);
    for (const one of [secret, former]) assert.equal((await ringme.enter(id, one)).status, 200, 'both live meanwhile');

    await page.goto(home);
    await follow(page, t('Завершить сейчас', 'End now'));
    await press(page, t('Отозвать', 'Revoke'));
    assert.notEqual((await ringme.enter(id, former)).status, 200);
    const now = await ringme.enter(id, secret);
    assert.equal(now.status, 200, now.text);

    await page.goto(home);
    await follow(page, '/delete');
    await press(page, t('Удалить', 'Delete'));
    assert.notEqual((await ringme.enter(id, secret)).status, 200);
    for (const one of [got, now]) assert.equal((await ringme.me(one.json.access_token)).status, 401);
  }));

  test(`an application for users, in ${language}: its redirect URLs are taken to the letter`, browseAs({ ...whoever, language }, async ({ page, url, watch }) => {
    const back = 'https://crm.example/back';
    const ask = (redirect_uri, client_id) => send(`${base()}/oauth/authorize?${new URLSearchParams({
      response_type: 'code', client_id, redirect_uri, state: 's', scope: 'all', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256',
    })}`);
    await page.goto(url('/app/register'));
    await page.fill('[name=name]', 'CRM');
    await page.selectOption('[name=type]', 'public');
    await page.fill('[name=redirect-uris]', 'http://crm.example/back');
    watch.expect(400);
    await press(page, t('Зарегистрировать', 'Register'), { status: 400 });
    assert.equal(await page.inputValue('[name=name]'), 'CRM', 'a form is not filled in twice');
    await inspect(page);
    await page.fill('[name=redirect-uris]', back);
    await press(page, t('Зарегистрировать', 'Register'));
    const [id] = await shown(page);
    await page.goto(url('/applications'));
    await follow(page, 'CRM');
    const home = page.url();
    assert.match(await text(page), /https:\/\/crm\.example\/back/);
    assert.ok((await ask(back, id)).status < 400);
    for (const other of [`${back}/`, `${back}?a=b`, 'https://CRM.example/back', 'https://crm.example:443/back']) {
      assert.equal((await ask(other, id)).status, 400, other);
    }

    await follow(page, '/edit');
    await page.fill('[name=redirect-uris]', `${back}/2`);
    await press(page, t('Сохранить', 'Save'));
    assert.equal((await ask(back, id)).status, 400);
    assert.ok((await ask(`${back}/2`, id)).status < 400);
    await page.goto(home);
    await follow(page, '/delete');
    await press(page, t('Удалить', 'Delete'));
    assert.equal((await ask(`${back}/2`, id)).status, 400);
  }));
}

test('no list, page or export shows a secret of the fixture again', browseAs(whoever, async ({ page, url }) => {
  const { hubex: h, element: e, oauth, ringme: r } = fixture().accounts[1];
  const secrets = [h.service_token, e.client_secret, oauth.client_secret, r.trusted.application_secret];
  for (const path of ['/service-users', `/service-users/${h.service_user_id}`, '/keys', '/applications', '/tokens', '/audit']) {
    await page.goto(url(path));
    const html = await page.content();
    for (const secret of secrets) assert.ok(!html.includes(secret), `${path} shows ${secret.slice(0, 4)}…`);
  }
}));
