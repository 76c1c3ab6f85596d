// Searching for a member and jumping there: a combobox, as the ARIA practices have it.

export class Search {
  constructor(form, words, ask, choose) {
    this.input = form.querySelector("input");
    this.results = form.querySelector("[role=listbox]");
    this.words = words;
    this.ask = ask;
    this.choose = choose;
    this.found = [];
    form.addEventListener("submit", (event) => { event.preventDefault(); this.entered().catch(() => {}); });
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look().catch(() => {}), 200);
    });
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.results.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (option?.dataset.number) this.take(Number(option.dataset.number));
    });
  }

  // Whoever is quicker than the answer must not get the one before.
  async entered() {
    clearTimeout(this.timer);
    if (this.input.value.trim() !== this.looked) await this.look();
    this.take(Math.max(this.current, 0));
  }

  async look() {
    const text = this.input.value.trim();
    if (!text) { this.close(); return; }
    const answer = await this.ask(`?page_size=12&search=${encodeURIComponent(text)}`);
    if (this.input.value.trim() !== text) return;
    this.looked = text;
    this.found = answer.results;
    this.show();
  }

  show() {
    this.current = this.found.length ? 0 : -1;
    this.results.replaceChildren(...this.found.map((member, number) => this.option(member, number)));
    if (!this.found.length) {
      const nothing = Object.assign(document.createElement("li"), { textContent: this.words.nobody_found });
      nothing.setAttribute("role", "option");
      nothing.setAttribute("aria-disabled", "true");
      this.results.append(nothing);
    }
    this.results.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  option(member, number) {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.id = `found-${number}`;
    option.dataset.number = number;
    const name = Object.assign(document.createElement("strong"), { textContent: member.name || member.referral_code });
    const rest = Object.assign(document.createElement("span"), { textContent: [member.rank, member.uid, member.referral_code].filter(Boolean).join(" · ") });
    option.append(name, rest);
    return option;
  }

  mark() {
    [...this.results.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === this.current)));
    if (this.current >= 0) this.input.setAttribute("aria-activedescendant", `found-${this.current}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.results.children[this.current]?.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close();
    if (!step || !this.found.length) return;
    event.preventDefault();
    this.current = (this.current + step + this.found.length) % this.found.length;
    this.mark();
  }

  take(number) {
    const member = this.found[number];
    if (!member) return;
    this.close();
    this.input.value = this.looked = member.name || member.uid || "";
    this.choose(member);
  }

  close() {
    this.results.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
