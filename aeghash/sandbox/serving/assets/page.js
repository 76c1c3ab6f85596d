"use strict";

const REFRESH_MILLISECONDS = 2000;

function valueOf(input) {
  const kind = input.dataset.kind;
  if (kind === "number") return Number(input.value);
  return kind === "json" || kind === "object" ? JSON.parse(input.value) : input.value;
}

function requestOf(form) {
  const request = { action: form.dataset.action };
  for (const input of form.querySelectorAll("input, select")) {
    if (input.value.trim() === "") continue;
    // Settings of a fault stand beside its selection, not in an object of their own.
    if (input.dataset.kind === "json") Object.assign(request, valueOf(input));
    else request[input.name] = valueOf(input);
  }
  return request;
}

function say(text) {
  document.getElementById("notice").textContent = text;
}

async function post(form) {
  const answer = await fetch("/_control", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(requestOf(form)),
  });
  const told = await answer.json();
  say(told.ok ? `Done: ${form.dataset.action}` : told.error);
}

async function refresh() {
  const answer = await fetch("/");
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("state");
  if (fresh) document.getElementById("state").replaceWith(fresh);
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await post(event.target);
    await refresh();
  } catch (error) {
    say(String(error));
  }
});

setInterval(() => {
  const selecting = String(window.getSelection()) !== "";
  if (!document.hidden && !selecting) refresh().catch(() => say("The sandbox doesn't answer."));
}, REFRESH_MILLISECONDS);
