// The words of the page, in its language.
let table = {};

export function words(all) { table = all; }

export function say(key, values = {}) {
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** A time of day. */
export const clock = (date) => date.toLocaleTimeString(document.documentElement.lang, { hour12: false });

/** A stretch of milliseconds as 59:12, or 23:59:12. */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** A number of bytes. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} ${say('bytes')}`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} ${say('kib')}`;
  return `${(bytes / 1024 ** 2).toFixed(1)} ${say('mib')}`;
}
