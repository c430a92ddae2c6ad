// The little that HTML cannot do: keys, ids of sends, the field that empties itself, drafts, scrolling, copying.
"use strict";

const field = document.getElementById("question");
const composer = document.getElementById("composer");
const transcript = document.getElementById("content");
const counter = document.getElementById("counter");
const connection = document.getElementById("connection");
const limit = Number(field.dataset.limit);
const hasPointer = matchMedia("(pointer: fine)").matches; // to focus the field of a phone opens its keyboard

function isAnswering() {
  return Boolean(transcript.querySelector('[data-status="streaming"]'));
}

function length() {
  return Array.from(field.value.trim()).length; // characters, as the server counts them
}

// ── The error above the field ────────────────────────────────────────────────
function problem() {
  return document.getElementById("form-error"); // the server replaces it
}

function showProblem(code, words) {
  problem().dataset.code = code;
  problem().textContent = words;
}

// ── Drafts ───────────────────────────────────────────────────────────────────
// What was typed outlives a reload, for the same person in the same conversation.
function draftKey(path) {
  return `frontdesk.draft.${field.dataset.owner}.${path}`;
}

function keepDraft(path = location.pathname) {
  try {
    if (field.value) sessionStorage.setItem(draftKey(path), field.value);
    else sessionStorage.removeItem(draftKey(path));
  } catch { /* a private window may refuse */ }
}

function draft() {
  try { return sessionStorage.getItem(draftKey(location.pathname)) || ""; } catch { return ""; }
}

function fill(text) {
  field.value = text;
  counter.hidden = length() < limit * 0.9;
  counter.textContent = `${length().toLocaleString("en")} / ${limit.toLocaleString("en")}`;
  keepDraft();
}

// ── Sending ──────────────────────────────────────────────────────────────────
// A question keeps its id until the server has taken it, so that a resend is never a second question.
let pending = ""; // the id that is on its way

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

composer.elements.client_id.value = newId();

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (field.value.trim()) composer.requestSubmit();
});

field.addEventListener("input", () => {
  if (pending) composer.elements.client_id.value = newId(); // what is on its way is another question now
  if (problem().dataset.code) showProblem("", "");
  fill(field.value);
});

document.addEventListener("click", (event) => {
  const starter = event.target.closest("[data-ask]");
  if (!starter) return;
  event.preventDefault();
  fill(starter.dataset.ask);
  composer.requestSubmit();
});

composer.addEventListener("htmx:wsConfigSend", (event) => {
  const isWaiting = pending === composer.elements.client_id.value || event.detail.socketWrapper.queue.length;
  if (isWaiting || length() > limit) event.preventDefault();
  if (length() > limit) showProblem("too_long", field.dataset.tooLong);
});

composer.addEventListener("htmx:wsBeforeSend", (event) => {
  pending = JSON.parse(event.detail.message).client_id;
});

function take(accepted) {
  const path = `/c/${accepted.dataset.conversation}/`;
  if (accepted.dataset.clientId === composer.elements.client_id.value) {
    fill("");
    composer.elements.client_id.value = newId();
  }
  accepted.removeAttribute("data-client-id");
  pending = "";
  if (location.pathname === path) return;
  try { sessionStorage.removeItem(draftKey(location.pathname)); } catch { /* as above */ }
  history.replaceState(null, "", path);
  keepDraft();
}

// ── The socket ───────────────────────────────────────────────────────────────
const SESSION_OVER = 4404;
const HTMX_RECONNECTS = [1006, 1011, 1012, 1013];
let everOpen = false;
let refused = 0;

function say(words, isLost = false) {
  connection.textContent = words;
  connection.toggleAttribute("data-lost", isLost);
  connection.hidden = !words;
}

document.body.addEventListener("htmx:wsOpen", (event) => {
  everOpen = true;
  refused = 0;
  pending = "";
  say("");
  const changes = Number(document.getElementById("messages").dataset.changes);
  event.detail.socketWrapper.sendImmediately(JSON.stringify({ type: "resume", changes }));
});

document.body.addEventListener("htmx:wsClose", (event) => {
  const code = event.detail.event.code;
  refused += 1;
  pending = "";
  if (code === SESSION_OVER || refused > 3) reloadPlease();
  else if (everOpen) say("Connecting again…");
  if (code === SESSION_OVER || HTMX_RECONNECTS.includes(code)) return;
  setTimeout(() => event.detail.socketWrapper.reconnect(), 500 + 4500 * Math.random());
});

// The session is over, or the page too old: its conversation may not open again, so the draft goes to the first page too.
function reloadPlease() {
  keepDraft("/");
  say("The connection is lost. Please reload the page; what you have typed is kept.", true);
}

document.body.addEventListener("htmx:responseError", (event) => {
  if ([403, 404].includes(event.detail.xhr.status)) reloadPlease();
  else say("That did not work. Please try again.");
});
document.body.addEventListener("htmx:sendError", () => say("That did not work. Please try again."));

// ── After each message ───────────────────────────────────────────────────────
let isAtEnd = true;
let hadFocus = false;

transcript.addEventListener("scroll", () => {
  isAtEnd = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < 80;
});

function focusField() {
  (hasPointer ? field : transcript).focus({ preventScroll: true });
}

// What was pressed may be gone from the page, or hidden as Stop is.
function isFocusLost() {
  return document.activeElement === document.body || !document.activeElement.getClientRects().length;
}

document.body.addEventListener("htmx:wsBeforeMessage", () => {
  hadFocus = document.activeElement !== document.body;
});

document.body.addEventListener("htmx:wsAfterMessage", () => {
  const accepted = document.getElementById("accepted");
  if (accepted.dataset.clientId) {
    take(accepted);
    isAtEnd = true;
  }
  if (problem().dataset.code) pending = "";
  if (problem().dataset.code === "still_answering" && !isAnswering()) showProblem("", "");
  if (hadFocus && isFocusLost()) focusField();
  if (isAtEnd) transcript.scrollTop = transcript.scrollHeight;
});

// ── Passages, copying ────────────────────────────────────────────────────────
function closePassage(slot) {
  const opener = document.querySelector(`[aria-controls="${slot.id}"][aria-expanded="true"]`);
  slot.replaceChildren();
  if (opener) {
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }
}

document.addEventListener("click", (event) => {
  const cite = event.target.closest("a.cite");
  if (cite) {
    const source = document.getElementById(cite.hash.slice(1));
    if (source) {
      event.preventDefault();
      source.click();
    }
    return;
  }
  const close = event.target.closest("[data-close-passage]");
  if (close) closePassage(close.closest("[id^='passage-']"));
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const source = event.target.closest(".sources a");
  if (source && source.getAttribute("aria-expanded") === "true") {
    event.preventDefault();
    closePassage(document.getElementById(source.getAttribute("aria-controls")));
  }
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const source = event.target.closest(".sources a");
  if (!source) return;
  for (const other of source.closest(".sources").querySelectorAll("a")) {
    other.setAttribute("aria-expanded", String(other === source && event.detail.successful));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const slot of transcript.querySelectorAll("[id^='passage-']:not(:empty)")) closePassage(slot);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.getElementById("blocks-" + button.dataset.copy).cloneNode(true);
  for (const cite of text.querySelectorAll(".cite")) cite.textContent = `[${cite.textContent}]`;
  try {
    await navigator.clipboard.writeText(text.textContent.trim());
    button.setAttribute("aria-label", "Copied");
    setTimeout(() => button.setAttribute("aria-label", "Copy"), 2000);
  } catch {
    button.setAttribute("aria-label", "Copying is not allowed here");
  }
});

// ── On load ──────────────────────────────────────────────────────────────────
fill(field.value || draft());
if (transcript.querySelector(".reply") && !location.hash) transcript.scrollTop = transcript.scrollHeight;
if (hasPointer && !isAnswering()) focusField();
