// A browser shows nothing of a large file's way to the server: this script sends
// it, and shows how far it is. Without it the form sends itself.
"use strict";

// What is smaller is there before anybody would look at a bar.
const large = 1 << 20; // bytes

// arrived goes where the answer leads; one that led nowhere is the form once more,
// with what is wrong with it. What is no page of ours, a proxy's refusal, the
// browser is to show.
const arrived = (request, form) => {
  if (new URL(request.responseURL).pathname !== location.pathname) {
    location.assign(request.responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const content = answer.querySelector("main");
  if (!content) {
    form.submit();
    return;
  }
  document.title = answer.title;
  document.querySelector("main").replaceWith(document.adoptNode(content));
  document.querySelector("main [aria-invalid=true]")?.focus();
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  const file = form?.querySelector("[type=file]").files[0];
  if (!file || file.size < large) return;
  event.preventDefault();
  const way = form.querySelector("[data-way]");
  const bar = way.querySelector("progress");
  const button = form.querySelector("button");
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = Math.floor((100 * loaded) / total);
    bar.textContent = `${bar.value} %`;
  });
  request.addEventListener("load", () => arrived(request, form));
  // The browser says in its own words why a server is not to be reached.
  request.addEventListener("error", () => form.submit());
  request.open("POST", form.action);
  request.send(new FormData(form));
  way.hidden = false;
  button.disabled = true;
});
