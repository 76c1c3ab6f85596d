// The approval desk beyond links and forms. Everything works without it.
"use strict";

(() => {
  const EVERY = 20_000;
  const isWriting = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  // On the page of one request: next, previous, approve, reject.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(document.activeElement)) return;
    if (document.querySelector("dialog[open]")) return;
    const link = document.querySelector(`[data-desk-key="${CSS.escape(event.key)}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
  const told = document.querySelector("#desk-keys");
  if (told) document.querySelector("dialog.keys dl")?.append(told.content.cloneNode(true));

  // Opening a request tells colleagues so; who has no script presses the button.
  const form = document.querySelector("[data-take-up]");
  if (form) {
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" })
      .then(() => form.classList.add("is-done"))
      .catch(() => {});
  }

  // In the queue: the counts stay true, and the reader is told once the rows don't.
  const tabs = document.querySelector("nav.tabs");
  const note = document.querySelector("[data-queue-changed]");
  const numbersOf = (page) => [...page.querySelectorAll(".rows tbody th")].map((cell) => cell.textContent.trim()).join();
  async function refresh() {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const counts = page.querySelectorAll("nav.tabs a");
    tabs.querySelectorAll("a").forEach((tab, at) => {
      const now = counts[at]?.querySelector(".count");
      tab.querySelector(".count")?.remove();
      if (now) tab.append(document.importNode(now, true));
    });
    if (numbersOf(page) !== numbersOf(document)) note.textContent = note.dataset.queueChanged;
  }
  if (tabs && note) setInterval(() => refresh().catch(() => {}), Number(note.dataset.every) || EVERY);
})();
