// The little that HTML cannot do: keys, ids of sends, the field that empties itself, scrolling, copying.
"use strict";

const field = document.getElementById("question");
const composer = document.getElementById("composer");
const transcript = document.getElementById("content");
const socket = document.querySelector("[ws-connect]");
const counter = document.getElementById("counter");
const connection = document.getElementById("connection");
const limit = Number(field.dataset.limit);
const draftKey = "frontdesk.draft." + location.pathname;

// ── Sending ──────────────────────────────────────────────────────────────────
// A question keeps its id until the server has taken it, so that a resend is never a second question.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

let pending = "";
composer.elements.client_id.value = newId();

function isAnswering() {
  return Boolean(transcript.querySelector('[data-status="streaming"]'));
}

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (field.value.trim()) composer.requestSubmit();
});

composer.addEventListener("htmx:wsBeforeSend", () => { pending = composer.elements.client_id.value; });
composer.addEventListener("htmx:wsConfigSend", (event) => {
  if (event.target === composer && pending && pending === composer.elements.client_id.value) event.preventDefault();
  else if (event.target === composer && event.detail.socketWrapper.queue.length) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const starter = event.target.closest("[data-ask]");
  if (!starter) return;
  event.preventDefault();
  field.value = starter.dataset.ask;
  composer.requestSubmit();
});

function remember() {
  const length = field.value.length;
  counter.hidden = length < limit * 0.9;
  counter.textContent = `${length.toLocaleString()} / ${limit.toLocaleString()}`;
  try { sessionStorage.setItem(draftKey, field.value); } catch { /* a private window may refuse */ }
}

field.addEventListener("input", () => {
  pending = "";
  remember();
});

function take(accepted) {
  if (accepted.dataset.clientId !== composer.elements.client_id.value) return;
  accepted.removeAttribute("data-client-id");
  field.value = "";
  composer.elements.client_id.value = newId();
  pending = "";
  remember();
  if (location.pathname === "/") history.replaceState(null, "", `/c/${accepted.dataset.conversation}/`);
}

// ── The socket ───────────────────────────────────────────────────────────────
let everOpen = false;
let refused = 0;

function say(words) {
  connection.textContent = words;
  connection.hidden = !words;
}

function changesShown() {
  return Number(document.getElementById("messages").dataset.changes || 0);
}

document.body.addEventListener("htmx:wsOpen", (event) => {
  everOpen = true;
  refused = 0;
  say("");
  pending = "";
  event.detail.socketWrapper.sendImmediately(JSON.stringify({ type: "resume", changes: everOpen ? changesShown() : 0 }));
});

document.body.addEventListener("htmx:wsClose", () => {
  refused += 1;
  if (refused > 6) say("The connection is lost. Please reload the page; what you have typed is kept.");
  else if (everOpen) say("Connecting again…");
});

let stick = true;
transcript.addEventListener("scroll", () => {
  stick = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < 80;
});

document.body.addEventListener("htmx:wsAfterMessage", () => {
  const accepted = document.getElementById("accepted");
  if (accepted.dataset.clientId) {
    take(accepted);
    stick = true;
  }
  if (document.getElementById("form-error").dataset.code) pending = "";
  if (stick) transcript.scrollTop = transcript.scrollHeight;
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
  const text = document.getElementById("blocks-" + button.dataset.copy).innerText;
  try {
    await navigator.clipboard.writeText(text);
    button.setAttribute("aria-label", "Copied");
    setTimeout(() => button.setAttribute("aria-label", "Copy"), 2000);
  } catch {
    button.setAttribute("aria-label", "Copying is not allowed here");
  }
});

// ── On load ──────────────────────────────────────────────────────────────────
if (!field.value) {
  try { field.value = sessionStorage.getItem(draftKey) || ""; } catch { /* as above */ }
}
remember();
if (transcript.querySelector(".reply") && !location.hash) transcript.scrollTop = transcript.scrollHeight;
if (!isAnswering()) field.focus({ preventScroll: true });
