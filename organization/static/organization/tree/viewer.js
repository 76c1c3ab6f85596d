// The tree viewer: brings picture, list, panel and search together, and asks the server for what isn't known yet.
import { Drawing } from "./drawing.js";
import { List } from "./list.js";
import { CARD, Nodes } from "./nodes.js";
import { Panel } from "./panel.js";
import { Search } from "./search.js";

const place = document.querySelector("[data-tree-viewer]");
const words = JSON.parse(place.dataset.words);
const addresses = JSON.parse(place.dataset.addresses);
const part = (name) => place.querySelector(`[data-part="${name}"]`);
const FIRST_LEVELS = 2, NEXT_LEVELS = 2, READABLE = 0.72, MOST_LEVELS = 50, MOST_SHOWN = 20000;
const isSmall = matchMedia("(max-width: 640px)");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

const nodes = new Nodes();
const canvas = part("canvas");
const drawing = new Drawing(canvas, nodes, words);
const days = part("days");
let selected = null;

async function ask(url) {
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    say("");
    return await answer.json();
  } catch (error) {
    say(words.failed);
    throw error;
  } finally {
    place.setAttribute("aria-busy", "false");
  }
}

function say(text) { part("status").textContent = text; }

// Loading

const treeUrl = (id, levels, more = "") => `${addresses.nodes}${id}/tree/?depth=${levels}&days=${days.value}${more}`;

async function begin(id, { select = id } = {}) {
  const [answer, way] = await Promise.all([ask(treeUrl(id, FIRST_LEVELS)), select === id ? null : ask(treeUrl(select, 1))]);
  const steps = way ? stepsBetween(answer, way) : [];
  if (way && !steps) { await begin(select); return; } // it doesn't stand below, or too far
  const between = await Promise.all(steps.map((step) => ask(treeUrl(step, 1))));
  nodes.take(answer);
  // Each step is there by then: the one above it has brought it, or stands in it itself.
  for (const part of way ? [...between, way] : []) nodes.takeStep(part);
  nodes.root.isListed = true;
  list.current = null;
  showWayUp(answer.above);
  nodes.layOut();
  fit({ isSmooth: false });
  list.show();
  const chosen = nodes.byId.get(select);
  choose(chosen, { isMoved: chosen !== nodes.root });
  remember();
}

// The members between the first levels of a tree and one further down; null if that stands elsewhere.
function stepsBetween(answer, way) {
  const known = new Set(answer.nodes.map((node) => node.id)), above = way.above.map((node) => node.id);
  if (known.has(way.root)) return [];
  const from = above.findLastIndex((id) => known.has(id));
  return from < 0 ? null : above.slice(from);
}

async function load(node, levels = NEXT_LEVELS) {
  if (nodes.byId.size >= MOST_SHOWN) { say(words.too_many); return; }
  nodes.take(await ask(treeUrl(node.id, levels)), node);
  refresh();
}

async function loadMore(node) {
  const last = nodes.lastInTurn(node);
  nodes.take(await ask(treeUrl(node.id, 1, last ? `&after=${last.id}` : "")), node);
  refresh();
}

async function loadAll() {
  const answer = await ask(treeUrl(nodes.root.id, MOST_LEVELS));
  nodes.take(answer, nodes.root);
  for (const node of nodes.byId.values()) node.isOpen = true;
  refresh();
  fit();
  say((answer.cut_by_count || answer.cut_by_depth ? words.all_cut : words.all_shown).replace("%s", nodes.byId.size.toLocaleString(words.language)));
}

function refresh() {
  nodes.layOut();
  setExtent();
  drawing.ask();
  list.show();
}

async function toggle(node) {
  if (!node.below.children) return;
  const before = { x: node.x, y: node.y };
  if (!node.children.length) { node.isOpen = true; await load(node); }
  else if (node.isOpen && nodes.missing(node) > 0) await loadMore(node);
  else { node.isOpen = !node.isOpen; refresh(); }
  keepInPlace(node, before);
}

// The card under the pointer stays there, whatever moved around it.
function keepInPlace(node, before) {
  const { k, x, y } = drawing.transform, down = (before.y - node.y) * drawing.stretch * k;
  d3.select(canvas).call(zoom.transform, d3.zoomIdentity.translate(x + (before.x - node.x) * k, y + down).scale(k));
}

// Moving

const zoom = d3.zoom().on("zoom", ({ transform, sourceEvent }) => drawing.moveTo(transform, heightOf(sourceEvent)));
let isByButton = false;

// Where in the window one zooms: what lies there stays there.
function heightOf(event) {
  if (!event) return isByButton ? drawing.height / 2 : null;
  const fingers = d3.pointers(event, canvas);
  return fingers.length ? fingers.reduce((sum, [, y]) => sum + y, 0) / fingers.length : null;
}

d3.select(canvas).call(zoom).on("dblclick.zoom", null);

function fitted() {
  const { left, right, top, bottom } = nodes.bounds;
  const k = Math.min(1, (drawing.width - 48) / (right - left), (drawing.height - 72) / (bottom - top));
  return d3.zoomIdentity.translate(drawing.width / 2 - (left + right) / 2 * k, 24 - top * k).scale(k);
}

function setExtent() {
  const { k } = fitted();
  zoom.scaleExtent([Math.min(k * 0.8, 0.5), 2.5]);
  drawing.stretchFor(k, drawing.height - 72);
}

function fit({ isSmooth = true } = {}) {
  if (!nodes.root || !drawing.width) return;
  setExtent();
  const whole = fitted();
  // The first look at a wide tree is at its top, at a size that can be read.
  const k = isSmooth ? whole.k : Math.max(whole.k, READABLE);
  const target = k === whole.k ? whole : d3.zoomIdentity.translate(drawing.width / 2 - nodes.root.x * k, 24).scale(k);
  glide(target, isSmooth);
}

function lookAt(node) {
  const k = Math.max(drawing.transform.k, 0.8); // where nothing is stretched
  glide(d3.zoomIdentity.translate(drawing.width / 2 - node.x * k, drawing.height / 2 - (node.y + CARD.height / 2) * k).scale(k));
}

function glide(target, isSmooth = true) {
  const picture = d3.select(canvas), { k, x, y } = drawing.transform, lift = drawing.lift;
  drawing.lift = 0;
  picture.call(zoom.transform, d3.zoomIdentity.translate(x, y + lift).scale(k));
  if (!isSmooth || isCalm.matches) picture.call(zoom.transform, target);
  else picture.transition().duration(300).call(zoom.transform, target);
}

function zoomBy(factor) {
  isByButton = true;
  d3.select(canvas).call(zoom.scaleBy, factor);
  isByButton = false;
}

const panBy = (x, y) => d3.select(canvas).call(zoom.translateBy, x / drawing.transform.k, y / drawing.transform.k);

// Choosing

function pointAt(node) {
  selected = node;
  drawing.selected = node;
  if (nodes.isShown(node)) bringIntoView(node);
  drawing.ask();
}

function bringIntoView(node) {
  const [x, y] = drawing.toWindow(node);
  const isSeen = x > 40 && x < drawing.width - 40 && y > 0 && y + CARD.height * drawing.transform.k < drawing.height;
  if (!isSeen) lookAt(node);
}

function choose(node, { isMoved = true } = {}) {
  list.reveal(node);
  list.show();
  selected = node;
  drawing.selected = node;
  for (let up = node.up; up && isMoved; up = up.up) up.isOpen = true;
  if (isMoved) { nodes.layOut(); bringIntoView(node); }
  drawing.ask();
  panel.show(node, nodes.tree).catch(() => {});
  remember();
}

async function jumpTo(member) {
  const found = member.places.find((one) => one.tree === nodes.tree);
  if (!found) return;
  const known = nodes.byId.get(found.node);
  if (known) { choose(known); lookAt(known); } else await begin(found.node);
}

async function switchTree(tree) {
  if (tree === nodes.tree) return;
  const member = await ask(`${addresses.members}${(selected ?? nodes.root).member}/`);
  await begin(member.places.find((one) => one.tree === tree).node);
}

// What stands around the picture

function showWayUp(above) {
  const steps = above.map((node) => {
    const step = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = node.name || node.uid || `#${node.id}`;
    button.addEventListener("click", () => begin(node.id).catch(() => {}));
    step.append(button);
    return step;
  });
  const here = Object.assign(document.createElement("li"), { textContent: nodes.root.name || nodes.root.uid || "" });
  here.setAttribute("aria-current", "location");
  part("way-up").replaceChildren(...steps, here);
  for (const button of place.querySelectorAll("[data-tree]")) button.setAttribute("aria-pressed", String(button.dataset.tree === nodes.tree));
}

// The address always shows what is seen: it can be loaded again, kept, and sent to a colleague.
function remember() {
  const query = new URLSearchParams({ node: nodes.root.id, days: days.value });
  if (selected && selected !== nodes.root) query.set("select", selected.id);
  history.replaceState(null, "", `?${query}`);
}

// On a phone the figures stand below the list.
function chosenByHand(node) {
  choose(node);
  if (isSmall.matches) part("panel").scrollIntoView({ block: "start" });
}

const acts = {
  all: () => loadAll(),
  fit: () => fit(),
  in: () => zoomBy(1.4),
  out: () => zoomBy(1 / 1.4),
  root: () => selected && begin(selected.id),
  toggle: () => selected && toggle(selected),
  view: () => show(place.dataset.view === "list" ? "picture" : "list"),
};

function show(view) {
  place.dataset.view = view;
  part("view").setAttribute("aria-pressed", String(view === "list"));
  drawing.resize();
}

const list = new List(part("list"), nodes, words, { load, loadMore, select: chosenByHand, pointAt });
const panel = new Panel(part("panel"), words, addresses, ask);
new Search(part("search"), words, (query) => ask(`${addresses.members}${query}`), (member) => jumpTo(member).catch(() => {}));

place.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act], button[data-tree]");
  if (!button) return;
  Promise.resolve(button.dataset.tree ? switchTree(button.dataset.tree) : acts[button.dataset.act]()).catch(() => {});
});
days.addEventListener("change", () => begin(nodes.root.id, { select: selected?.id }).catch(() => {}));

canvas.addEventListener("click", (event) => {
  const [x, y] = drawing.toLayout(event.offsetX, event.offsetY);
  const node = nodes.at(x, y, 5 / drawing.transform.k);
  if (!node) return;
  if (y > node.y + CARD.height) toggle(node).catch(() => {});
  else choose(node);
});
canvas.addEventListener("dblclick", (event) => {
  const node = nodes.at(...drawing.toLayout(event.offsetX, event.offsetY), 5 / drawing.transform.k);
  if (node) begin(node.id).catch(() => {});
});

const keys = {
  "+": acts.in, "=": acts.in, "-": acts.out, 0: acts.fit, r: acts.root, o: acts.toggle,
  ArrowLeft: () => panBy(80, 0), ArrowRight: () => panBy(-80, 0), ArrowUp: () => panBy(0, 80), ArrowDown: () => panBy(0, -80),
};
place.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
  if (event.key.startsWith("Arrow") && event.target !== canvas) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  Promise.resolve(act()).catch(() => {});
});

new ResizeObserver(() => drawing.resize()).observe(canvas);
if (isSmall.matches) place.dataset.view = "list";
part("view").setAttribute("aria-pressed", String(place.dataset.view === "list"));
drawing.resize();
if (place.dataset.node) begin(Number(place.dataset.node), { select: Number(place.dataset.select) || undefined }).catch(() => {});
