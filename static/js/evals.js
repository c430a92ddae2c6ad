// Keys of the page of one answer: an element that is named by `data-key` is clicked when its key is pressed.
// "g" opens the first form in which a word can be chosen; digits choose in the one that is open.
const isTyping = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
const isShown = (element) => element.checkVisibility();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "g") {
    const details = document.querySelector("details.grade-it, details.more-rubrics");
    if (!details) return;
    details.open = true;
    details.querySelector("summary").focus();
    event.preventDefault();
    return;
  }
  const named = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)];
  const focused = event.target.closest("details[open]");
  const found = named.find((one) => focused?.contains(one) && isShown(one)) ?? named.find(isShown);
  if (!found) return;
  event.preventDefault();
  found.focus();
  found.click();
});
