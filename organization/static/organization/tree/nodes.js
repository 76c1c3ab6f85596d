// What is known of the tree so far, and where each card stands.

export const CARD = { width: 208, height: 92 };
const STEP = { x: CARD.width + 28, y: CARD.height + 64 };

export class Nodes {
  constructor() { this.clear(); }

  clear() {
    this.byId = new Map();
    this.root = null;
    this.levels = [];
    this.bounds = { left: 0, right: 0, top: 0, bottom: 0 };
  }

  get isBinary() { return this.tree === "binary"; }

  // A part as the server gave it: the first one has the root, later ones hang below what is known already.
  take(part, under = null, { isStep = false } = {}) {
    if (!under) {
      this.clear();
      this.tree = part.tree;
    }
    for (const row of part.nodes) {
      const known = this.byId.get(row.id);
      if (known) {
        Object.assign(known, row);
        known.isAhead &&= isStep && row.id === part.root;
        continue;
      }
      const node = { ...row, children: [], isOpen: true, isListed: false, isAhead: isStep && row.id === part.root };
      this.byId.set(node.id, node);
      if (!this.root) {
        this.root = node;
        continue;
      }
      node.up = this.byId.get(node.parent);
      node.up.children.push(node);
    }
    if (under) under.children.sort((a, b) => (a.side ?? "").localeCompare(b.side ?? "") || a.id - b.id);
  }

  // A member on the way to one that was asked for; it may come out of turn, and those between with the next pages.
  takeStep(part) { this.take(part, this.byId.get(part.root) ?? this.byId.get(part.nodes[0].parent), { isStep: true }); }

  lastInTurn(node) { return node.children.findLast((child) => !child.isAhead); }

  missing(node) { return node.below.children - node.children.length; }

  // Everything shown, level by level from left to right: so that what is in the window is found by halving.
  layOut() {
    const empty = (node) => this.isBinary && node.children.length === 1 ? this.withGap(node) : node.children;
    const top = d3.hierarchy(this.root, (node) => (node.isGap || !node.isOpen ? null : empty(node)));
    d3.tree().nodeSize([STEP.x, STEP.y]).separation((a, b) => (a.parent === b.parent ? 1 : 1.15))(top);
    this.levels = [];
    this.bounds = { left: 0, right: 0, top: 0, bottom: 0 };
    top.each((place) => {
      const node = place.data;
      node.x = place.x;
      node.y = place.y;
      (this.levels[place.depth] ??= []).push(node);
      this.bounds.left = Math.min(this.bounds.left, node.x - CARD.width / 2);
      this.bounds.right = Math.max(this.bounds.right, node.x + CARD.width / 2);
      this.bounds.bottom = Math.max(this.bounds.bottom, node.y + CARD.height);
    });
  }

  // One child alone would stand right below its parent, and nobody could tell which side it is on.
  withGap(node) {
    const gap = { isGap: true, id: -node.id, up: node, side: node.children[0].side === "L" ? "R" : "L" };
    return gap.side === "R" ? [node.children[0], gap] : [gap, node.children[0]];
  }

  // What lies there, or as near as `slack`: from afar a mark is narrower than a finger.
  at(x, y, slack = 0) {
    const reach = Math.max(CARD.width / 2, slack);
    for (const level of this.levels) {
      if (y < level[0].y || y > level[0].y + CARD.height + 22) continue;
      let i = firstAfter(level, x - reach, (node) => node.x);
      while (i + 1 < level.length && Math.abs(level[i + 1].x - x) < Math.abs(level[i].x - x)) i += 1;
      const node = level[i];
      return node && !node.isGap && Math.abs(node.x - x) <= reach ? node : null;
    }
    return null;
  }

  isShown(node) {
    for (let up = node.up; up; up = up.up) if (!up.isOpen) return false;
    return true;
  }
}

// The index of the first of a sorted list that lies behind the value.
export function firstAfter(sorted, value, of) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(sorted[middle]) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
