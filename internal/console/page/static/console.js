// What a page cannot do by itself: copy and save a secret that is shown once,
// send a form when a choice is made, close menus, keep a page that holds a secret
// from being asked for again.
"use strict";

const textOf = (button) => button.closest("[data-secret]").querySelector("[data-text]").textContent;

const say = (button, words) => {
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = words;
  setTimeout(() => { label.textContent = before; }, 2000);
};

const copy = async (button) => {
  const text = textOf(button);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(button.closest("[data-secret]").querySelector("[data-text]"));
    document.execCommand("copy");
  }
  say(button, button.dataset.done);
};

const save = (button) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([textOf(button) + "\n"], { type: "text/plain" }));
  link.download = button.dataset.save;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-save]");
  if (button) {
    "copy" in button.dataset ? copy(button) : save(button);
  }
  for (const open of document.querySelectorAll("header details[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("header details[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// The page that a filter leads to has the focus where this one had it: whoever
// chooses with the arrows of the keyboard is not sent back to the top.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (!form) return;
  setTimeout(() => {
    sessionStorage.setItem("focus", document.activeElement.id);
    form.requestSubmit();
  });
});

const left = sessionStorage.getItem("focus");
if (left) {
  sessionStorage.removeItem("focus");
  document.getElementById(left)?.focus({ preventScroll: true });
}

// A page that came from a form and holds a secret is not asked for again by a
// reload: the address becomes that of the page to go on with.
const after = document.querySelector("[data-after]");
if (after) history.replaceState(null, "", after.dataset.after);
