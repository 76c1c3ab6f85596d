// The picture. Only what is in the window is drawn, and from afar less of it: never more than one mark a pixel.
import { CARD, firstAfter } from "./nodes.js";

const FULL = 0.65, NAMED = 0.3, BOXES = 0.045;
const MARK = { least: 3, most: 14, widest: 8 }, TALLEST_LEVEL = 150; // pixels
const COLOURS = ["page", "surface", "raised", "text", "muted", "line", "strong-line", "accent", "info-tint", "warn", "ok", "bad", "quiet-tint",
  "rank-free", "rank-d0", "rank-d1", "rank-d2", "rank-d3", "rank-d4", "rank-d5"];

export class Drawing {
  constructor(canvas, nodes, words) {
    this.canvas = canvas;
    this.nodes = nodes;
    this.words = words;
    this.context = canvas.getContext("2d", { alpha: false });
    this.transform = d3.zoomIdentity;
    this.lift = 0; // what the picture is moved up or down beside the transform
    this.stretching = null;
    this.selected = null;
    this.frames = 0;
    this.isAsked = false;
    this.compact = new Intl.NumberFormat(words.language, { notation: "compact", maximumFractionDigits: 1 });
    this.readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.readColours(); this.ask(); });
  }

  // The theme's own colours, as the browser resolves them for light or dark.
  readColours() {
    const style = getComputedStyle(this.canvas);
    this.font = style.fontFamily;
    const probe = document.createElement("span");
    this.canvas.after(probe);
    this.colours = {};
    for (const name of COLOURS) {
      probe.style.color = `var(--${name})`;
      this.colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.ask();
  }

  // A tree of thousands is hundreds of times wider than high. So from afar its levels move apart, the more the farther: the
  // whole then fills the window, and near by all is as it was.
  stretchFor(whole, room) {
    const { top, bottom } = this.nodes.bounds, deepest = this.nodes.levels.length - 1;
    const tall = Math.min(room, TALLEST_LEVEL * Math.max(deepest, 1));
    const most = tall / ((bottom - top) * whole);
    this.stretching = whole < NAMED && most > 1 ? Math.log(most) / Math.log(NAMED / whole) : 0;
  }

  stretchAt(k) { return k < NAMED && this.stretching ? (NAMED / k) ** this.stretching : 1; }

  get stretch() { return this.stretchAt(this.transform.k); }

  // Between the window and the layout, both ways.
  toWindow(node) {
    const { k, x, y } = this.transform;
    return [x + node.x * k, y + this.lift + node.y * this.stretch * k];
  }

  toLayout(left, top) {
    const { k, x, y } = this.transform;
    return [(left - x) / k, (top - y - this.lift) / (k * this.stretch)];
  }

  // Takes the next transform so that the level at a height of the window stays there.
  moveTo(transform, anchor) {
    if (anchor !== null && transform.k !== this.transform.k) {
      const [, level] = this.toLayout(0, anchor);
      this.lift = anchor - transform.y - level * this.stretchAt(transform.k) * transform.k;
    }
    this.transform = transform;
    this.ask();
  }

  ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => { this.isAsked = false; this.draw(); });
  }

  draw() {
    if (!this.nodes.root || !this.width) return;
    const { context, transform: { k, x } } = this, y = this.transform.y + this.lift;
    this.frames += 1;
    this.apart = this.stretch;
    this.markHeight = Math.max(MARK.least / k, Math.min(CARD.height * this.apart, Math.max(CARD.height, MARK.most / k)));
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.fillStyle = this.colours.page;
    context.fillRect(0, 0, this.width, this.height);
    context.setTransform(this.ratio * k, 0, 0, this.ratio * k, this.ratio * x, this.ratio * y);
    this.window = { left: -x / k, right: (this.width - x) / k, top: -y / k, bottom: (this.height - y) / k };
    this.drawLinks(k);
    for (const level of this.nodes.levels) if (this.isInWindow(level)) this.drawLevel(level, k);
    this.canvas.dataset.frames = this.frames;
    if (this.frames === 1) performance.mark("tree-drawn");
  }

  yOf(node) { return node.y * this.apart; }

  isInWindow(level) {
    const top = this.yOf(level[0]);
    return top < this.window.bottom && top + Math.max(CARD.height + 22, this.markHeight) > this.window.top;
  }

  drawLinks(k) {
    const { context, window } = this;
    context.beginPath();
    for (const level of this.nodes.levels.slice(1)) {
      const to = this.yOf(level[0]), from = this.yOf(level[0].up) + (k < NAMED ? this.markHeight : CARD.height), middle = (from + to) / 2;
      if (from > window.bottom || to < window.top) continue;
      // Neither parents nor children ever cross, so both ends of the links are sorted.
      const first = firstAfter(level, window.left, (node) => Math.max(node.x, node.up.x));
      let last = -Infinity;
      for (let i = first; i < level.length; i += 1) {
        const node = level[i];
        if (Math.min(node.x, node.up.x) > window.right) break;
        if ((node.x - last) * k < 1.5) continue;
        last = node.x;
        context.moveTo(node.up.x, from);
        if (k < BOXES) context.lineTo(node.x, to);
        else { context.lineTo(node.up.x, middle); context.lineTo(node.x, middle); context.lineTo(node.x, to); }
      }
    }
    context.strokeStyle = this.colours["strong-line"];
    context.lineWidth = Math.max(1.2, 0.8 / k);
    context.stroke();
  }

  drawLevel(level, k) {
    const edge = CARD.width / 2 + 2, gap = level.length > 1 ? (level.at(-1).x - level[0].x) / (level.length - 1) : Infinity;
    this.markWidth = Math.max(CARD.width, Math.min(MARK.widest, gap * k / 2) / k, 2 / k); // from afar, still to be seen
    let last = -Infinity;
    for (let i = firstAfter(level, this.window.left - edge, (node) => node.x); i < level.length; i += 1) {
      const node = level[i];
      if (node.x - edge > this.window.right) break;
      if ((node.x - last) * k < 1.5 && node !== this.selected) continue;
      last = node.x;
      if (node.isGap) this.drawGap(node, k);
      else if (k < NAMED) this.drawMark(node, k);
      else this.drawCard(node, k);
    }
  }

  drawMark(node, k) {
    const { context, markWidth: width } = this;
    context.fillStyle = this.rankColour(node);
    context.fillRect(node.x - width / 2, this.yOf(node), width, this.markHeight);
    if (node === this.selected) this.outline(node, k);
    if (k >= BOXES) this.drawHandle(node, k);
  }

  drawGap(node, k) {
    if (k < NAMED) return;
    const { context } = this;
    context.setLineDash([6, 5]);
    this.box(node.x - CARD.width / 2, node.y, CARD.width, CARD.height, 8);
    context.strokeStyle = this.colours["strong-line"];
    context.lineWidth = 1;
    context.stroke();
    context.setLineDash([]);
    context.textAlign = "center";
    this.text(node.side === "L" ? this.words.open_left : this.words.open_right, node.x, node.y + 51, 13, "muted");
    context.textAlign = "left";
  }

  drawCard(node, k) {
    const { context, colours } = this;
    const left = node.x - CARD.width / 2;
    this.box(left, node.y, CARD.width, CARD.height, 8);
    context.fillStyle = node.is_active ? colours.surface : colours["quiet-tint"];
    context.fill();
    context.strokeStyle = colours["strong-line"];
    context.lineWidth = 1;
    context.stroke();
    context.fillStyle = this.rankColour(node);
    this.box(left, node.y, 6, CARD.height, [8, 0, 0, 8]);
    context.fill();
    if (node === this.selected) this.outline(node, k);
    const title = node.name || node.uid || node.referral_code;
    if (k < FULL) {
      this.text(title, left + 16, node.y + 40, 26, "text", 600, CARD.width - 24);
      this.text(node.rank, left + 16, node.y + 74, 22, "muted", 600);
    } else this.drawFacts(node, left, title);
    this.drawHandle(node, k);
  }

  drawFacts(node, left, title) {
    const { words } = this;
    const rank = node.is_center ? `${node.rank} · ${words.center}` : node.rank;
    const room = this.text(rank, left + CARD.width - 10, node.y + 22, 12, "muted", 600, 90, "right");
    this.text(title, left + 16, node.y + 22, 14, "text", 600, CARD.width - 34 - room);
    const second = node.is_active ? node.uid || node.referral_code : words.inactive;
    this.text(second, left + 16, node.y + 40, 11.5, node.is_active ? "muted" : "bad", 400, CARD.width - 26);
    const sides = this.nodes.isBinary
      ? [[words.left, node.volume_left, node.below.left], [words.right, node.volume_right, node.below.right]]
      : [[words.personal, node.personal_volume, null], [words.group, node.group_volume, node.below.all]];
    sides.forEach(([label, volume, count], row) => {
      const y = node.y + 61 + row * 19;
      this.text(label, left + 16, y, 12, "muted");
      this.text(`${this.compact.format(volume)} PV`, left + 118, y, 12.5, "text", 600, 80, "right");
      if (count !== null) this.text(this.people(node, count), left + CARD.width - 10, y, 12, "muted", 400, 80, "right");
    });
  }

  people(node, count) {
    const number = `${this.compact.format(count)}${node.below.is_exact ? "" : "+"}`;
    return this.words.people.replace("%s", number);
  }

  // Under a card: how many are below and not shown.
  drawHandle(node, k) {
    if (!node.below.children) return;
    const { context, colours } = this;
    const missing = this.nodes.missing(node);
    const sign = !node.isOpen || missing === node.below.children ? "+" : missing > 0 ? "…" : "";
    if (!sign) return;
    const y = this.yOf(node) + (k < NAMED ? this.markHeight : CARD.height) + 11;
    context.beginPath();
    context.arc(node.x, y, Math.max(10, 2 / k), 0, 2 * Math.PI);
    context.fillStyle = colours.accent;
    context.fill();
    if (k < NAMED) return;
    context.textAlign = "center";
    this.text(sign, node.x, y + 5, 15, "surface", 700);
    context.textAlign = "left";
  }

  outline(node, k) {
    const { context } = this, gap = Math.max(3, 2 / k);
    const width = k < NAMED ? this.markWidth : CARD.width, height = k < NAMED ? this.markHeight : CARD.height;
    this.box(node.x - width / 2 - gap, this.yOf(node) - gap, width + 2 * gap, height + 2 * gap, Math.min(10, width / 2));
    context.strokeStyle = this.colours.accent;
    context.lineWidth = Math.max(3, 2.5 / k);
    context.stroke();
  }

  box(x, y, width, height, radius) {
    this.context.beginPath();
    this.context.roundRect(x, y, width, height, radius);
  }

  // Returns how wide it came out; what has no room ends in dots.
  text(text, x, y, size, colour, weight = 400, room = 0, align = "") {
    const { context } = this;
    context.font = `${weight} ${size}px ${this.font}`;
    context.fillStyle = this.colours[colour];
    let shown = String(text), width = context.measureText(shown).width;
    while (room && width > room && shown.length > 1) {
      shown = `${shown.slice(0, Math.min(-2, Math.floor((room / width - 1) * shown.length)))}…`;
      width = context.measureText(shown).width;
    }
    context.fillText(shown, align === "right" ? x - width : x, y);
    return width;
  }

  rankColour(node) { return this.colours[`rank-${node.rank.toLowerCase()}`]; }
}
