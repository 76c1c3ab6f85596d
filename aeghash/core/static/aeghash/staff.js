// What the staff's pages do beyond links and forms. Everything works without it.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const isTyping = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// Navigation on small screens.
const navButton = document.querySelector(".nav-button");
navButton?.addEventListener("click", () => {
  const isOpen = document.querySelector(".nav").classList.toggle("open");
  navButton.setAttribute("aria-expanded", String(isOpen));
});

// Menus close when attention goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// Copying: the whole value, however much of it is shown.
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.textContent;
  button.textContent = button.dataset.done;
  button.classList.add("done");
  setTimeout(() => { button.textContent = before; button.classList.remove("done"); }, 1500);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// Lists: choose rows, and acts wait until something is chosen.
const boxes = all(".pick input[name=row]");
const everything = document.querySelector(".pick input[data-everything]");
function showChosen() {
  const chosen = boxes.filter((box) => box.checked).length;
  for (const label of all("[data-chosen]")) label.textContent = label.dataset.chosen.replace("%s", chosen);
  for (const button of all(".selecting button")) button.disabled = chosen === 0;
  if (everything) {
    everything.checked = chosen > 0 && chosen === boxes.length;
    everything.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}
everything?.addEventListener("change", () => { for (const box of boxes) box.checked = everything.checked; showChosen(); });
for (const box of boxes) box.addEventListener("change", showChosen);
if (boxes.length) showChosen();
window.addEventListener("pageshow", () => { if (boxes.length) showChosen(); });

// A form is sent once, however often the button is pressed.
for (const form of all("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });
}

// Keys: / search, j k ↓ ↑ rows, Enter opens, x chooses, ? tells.
const rowLinks = () => all(".rows tbody tr").map((row) => row.querySelector("th a, td a")).filter(Boolean);
function moveBy(step) {
  const links = rowLinks();
  if (!links.length) return;
  const row = document.activeElement.closest?.(".rows tbody tr");
  const here = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next].focus();
  links[next].closest("tr").scrollIntoView({ block: "nearest" });
}
const keys = {
  "/": () => document.querySelector(".search input[type=search]")?.focus(),
  j: () => moveBy(1),
  ArrowDown: () => moveBy(1),
  k: () => moveBy(-1),
  ArrowUp: () => moveBy(-1),
  x: () => document.activeElement.closest("tr")?.querySelector(".pick input")?.click(),
  "?": () => document.querySelector("dialog.keys")?.showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of all("details.menu[open]")) menu.open = false;
    if (document.activeElement.matches(".search input")) document.activeElement.blur();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(document.activeElement)) return;
  const isArrow = event.key.startsWith("Arrow");
  // Arrows keep scrolling the page until somebody is in the list.
  if (isArrow && !document.activeElement.closest(".rows")) return;
  if (!keys[event.key] || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  keys[event.key]();
});
