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
  take(part, under = null) {
    if (!under) {
      this.clear();
      this.tree = part.tree;
    }
    for (const row of part.nodes) {
      const known = this.byId.get(row.id);
      if (known) {
        Object.assign(known, row);
        continue;
      }
      const node = { ...row, children: [], isOpen: true, isListed: false };
      this.byId.set(node.id, node);
      if (!this.root) {
        this.root = node;
        continue;
      }
      node.up = this.byId.get(node.parent);
      node.up.children.push(node);
    }
  }

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

  at(x, y) {
    for (const level of this.levels) {
      if (y < level[0].y || y > level[0].y + CARD.height + 22) continue;
      const i = firstAfter(level, x - CARD.width / 2, (node) => node.x);
      const node = level[i];
      return node && !node.isGap && Math.abs(node.x - x) <= CARD.width / 2 ? node : null;
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
