// Follows links as a curious person does, each kind of page a few times.
import { screens } from './arrangement.mjs';

// Files, not pages: they are asked for, not opened.
const isFile = (url) => /\.(csv|ndjson|json|yaml|txt|mp3|png|svg)$/.test(url.pathname) || /\/(export|download|recording)\b/.test(url.pathname);

// The screens of the console as patterns of paths; what is spelled out comes first.
let patterns;

/** The screen that an address is of, as "/users/{id}"; undefined for none. The stand and another account's prefix are left out. */
export function screenOf(url) {
  patterns ??= screens()
    .map((s) => ({ s, named: s.split('{').length, re: new RegExp(`^${s.replace(/\{[^}]+\}/g, '[^/]+')}$`) }))
    .sort((a, b) => a.named - b.named);
  const path = url.pathname.replace(/^\/test(?=\/|$)/, '').replace(/^\/in\/\d+(?=\/)/, '') || '/';
  return patterns.find((p) => p.re.test(path))?.s;
}

/** The kind of page that an address is: its screen, with the stand, the prefix and the names of its parameters. */
export function kind(url) {
  const before = (url.pathname.startsWith('/test') ? '/test' : '') + (/\/in\/\d+\//.test(url.pathname) ? '/in/{account}' : '');
  const path = before + (screenOf(url) ?? url.pathname.replace(/\/[^/]*\d[^/]*(?=\/|$)/g, '/{id}'));
  const names = [...new Set(url.searchParams.keys())].sort();
  return path + (names.length ? `?${names.join('&')}` : '');
}

/**
 * Visits every kind of page that links lead to from start and seeds, at most each
 * times, within start's origin and below prefix. look(page, url, kind, answer) is
 * called on each. Gives what was seen: pages by kind, and the files that were linked.
 */
export async function crawl(page, start, look, { each = 2, below = () => true, most = 600, seeds = [] } = {}) {
  const origin = new URL(start).origin;
  const queue = [start, ...seeds].map((s) => new URL(s));
  const queued = new Map(queue.map((u) => [kind(u), 1]));
  const known = new Set(queue.map((u) => u.href));
  const seen = new Map();
  const files = new Map();
  for (let visited = 0; queue.length && visited < most; visited++) {
    const url = queue.shift();
    const answer = await page.goto(url.href);
    const k = kind(url);
    seen.set(k, [...(seen.get(k) ?? []), url.href]);
    const links = await page.$$eval('a[href]', (all) => all.map((a) => a.href));
    await look(page, url, k, answer);
    for (const href of links) {
      const next = new URL(href);
      next.hash = '';
      if (next.origin !== origin || known.has(next.href) || !below(next)) continue;
      known.add(next.href);
      if (isFile(next)) {
        if (!files.has(kind(next))) files.set(kind(next), next.href);
        continue;
      }
      const times = queued.get(kind(next)) ?? 0;
      if (times >= each) continue;
      queued.set(kind(next), times + 1);
      queue.push(next);
    }
  }
  return { seen, files };
}
