// A request in five languages, ready to paste. Every value goes through the
// quoting of its language, so that whatever was typed arrives as it was typed.
//
// A credential is left out as a variable, or filled in: { fill: true }.
import { bodyOf } from './request.js';

export const languages = ['curl', 'python', 'go', '1c', 'php'];

/** The request as a program. */
export function snippet(language, request, options = {}) {
  return writers[language](request, options);
}

const writers = { curl, python, go, '1c': onec, php };

const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/;

// What Python and Go read as JSON does, with nothing unseen in it.
function quote(text) {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const single = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const form = (request) => request.form && !request.form.some(([name]) => /[@=&]/.test(name));

// curl, in a POSIX shell.
function curl(request, { fill = false } = {}) {
  const before = [];
  const args = [];
  const show = request.show;
  if (show?.kind === 'bearer' && (show.token || !fill)) {
    if (fill) args.push(`-H ${single(`Authorization: Bearer ${show.token}`)}`);
    else {
      before.push("export access_token='…'", '');
      args.push('-H "Authorization: Bearer ${access_token}"');
    }
  }
  if (show?.kind === 'basic') {
    if (fill) args.push(`-u ${single(`${show.user}:${show.password}`)}`);
    else {
      before.push("export client_id='…'", "export client_secret='…'", '');
      args.push('-u "${client_id}:${client_secret}"');
    }
  }
  for (const [name, value] of request.headers) args.push(`-H ${single(`${name}: ${value}`)}`);
  if (form(request)) for (const [name, value] of request.form) args.push(`--data-urlencode ${single(`${name}=${value}`)}`);
  else if (bodyOf(request) !== null) args.push(`--data-raw ${single(bodyOf(request))}`);
  const head = `curl --globoff -X ${request.method} ${single(request.url)}`;
  return [...before, [head, ...args].join(' \\\n  '), ''].join('\n');
}

// Python with requests.
function python(request, { fill = false } = {}) {
  const out = ['import requests', ''];
  const show = request.show;
  const call = [quote(request.method), 'url'];
  const headers = request.headers.map(([name, value]) => `    ${quote(name)}: ${quote(value)},`);
  if (show?.kind === 'bearer' && (show.token || !fill)) {
    out.push(`ACCESS_TOKEN = ${quote(fill ? show.token : '…')}`, '');
    headers.unshift("    \"Authorization\": f\"Bearer {ACCESS_TOKEN}\",");
  }
  if (show?.kind === 'basic') {
    out.push(`CLIENT_ID = ${quote(fill ? show.user : '…')}`, `CLIENT_SECRET = ${quote(fill ? show.password : '…')}`, '');
  }
  out.push(`url = ${quote(request.url)}`);
  if (headers.length) {
    out.push('headers = {', ...headers, '}');
    call.push('headers=headers');
  }
  if (request.form) {
    out.push('data = [', ...request.form.map(([n, v]) => `    (${quote(n)}, ${quote(v)}),`), ']');
    call.push('data=data');
  } else if (request.body !== null) {
    out.push(`body = ${pythonText(request.body)}`);
    call.push('data=body.encode("utf-8")');
  }
  if (show?.kind === 'basic') call.push('auth=(CLIENT_ID.encode("utf-8"), CLIENT_SECRET.encode("utf-8"))');
  out.push(`response = requests.request(${call.join(', ')})`, 'print(response.status_code)', 'print(response.text)', '');
  return out.join('\n');
}

function pythonText(text) {
  const bare = text.replaceAll('\n', '');
  if (!text.includes('\n') || controls.test(bare) || /\\|"""|"$/.test(text)) return quote(text);
  return `"""${text}"""`;
}

// Go, with the standard library alone.
function go(request, { fill = false } = {}) {
  const imports = new Set(['fmt', 'io', 'log', 'net/http']);
  const show = request.show;
  const consts = [];
  const body = [];
  let reader = 'nil';
  if (request.form) {
    imports.add('net/url').add('strings');
    body.push('form := url.Values{}', ...request.form.map(([n, v]) => `form.Add(${quote(n)}, ${quote(v)})`));
    reader = 'strings.NewReader(form.Encode())';
  } else if (request.body !== null) {
    imports.add('strings');
    reader = `strings.NewReader(${goText(request.body)})`;
  }
  body.push(`request, err := http.NewRequest(${quote(request.method)}, ${quote(request.url)}, ${reader})`, 'if err != nil {', '\tlog.Fatal(err)', '}');
  if (show?.kind === 'bearer' && (show.token || !fill)) {
    consts.push(`const accessToken = ${quote(fill ? show.token : '…')}`);
    body.push('request.Header.Set("Authorization", "Bearer "+accessToken)');
  }
  if (show?.kind === 'basic') {
    consts.push(`const clientID = ${quote(fill ? show.user : '…')}`, `const clientSecret = ${quote(fill ? show.password : '…')}`);
    body.push('request.SetBasicAuth(clientID, clientSecret)');
  }
  if (request.form) body.push('request.Header.Set("Content-Type", "application/x-www-form-urlencoded")');
  for (const [name, value] of request.headers) body.push(`request.Header.Set(${quote(name)}, ${quote(value)})`);
  body.push('response, err := http.DefaultClient.Do(request)', 'if err != nil {', '\tlog.Fatal(err)', '}', 'defer response.Body.Close()',
    'answer, err := io.ReadAll(response.Body)', 'if err != nil {', '\tlog.Fatal(err)', '}', 'fmt.Println(response.Status)', 'fmt.Println(string(answer))');
  return ['package main', '', 'import (', ...[...imports].sort().map((i) => `\t"${i}"`), ')', '',
    ...(consts.length ? [...consts, ''] : []), 'func main() {', ...body.map((line) => `\t${line}`), '}', ''].join('\n');
}

function goText(text) {
  if (!text.includes('\n') || text.includes('`') || controls.test(text.replaceAll('\n', ''))) return quote(text);
  return `\`${text}\``;
}

// 1C:Enterprise 8.3. A text holds two quotes for one; what cannot be seen is
// joined on by its code.
function onecText(text) {
  const parts = text.split(/([\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff])/);
  const out = parts.map((part, i) => {
    if (i % 2) return `Символ(${part.charCodeAt(0)})`;
    return part && `"${part.replaceAll('"', '""')}"`;
  }).filter(Boolean);
  return out.length ? out.join(' + ') : '""';
}

// A text of several lines as the language writes it, a bar before each line.
function onecLines(text) {
  if (!text.includes('\n') || controls.test(text.replaceAll('\n', ''))) return onecText(text);
  return `"${text.replaceAll('"', '""').replaceAll('\n', '\n\t|')}"`;
}

function onec(request, { fill = false } = {}) {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const port = url.port || (secure ? '443' : '80');
  const path = request.url.slice(url.origin.length) || '/';
  const out = [];
  const show = request.show;
  if (show?.kind === 'bearer' && (show.token || !fill)) out.push(`ТокенДоступа = ${onecText(fill ? show.token : '…')};`, '');
  const user = [];
  if (show?.kind === 'basic') {
    out.push(`Идентификатор = ${onecText(fill ? show.user : '…')};`, `Секрет = ${onecText(fill ? show.password : '…')};`, '');
    user.push('Идентификатор', 'Секрет');
  }
  const connection = [onecText(url.hostname.replace(/^\[|\]$/g, '')), port, user[0] ?? '', user[1] ?? '', '', '30'];
  if (secure) connection.push('Новый ЗащищенноеСоединениеOpenSSL()');
  out.push(`Соединение = Новый HTTPСоединение(${connection.join(', ')});`, `Запрос = Новый HTTPЗапрос(${onecText(path)});`);
  if (show?.kind === 'bearer' && (show.token || !fill)) out.push('Запрос.Заголовки.Вставить("Authorization", "Bearer " + ТокенДоступа);');
  if (request.form) out.push('Запрос.Заголовки.Вставить("Content-Type", "application/x-www-form-urlencoded");');
  for (const [name, value] of request.headers) out.push(`Запрос.Заголовки.Вставить(${onecText(name)}, ${onecText(value)});`);
  if (request.form) {
    const pairs = request.form.map(([n, v]) => `${onecText(`${encodeURIComponent(n)}=`)} + КодироватьСтроку(${onecText(v)}, СпособКодированияСтроки.КодировкаURL)`);
    out.push(`Тело = ${pairs.join('\n\t+ "&" + ')};`);
  } else if (request.body !== null) out.push(`Тело = ${onecLines(request.body)};`);
  if (request.form || request.body !== null) out.push('Запрос.УстановитьТелоИзСтроки(Тело, КодировкаТекста.UTF8, ИспользованиеByteOrderMark.НеИспользовать);');
  out.push(`Ответ = Соединение.ВызватьHTTPМетод(${onecText(request.method)}, Запрос);`, 'Сообщить(Ответ.КодСостояния);', 'Сообщить(Ответ.ПолучитьТелоКакСтроку());', '');
  return out.join('\n');
}

// PHP with its curl extension. A text in single quotes has two escapes.
const phpText = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function php(request, { fill = false } = {}) {
  const out = ['<?php', ''];
  const show = request.show;
  const headers = request.headers.map(([name, value]) => `    ${phpText(`${name}: ${value}`)},`);
  if (show?.kind === 'bearer' && (show.token || !fill)) {
    out.push(`$accessToken = ${phpText(fill ? show.token : '…')};`, '');
    headers.unshift("    'Authorization: Bearer ' . $accessToken,");
  }
  const options = [`    CURLOPT_CUSTOMREQUEST => ${phpText(request.method)},`, '    CURLOPT_RETURNTRANSFER => true,'];
  if (show?.kind === 'basic') {
    out.push(`$clientId = ${phpText(fill ? show.user : '…')};`, `$clientSecret = ${phpText(fill ? show.password : '…')};`, '');
    options.push("    CURLOPT_USERPWD => $clientId . ':' . $clientSecret,");
  }
  if (headers.length) {
    out.push('$headers = [', ...headers, '];');
    options.push('    CURLOPT_HTTPHEADER => $headers,');
  }
  if (request.form) {
    out.push('$form = [', ...request.form.map(([n, v]) => `    ${phpText(n)} => ${phpText(v)},`), '];');
    options.push('    CURLOPT_POSTFIELDS => http_build_query($form),');
  } else if (request.body !== null) {
    out.push(`$body = ${phpText(request.body)};`);
    options.push('    CURLOPT_POSTFIELDS => $body,');
  }
  out.push(`$curl = curl_init(${phpText(request.url)});`, 'curl_setopt_array($curl, [', ...options, ']);',
    '$answer = curl_exec($curl);', 'if ($answer === false) {', '    exit(curl_error($curl) . PHP_EOL);', '}',
    'echo curl_getinfo($curl, CURLINFO_RESPONSE_CODE), PHP_EOL, $answer, PHP_EOL;', '');
  return out.join('\n');
}

