// Passkeys: asks the server what to ask the user's device, asks it, and sends
// the form with its answer. Web Authentication Level 3 §5.1.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const base64 = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const make = ({ publicKey: o }) => navigator.credentials.create({
  publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: keys(o.excludeCredentials) },
});

const use = ({ publicKey: o }) => navigator.credentials.get({
  publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: keys(o.allowCredentials) },
});

const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

const answer = (credential) => {
  const response = {};
  for (const part of parts) {
    if (credential.response[part]) response[part] = base64(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id, rawId: base64(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
};

const told = (form, words) => {
  const note = form.querySelector("[data-problem]");
  note.querySelector("span").textContent = words;
  note.hidden = !words;
};

const ask = async (form) => {
  const began = await fetch(form.dataset.begin, { method: "POST" });
  if (began.redirected) {
    location.assign(began.url);
    return false;
  }
  const { options, ticket, problem } = await began.json();
  if (problem) throw new Error(problem, { cause: "told" });
  const credential = await (form.dataset.passkey === "make" ? make : use)(options);
  form.elements.ticket.value = ticket;
  form.elements.answer.value = answer(credential);
  return true;
};

const submit = async (event) => {
  const form = event.target;
  event.preventDefault();
  const button = form.querySelector("button");
  told(form, "");
  button.disabled = true;
  try {
    if (await ask(form)) form.submit();
  } catch (error) {
    told(form, error.cause === "told" ? error.message : form.dataset.failed);
  }
  button.disabled = false;
};

// A name is what a passkey is bound to: at a bare address there are none.
const possible = window.PublicKeyCredential && !/^[\d.]+$|^\[/.test(location.hostname);
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !possible;
  form.addEventListener("submit", submit);
}
for (const note of document.querySelectorAll("[data-no-passkey]")) note.hidden = Boolean(possible);
