// The console as everybody else sees it, on both stands: administrators and
// developers, whose screens are fewer.
import { before } from 'node:test';
import { knockEverywhere } from './lib/api.mjs';
import { tour } from './lib/tour.mjs';

before(async () => {
  await knockEverywhere();
  await knockEverywhere({ stand: 'test' });
});

for (const round of [
  { as: 'administrator', stand: 'test', language: 'en', first: 'dark', deep: true },
  { as: 'administrator', stand: 'production', language: 'en', first: 'dark' },
  { as: 'developer', stand: 'production', language: 'en', first: 'light' },
  { as: 'developer', stand: 'test', language: 'ru', first: 'dark' },
]) tour(round);
