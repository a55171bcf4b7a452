// Follows links as a curious person does, each kind of page a few times.

// Files, not pages: they are asked for, not opened.
const isFile = (url) => /\.(csv|ndjson|json|yaml|txt|mp3|png|svg)$/.test(url.pathname) || /\/(export|download|recording)\b/.test(url.pathname);

/** The kind of page that an address is: numbers and identifiers left out, names of parameters kept. */
export function kind(url) {
  const path = url.pathname
    .replace(/\/[0-9a-f]{8}-[0-9a-f-]{27}(?=\/|$)/g, '/{id}')
    .replace(/\/[^/]*\d[^/]*(?=\/|$)/g, '/{id}');
  const names = [...new Set(url.searchParams.keys())].sort();
  return path + (names.length ? `?${names.join('&')}` : '');
}

/**
 * Visits every kind of page that links lead to from start, at most each times,
 * within start's origin and below prefix. look(page, url, kind) is called on each.
 * Gives what was seen: pages by kind, and the files that were linked.
 */
export async function crawl(page, start, look, { each = 2, below = () => true, most = 400 } = {}) {
  const origin = new URL(start).origin;
  const queue = [new URL(start)];
  const queued = new Map([[kind(queue[0]), 1]]);
  const known = new Set([queue[0].href]);
  const seen = new Map();
  const files = new Map();
  while (queue.length && [...seen.values()].reduce((n, l) => n + l.length, 0) < most) {
    const url = queue.shift();
    const answer = await page.goto(url.href);
    const k = kind(url);
    seen.set(k, [...(seen.get(k) ?? []), url.href]);
    await look(page, url, k, answer);
    for (const href of await page.$$eval('a[href]', (all) => all.map((a) => a.href))) {
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
