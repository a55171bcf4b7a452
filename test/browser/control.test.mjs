// The owner of a deployment, from its first minute on a server of his own: the first
// start, roles, areas, accounts, settings, signing keys, and what each does to a
// program that calls the API.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { screens } from './lib/arrangement.mjs';
import { browse, visitor } from './lib/browser.mjs';
import { signIn } from './lib/console.mjs';
import { hubex } from './lib/doors.mjs';
import { send } from './lib/http.mjs';
import { inspect } from './lib/inspect.mjs';
import { serve } from './lib/serve.mjs';
import { everyRight, follow, languages, menu, press, row, shown, shownOnce, text, words } from './lib/steps.mjs';

let own, state, code;
const owner = { login: 'owner@example.com', password: '' };

before(async () => { own = await serve(); });
after(() => own?.stop());

const at = (path) => own.base + path;
const enter = (secret) => hubex.enter(secret, own.api);
const tasks = (token) => hubex.tasks(token, own.api);

/** browse() as the owner. */
const asOwner = (options, run) => browse(options, run, (o) => visitor({ ...o, state }));

test('the first start: one page, for this machine alone, once', browse({ language: 'ru' }, async ({ page, context }) => {
  for (const path of ['/', '/service-users', '/sign-in', '/test/']) {
    await page.goto(at(path));
    assert.match(new URL(page.url()).pathname, /^(\/test)?\/setup$/, path);
  }
  // Whoever comes through a proxy comes from elsewhere.
  for (const name of ['X-Forwarded-For', 'Forwarded', 'Via']) {
    const there = await send(at('/setup'), { headers: { [name]: '203.0.113.9', 'Accept-Language': 'ru' } });
    assert.equal(there.status, 403, name);
    assert.match(there.text, /с самой машины|самой машины|с его машины|настройте его/);
  }
  assert.equal((await send(`${own.api}/fsm/WORK/Tasks`)).status, 401);
  await page.goto(at('/setup'));
  await page.fill('[name=code]', own.code);
  await page.fill('[name=name]', 'Ромашка');
  await page.fill('[name=login]', owner.login);
  await page.click('form.stack button');
  await page.waitForSelector('[data-secret]');
  [owner.password] = await shown(page);
  code = own.code;
  const again = await send(at('/setup'), { method: 'POST', body: new URLSearchParams({ code, name: 'x', login: 'y' }).toString(), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  assert.ok(again.status >= 300, 'the code works once');
  await signIn(page, owner, 'production', own.base);
  await page.goto(at('/'));
  await inspect(page);
  state = await context.storageState();
}));

// Screens that have nothing to show in the first minute, and addresses that are no
// screen without what they are asked about.
const bare = ['/service-users', '/applications', '/profile/applications', '/integration-api', '/keys', '/tasks', '/calls', '/areas', '/consents'];
const pointless = ['/authorize', '/audit/export', '/tokens/revoke', '/integration-api/revoke', '/prove', '/app/register', '/authorization/off'];

/** What the page says where it has nothing to show. */
const next = async (page, where) => assert.ok((await page.locator('.empty p').first().innerText()).length > 20, where);

test('an account that is empty says on every screen what to do next', asOwner({ language: 'en' }, async ({ page }) => {
  const all = screens().filter((path) => !path.includes('{') && !pointless.includes(path));
  for (const path of bare) assert.ok(all.includes(path), path);
  for (const path of all) {
    const answer = await page.goto(at(path));
    assert.equal(answer.status(), 200, path);
    await inspect(page, { themes: ['light'] });
    assert.equal(await page.locator('main table:not(:has(tbody tr))').count(), 0, `${path}: a table without a row`);
    for (const words of await page.locator('main .empty p, main p.quiet').allInnerTexts()) assert.ok(words.length > 20, `${path}: ${words}`);
    if (bare.includes(path)) await next(page, path);
  }
}));

test('what has just been made says what to do next', asOwner({ language: 'en' }, async ({ page }) => {
  await page.goto(at('/service-users/new'));
  await page.fill('[name=name]', 'Empty-handed');
  await press(page, 'Create');
  await next(page, 'a service user without a token');
  await follow(page, '/delete');
  await press(page, 'Delete');
  await page.goto(at('/applications/new'));
  await page.fill('[name=name]', 'Unknown to all');
  await page.selectOption('[name=type]', 'trusted');
  await press(page, 'Register');
  await page.goto(at('/applications'));
  await follow(page, 'Unknown to all');
  const home = page.url();
  await follow(page, '/consents');
  await next(page, 'an application that nobody has let in');
  await inspect(page, { themes: ['light'] });
  await page.goto(home);
  await follow(page, '/delete');
  await press(page, 'Delete');
  for (const path of ['/users?q=nobody', '/tasks?q=nothing', '/tokens?who=nobody', '/audit?verb=task.create', '/service-users?q=nobody']) {
    await page.goto(at(path));
    await next(page, path);
  }
}));

const program = {};

for (const language of languages) {
  const t = words(language);
  const kept = {};
  program[language] = kept;

  test(`an area and a role, in ${language}, and a program that has them`, asOwner({ language }, async ({ page }) => {
    const [area, role, name] = [t('Север', 'North'), t('Диспетчер', 'Dispatcher'), t('Телеграм-бот', 'Telegram bot')];
    await page.goto(at('/'));
    await menu(page, t('Участки', 'Areas'));
    await page.fill('[name=name]', `${area} 2`);
    await press(page, t('Создать', 'Create'));
    await follow(page, t('Переименовать', 'Rename'), row(page, `${area} 2`));
    await page.fill('[name=name]', area);
    await press(page, t('Сохранить', 'Save'));

    await menu(page, t('Роли', 'Roles'));
    await follow(page, t('Новая роль', 'New role'));
    await inspect(page);
    await page.fill('[name=name]', role);
    await page.check('[name=permission][value=TasksList]');
    await press(page, t('Создать', 'Create'));
    kept.role = page.url();

    await page.goto(at('/service-users/new'));
    await page.fill('[name=name]', name);
    await page.getByRole('checkbox', { name: role }).check();
    await page.getByRole('checkbox', { name: area }).check();
    await press(page, t('Создать', 'Create'));
    await follow(page, t('Сгенерировать', 'Generate'));
    await press(page, t('Сгенерировать', 'Generate'));
    [kept.secret] = await shown(page);
    const pair = await enter(kept.secret);
    assert.equal(pair.status, 200, pair.text);
    assert.equal((await tasks(pair.json.access_token)).status, 200);
    kept.pair = pair.json;

    await page.goto(kept.role);
    assert.match(await text(page), new RegExp(name), 'who holds the role');
    await page.uncheck('[name=permission][value=TasksList]');
    await page.check('[name=permission][value=TaskAdd]');
    await press(page, t('Сохранить', 'Save'));
    assert.equal((await tasks(kept.pair.access_token)).status, 403, 'what the role lost, its holders lost');
    await page.check('[name=permission][value=TasksList]');
    await press(page, t('Сохранить', 'Save'));
    assert.equal((await tasks(kept.pair.access_token)).status, 200);

    await follow(page, t('Удалить', 'Delete'));
    assert.equal(await page.locator('main form[method=post]').count(), 0, 'a role that somebody holds is not deleted');
    await inspect(page);
    await page.goto(at('/areas'));
    await inspect(page);
    await follow(page, t('Удалить', 'Delete'), row(page, area));
    await inspect(page);
  }));

  test(`settings, in ${language}: the lifetime of tokens, and the strict mode`, asOwner({ language }, async ({ page, watch }) => {
    const save = async (values) => {
      await page.goto(at('/settings'));
      for (const [name, value] of Object.entries(values)) {
        if (typeof value === 'boolean') await page.setChecked(`[name="${name}"]`, value);
        else await page.fill(`[name="${name}"]`, value);
      }
      const form = page.locator('#hubex form');
      await Promise.all([page.waitForEvent('load'), form.getByRole('button', { name: t('Сохранить', 'Save') }).click()]);
    };
    await page.goto(at('/'));
    await menu(page, t('Настройки', 'Settings'));
    await save({ 'hubex.lifetime': '2h' });
    assert.match(await page.innerText('[role=status]'), t(/Настройки сохранены/, /have been saved/));
    assert.equal((await enter(kept.secret)).json.expires_in, 7200);
    watch.expect(400);
    await save({ 'hubex.lifetime': t('долго', 'long') });
    assert.match(await page.innerText('main .hint.bad'), /30m, 8h/);
    await inspect(page);
    await save({ 'hubex.lifetime': '', 'hubex.strict': true });
    assert.notEqual((await tasks(kept.pair.access_token)).status, 200, 'strict: no X-Application-ID');
    await save({ 'hubex.strict': false });
    assert.equal((await tasks(kept.pair.access_token)).status, 200);
    assert.equal((await enter(kept.secret)).json.expires_in, 86400);
  }));

  test(`signing keys, in ${language}: a rotation stops nothing, a leaked key stops what it signed`, asOwner({ language }, async ({ page }) => {
    const before = (await enter(kept.secret)).json;
    await page.goto(at('/'));
    await menu(page, t('Ключи подписи', 'Signing keys'));
    const ring = page.locator('#hubex');
    const kid = await ring.locator('tr', { hasText: t('подписывает', 'signs') }).locator('code').innerText();
    await follow(page, t('Сменить ключ', 'Rotate'), ring);
    assert.match(await text(page), t(/Ничего не остановится/, /Nothing stops/));
    await inspect(page);
    await press(page, t('Сменить ключ', 'Rotate'));
    assert.match(await ring.locator('tr', { hasText: kid }).innerText(), t(/ещё проверяет/, /still verifies/));
    assert.notEqual(await ring.locator('tr', { hasText: t('подписывает', 'signs') }).locator('code').innerText(), kid);
    assert.equal((await tasks(before.access_token)).status, 200);
    const since = (await enter(kept.secret)).json;
    await inspect(page);

    await follow(page, t('Ключ утёк', 'This key has leaked'), ring.locator('tr', { hasText: kid }));
    assert.match(await text(page), new RegExp(kid));
    await inspect(page);
    await press(page, t('Отозвать ключ и всё, что им подписано', 'End the key and all that it signed'));
    assert.match(await page.locator('#hubex tr', { hasText: kid }).innerText(), t(/отозван/, /revoked/));
    assert.equal((await tasks(before.access_token)).status, 401);
    assert.equal((await tasks(since.access_token)).status, 200, 'the next key signed it');
    kept.pair = since;
  }));

  test(`another account, in ${language}: made, worked in, renamed, disabled, enabled, deleted`, asOwner({ language }, async ({ page, watch }) => {
    const [name, contract] = [t('Василёк', 'Cornflower'), `D-${language}-7`];
    await page.goto(at('/'));
    await menu(page, t('Учётные записи', 'Accounts'));
    await follow(page, t('Новая учётная запись', 'New account'));
    await page.fill('[name=name]', name);
    await page.fill('[name=contract]', contract);
    await page.fill('[name=login]', `first-${language}`);
    await press(page, t('Создать', 'Create'));
    const [password] = await shown(page);
    await shownOnce(page, password);
    await page.goto(at('/accounts'));
    await follow(page, name);
    const home = page.url();
    await inspect(page);

    // The owner makes a program in it; its own administrator sees who did.
    await follow(page, t('Работать в ней', 'Work in it'));
    assert.match(await page.innerText('main .away'), new RegExp(contract));
    await menu(page, t('Служебные пользователи', 'Service users'));
    await follow(page, t('Пользователь API', 'API user'));
    await page.fill('[name=name]', 'CRM');
    await everyRight(page);
    await press(page, t('Создать', 'Create'));
    await follow(page, t('Сгенерировать', 'Generate'));
    await press(page, t('Сгенерировать', 'Generate'));
    const [secret] = await shown(page);
    const token = (await enter(secret)).json.access_token;
    assert.equal((await tasks(token)).status, 200);
    const theirs = await visitor({ language });
    await signIn(theirs.page, { login: `first-${language}`, password }, 'production', own.base);
    await theirs.page.goto(at('/audit?verb=service_user.create'));
    assert.equal(await row(theirs.page, t('Создан служебный пользователь', 'Service user made')).count(), 1, 'what the owner does there is audited there');
    await theirs.page.goto(at('/service-users'));
    assert.equal(await row(theirs.page, 'CRM').count(), 1);
    theirs.watch.clean();

    await page.goto(home);
    await page.fill('[name=name]', `${name} 2`);
    await press(page, t('Сохранить', 'Save'));
    await page.fill('[name=host]', `${language}.example.ru`);
    await press(page, t('Привязать', 'Bind'));
    await press(page, t('Отвязать', 'Unbind'));
    await follow(page, t('Отключить', 'Disable'));
    assert.match(await text(page), t(/владельцев: 2/, /holders: 2/), 'what stops is said before');
    await inspect(page);
    await press(page, t('Отключить', 'Disable'));
    assert.equal((await tasks(token)).status, 401);
    await theirs.page.goto(at('/audit'));
    assert.equal(new URL(theirs.page.url()).pathname, '/sign-in');
    await theirs.context.close();
    await page.goto(home);
    await press(page, t('Включить', 'Enable'));
    assert.equal((await tasks(token)).status, 401, 'what was issued stays refused');
    assert.equal((await enter(secret)).status, 200);

    await follow(page, t('Отключить', 'Disable'));
    await press(page, t('Отключить', 'Disable'));
    await page.goto(home);
    await follow(page, t('Удалить', 'Delete'));
    await inspect(page);
    await page.fill('[name=contract]', 'another');
    watch.expect(400);
    await press(page, t('Удалить', 'Delete'), { status: 400 });
    await page.fill('[name=contract]', contract);
    await press(page, t('Удалить', 'Delete'));
    assert.notEqual((await enter(secret)).status, 200);
    await page.goto(at('/accounts'));
    assert.equal(await row(page, name).count(), 0);
  }));
}
