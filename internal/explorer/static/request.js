// A request as the page sends it and as the snippets spell it:
//
//   { method, url, headers: [[name, value]], form: [[name, value]] | null,
//     body: text | null, show: null | { kind: 'bearer', token } | { kind: 'basic', user, password } }
//
// url is absolute and encoded. Of form and body at most one is there.

/** Fills templates such as "{client_id}" from a table; null where a value is missing. */
export function fill(template, values) {
  let missing = false;
  const text = template.replace(/\{(\w+)\}/g, (_, name) => {
    if (!values[name]) missing = true;
    return values[name] ?? '';
  });
  return missing ? null : text;
}

/** Encodes a value of a path. Dots alone would be taken for a way up. */
export function segment(value) {
  if (value === '.' || value === '..') throw new RangeError('dots');
  return encodeURIComponent(value).replaceAll('%40', '@').replaceAll('%3A', ':');
}

/** The address of a path with {wildcards} and a list of query pairs. */
export function address(origin, path, values, query) {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name) => segment(values[name] ?? ''));
  const text = query.map(([k, v]) => `${encodeURIComponent(k).replaceAll('%24', '$')}=${encodeURIComponent(v)}`).join('&');
  return origin + filled + (text && `?${text}`);
}

/** The request of one step of a way in. What may be left empty and is, is not sent. */
export function exchange(origin, way, step, values, lifetime) {
  const headers = lifetime ? [['X-Propusk-Token-Lifetime', String(lifetime)]] : [];
  const spare = way.Inputs.filter((i) => i.Optional && !values[i.Name]).map((i) => `{${i.Name}}`);
  const pairs = (list) => list.filter((p) => !spare.includes(p.Value)).map((p) => [p.Name, fill(p.Value, values) ?? '']);
  const request = { method: step.Method, url: origin + step.Path, headers, form: null, body: null, show: null };
  if (step.Form) request.form = pairs(step.Form);
  if (step.JSON) {
    request.body = JSON.stringify(Object.fromEntries(pairs(step.JSON)));
    headers.push(['Content-Type', 'application/json']);
  }
  if (step.Bearer) request.show = { kind: 'bearer', token: fill(step.Bearer, values) ?? '' };
  if (step.User) request.show = { kind: 'basic', user: fill(step.User, values) ?? '', password: fill(step.Password, values) ?? '' };
  return request;
}

/** Base64 of the UTF-8 of a text. */
export function base64(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (b) => String.fromCharCode(b)).join(''));
}

/** The value of the Authorization field; null = none is sent. */
export function authorization(show) {
  if (!show) return null;
  if (show.kind === 'basic') return `Basic ${base64(`${show.user}:${show.password}`)}`;
  return show.token ? `Bearer ${show.token}` : null;
}

/** The body as it is sent. */
export function bodyOf(request) {
  if (request.form) return new URLSearchParams(request.form).toString();
  return request.body;
}

/** Sends a request and gives the answer; cookies stay out of it. */
export function send(fetch, request, options = {}) {
  const headers = new Headers();
  for (const [name, value] of request.headers) headers.append(name, value);
  if (request.form) headers.set('Content-Type', 'application/x-www-form-urlencoded');
  const shown = authorization(request.show);
  if (shown) headers.set('Authorization', shown);
  return fetch(request.url, {
    method: request.method, headers, body: bodyOf(request) ?? undefined,
    credentials: 'omit', cache: 'no-store', redirect: 'manual', referrerPolicy: 'no-referrer', ...options,
  });
}
