// What is known of the chosen member: figures of the last days, a chart, the history of the rank.
const SVG = "http://www.w3.org/2000/svg";

export class Panel {
  constructor(element, words, addresses, ask) {
    this.element = element;
    this.words = words;
    this.addresses = addresses;
    this.ask = ask;
    this.find = (name) => element.querySelector(`[data-part="${name}"]`);
    this.days = element.querySelector("[data-days]");
    this.days.addEventListener("change", () => this.node && this.show(this.node, this.tree));
  }

  async show(node, tree) {
    this.node = node;
    this.tree = tree;
    this.find("nobody").hidden = true;
    this.find("somebody").hidden = false;
    this.find("name").textContent = node.name || node.uid || node.referral_code;
    this.find("rank").textContent = node.rank;
    this.find("rank").className = `rank-badge rank-${node.rank.toLowerCase()}`;
    this.find("marks").textContent = [node.is_center && this.words.center, !node.is_active && this.words.inactive].filter(Boolean).join(" · ");
    this.find("page").href = this.addresses.member.replace("/0/", `/${node.member}/`);
    this.facts(this.find("facts"), this.placeFacts(node));
    this.find("why").replaceChildren();
    const [figures, changes, reasons] = await Promise.all([
      this.ask(`${this.addresses.nodes}${node.id}/kpi/?days=${this.days.value}`),
      this.ask(`${this.addresses.ranks}?member=${node.member}&page_size=10`),
      this.ask(this.addresses.why.replace("/0/", `/${node.id}/`)),
    ]);
    if (this.node !== node) return; // somebody else has been chosen meanwhile
    this.showFigures(figures);
    this.showRanks(changes.results);
    this.find("why").replaceChildren(...reasons.why.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
    this.element.dataset.shown = node.id;
  }

  placeFacts(node) {
    const { words } = this, more = node.below.is_exact ? "" : "+";
    const count = (number) => words.people.replace("%s", Number(number).toLocaleString(words.language) + more);
    return [
      [words.uid, node.uid],
      [words.code, node.referral_code],
      [words.depth, node.side ? `${node.depth} · ${node.side === "L" ? words.left : words.right}` : node.depth],
      ...(this.tree === "binary" ? [[words.left, count(node.below.left)], [words.right, count(node.below.right)]] : [[words.below, count(node.below.all)]]),
    ];
  }

  showFigures(figures) {
    const { words } = this;
    const pv = (text) => `${grouped(text)} PV`;
    const whole = (number) => Number(number).toLocaleString(words.language);
    this.facts(this.find("figures"), [
      [words.personal_volume, pv(figures.personal_volume)],
      [words.group_volume, pv(figures.group_volume)],
      [words.volume_left, pv(figures.volume_left)],
      [words.volume_right, pv(figures.volume_right)],
      [words.orders, whole(figures.orders_count)],
      [words.new_members, `${whole(figures.new_members)} (${words.left} ${whole(figures.new_left)}, ${words.right} ${whole(figures.new_right)})`],
      [words.spillovers, whole(figures.spillovers)],
    ]);
    const series = this.tree === "binary" ? ["volume_left", "volume_right"] : ["personal_volume", "group_volume"];
    this.find("chart").replaceChildren(...chart(figures.days, series, words));
  }

  showRanks(changes) {
    const lines = changes.map((change) => {
      const line = document.createElement("li"), time = document.createElement("time"), what = document.createElement("strong");
      what.textContent = `${change.before} → ${change.after}`;
      time.dateTime = change.changed_at;
      time.textContent = new Date(change.changed_at).toLocaleDateString(this.words.language, { timeZone: "Asia/Seoul" });
      line.append(what, ` ${this.words[change.cause]} `, time);
      return line;
    });
    this.find("ranks").replaceChildren(...lines);
    this.find("no-ranks").hidden = lines.length > 0;
  }

  facts(list, pairs) {
    const made = (tag, text) => Object.assign(document.createElement(tag), { textContent: text ?? "–" });
    list.replaceChildren(...pairs.flatMap(([label, value]) => [made("dt", label), made("dd", value)]));
  }
}

// An amount is a text and stays one: a number would round what was booked.
export function grouped(text) {
  const [, sign, whole, rest] = /^(-?)(\d+)(\.\d+)?$/.exec(text);
  return (sign ? "−" : "") + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ?? "");
}

function chart(days, series, words) {
  const width = 320, height = 110, top = Math.max(1, ...days.flatMap((day) => series.map((name) => Number(day[name]))));
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words.chart });
  const room = width / days.length, bar = (room * 0.8) / series.length;
  days.forEach((day, i) => series.forEach((name, j) => {
    const tall = Math.max(0, Number(day[name])) / top * (height - 16);
    const mark = draw("rect", { class: `bar series-${j + 1}`, x: (i * room + room * 0.1 + j * bar).toFixed(1), y: (height - 14 - tall).toFixed(1), width: Math.max(bar - 0.5, 0.5).toFixed(1), height: tall.toFixed(1) });
    mark.append(draw("title", {}, `${day.day} ${words[name]} ${grouped(day[name])}`));
    svg.append(mark);
  }));
  svg.append(draw("line", { class: "grid", x1: 0, x2: width, y1: height - 13.5, y2: height - 13.5 }));
  svg.append(draw("text", { class: "axis", x: 0, y: height - 2 }, days[0].day.slice(5)));
  svg.append(draw("text", { class: "axis", x: width, y: height - 2, "text-anchor": "end" }, days.at(-1).day.slice(5)));
  const legend = document.createElement("div");
  legend.className = "legend";
  series.forEach((name, j) => legend.append(Object.assign(document.createElement("span"), { className: `series-${j + 1}`, textContent: words[name] })));
  return [legend, svg];
}

function draw(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}
