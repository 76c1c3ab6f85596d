// The same tree as a list: what screen readers read, what keys move in, and what phones show.
// It has branches of its own: however much the picture shows, the list holds what was opened in it.

export class List {
  constructor(element, nodes, words, acts) {
    this.element = element;
    this.nodes = nodes;
    this.words = words;
    this.acts = acts;
    this.current = null;
    element.addEventListener("keydown", (event) => this.pressed(event));
    element.addEventListener("click", (event) => this.clicked(event));
  }

  nodeOf(element) { return this.nodes.byId.get(Number(element?.closest("[data-node]")?.dataset.node)); }

  reveal(node) {
    for (let up = node.up; up; up = up.up) up.isListed = true;
    this.current = node;
  }

  show({ isFocused = this.element.contains(document.activeElement) } = {}) {
    this.current ??= this.nodes.root;
    if (!this.nodes.byId.has(this.current.id)) this.current = this.nodes.root;
    const lines = [];
    this.collect(this.nodes.root, 1, 1, 1, lines);
    this.element.replaceChildren(...lines);
    const line = this.element.querySelector(`[data-node="${this.current.id}"]`);
    line?.setAttribute("aria-selected", "true");
    line?.setAttribute("tabindex", "0");
    if (isFocused) line?.focus();
  }

  collect(node, level, place, of, lines) {
    lines.push(this.line(node, level, place, of));
    if (!node.isListed) return;
    const missing = this.nodes.missing(node);
    node.children.forEach((child, i) => this.collect(child, level + 1, i + 1, node.below.children, lines));
    if (missing > 0 && node.children.length) lines.push(this.moreLine(node, level + 1));
  }

  line(node, level, place, of) {
    const line = document.createElement("li");
    const facts = { role: "treeitem", tabindex: "-1", "aria-level": level, "aria-posinset": place, "aria-setsize": of, "aria-selected": "false" };
    if (node.below.children) facts["aria-expanded"] = String(node.isListed);
    for (const [name, value] of Object.entries(facts)) line.setAttribute(name, value);
    line.dataset.node = node.id;
    line.classList.add(`level-${Math.min(level, 12)}`, `rank-${node.rank.toLowerCase()}`);
    const mark = this.part("opener", node.below.children ? (node.isListed ? "▾" : "▸") : "");
    mark.setAttribute("aria-hidden", "true");
    line.append(mark, this.part("who", this.title(node)), this.part("rank", node.rank), this.part("figures", this.figures(node)));
    return line;
  }

  moreLine(node, level) {
    const line = document.createElement("li");
    line.setAttribute("role", "treeitem");
    line.setAttribute("aria-level", level);
    line.setAttribute("tabindex", "-1");
    line.dataset.more = node.id;
    line.classList.add("more", `level-${Math.min(level, 12)}`);
    line.textContent = this.words.more.replace("%s", this.nodes.missing(node));
    return line;
  }

  part(name, text) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    return part;
  }

  title(node) {
    const side = node.side ? `${node.side === "L" ? this.words.left : this.words.right} · ` : "";
    return side + (node.name || node.uid || node.referral_code);
  }

  figures(node) {
    const { words } = this, more = node.below.is_exact ? "" : "+";
    const said = (label, volume, count) => `${label} ${Number(volume).toLocaleString(words.language)} PV${count === null ? "" : ` ${words.people.replace("%s", count + more)}`}`;
    const sides = this.nodes.isBinary
      ? [said(words.left, node.volume_left, node.below.left), said(words.right, node.volume_right, node.below.right)]
      : [said(words.personal, node.personal_volume, null), said(words.group, node.group_volume, node.below.all)];
    const state = [node.is_center && words.center, !node.is_active && words.inactive].filter(Boolean);
    return [...state, ...sides].join(" · ");
  }

  async open(node, isListed) {
    node.isListed = isListed;
    if (isListed && !node.children.length) await this.acts.load(node);
    this.show();
  }

  async clicked(event) {
    const more = this.nodes.byId.get(Number(event.target.closest("[data-more]")?.dataset.more));
    if (more) return this.loadMore(more);
    const node = this.nodeOf(event.target);
    if (!node) return undefined;
    if (event.target.closest(".opener") && node.below.children) return this.open(node, !node.isListed);
    return this.acts.select(node);
  }

  async loadMore(node) {
    await this.acts.loadMore(node);
    this.show({ isFocused: true });
  }

  // As people know it from file managers (and the ARIA practices for trees).
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const line = document.activeElement, node = this.nodeOf(line);
    const move = {
      ArrowDown: () => line.nextElementSibling,
      ArrowUp: () => line.previousElementSibling,
      Home: () => this.element.firstElementChild,
      End: () => this.element.lastElementChild,
    }[event.key];
    if (move) this.focus(move());
    else if (event.key === "Enter" || event.key === " ") this.entered(line, node);
    else if (node && event.key === "ArrowRight") this.right(node);
    else if (node && event.key === "ArrowLeft") this.left(node);
    else if (node && event.key === "Backspace" && node.up) this.acts.select(node.up);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  entered(line, node) {
    if (node) this.acts.select(node);
    else this.loadMore(this.nodes.byId.get(Number(line.dataset.more)));
  }

  right(node) {
    if (!node.below.children) return;
    if (!node.isListed) this.open(node, true);
    else this.focus(document.activeElement.nextElementSibling);
  }

  left(node) {
    if (node.isListed) this.open(node, false);
    else if (node.up) this.focus(this.element.querySelector(`[data-node="${node.up.id}"]`));
  }

  focus(line) {
    if (!line) return;
    for (const other of this.element.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    line.tabIndex = 0;
    line.focus();
    const node = this.nodeOf(line);
    if (!node) return;
    this.current = node;
    this.acts.pointAt(node);
  }
}
