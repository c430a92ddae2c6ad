// Grading by keyboard: a word's number grades and goes on, s passes on, u takes back, ? shows the keys.
const HOLD = 3 * 60 * 1000;

const isTyping = (target) => target.closest("textarea, select, input:not([type=radio]), [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.key === "?") {
    const help = document.querySelector("[data-help]");
    help.open = !help.open;
    return;
  }
  const chosen = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!chosen) return;
  event.preventDefault();
  if (chosen.type === "radio") {
    chosen.checked = true;
    send(chosen.form);
  } else {
    chosen.click();
  }
});

// A second key, or a second click, while the first is on its way, must not grade the next answer.
function send(form) {
  if (form.dataset.sent) return;
  form.requestSubmit();
}

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The answer stays ours while its page is open.
const held = document.querySelector("[data-hold]");
if (held) {
  setInterval(async () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const body = new URLSearchParams({ do: "hold", csrfmiddlewaretoken: token });
    const answer = await fetch(held.dataset.hold, { method: "POST", body }).catch(() => null);
    if (answer && answer.status === 409) {
      held.textContent = "Somebody else has it now: your word would not be taken. Go back to the queue.";
      held.setAttribute("role", "alert");
    }
  }, HOLD);
}
