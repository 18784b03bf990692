/* The map of regions: every entry coloured by its number of terms; a large input as a picture, too. */

const MOST_POINTS = 300;

class RegionMap {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    this.grid = new Grid(owner, "I", host.querySelector("[data-map='grid']"));
    this.picture = host.querySelector("canvas");
    this.most = Math.max(1, ...owner.data.regions.map((r) => r.terms));
    this.legend(host.querySelector("[data-map='legend']"));
    this.list(host.querySelector("[data-map='list']"));
    const whole = host.querySelector("[data-map='whole']");
    whole.hidden = !this.grid.large || this.grid.rank < 2;
    if (!whole.hidden) this.paint();
    owner.listeners.push((asked) => this.follow(asked));
  }

  /* The share of a colour: none without terms, the whole with the most. */
  strength(terms) {
    return terms === 0 ? 0 : 0.18 + 0.82 * (Math.max(0, terms - 1) / Math.max(1, this.most - 1));
  }

  tint(node, terms) {
    node.style.setProperty("--strength", this.strength(terms));
    node.classList.toggle("strong", this.strength(terms) > 0.6);
  }

  legend(host) {
    const counts = [...new Set(this.owner.data.regions.map((r) => r.terms))].sort((x, y) => x - y);
    const shownCounts = counts.length <= 10 ? counts : counts.filter((_, k) => k % Math.ceil(counts.length / 9) === 0 || k === counts.length - 1);
    host.append(this.owner.words.text("terms"), ...shownCounts.map((terms) => {
      const chip = element("span", { class: "chip" }, String(terms));
      this.tint(chip, terms);
      return chip;
    }));
  }

  /* A button a region: it asks about the region's first entry. */
  list(host) {
    const { words, data } = this.owner;
    for (const region of data.regions) {
      const count = region.count === 1 ? words.text("one entry") : words.text("n entries", { n: region.count });
      const terms = region.terms === 1 ? words.text("one term") : words.text("n terms", { n: region.terms });
      const chip = element("span", { class: "chip", "aria-hidden": "true" });
      this.tint(chip, region.terms);
      const button = element("button", { type: "button" }, chip, region.name ? ` ${region.name} ` : " ", drawn(this.owner, "I", region.at), ` · ${count} · ${terms}`);
      button.addEventListener("click", () => this.owner.pin({ tensor: "I", q: region.at }));
      button.addEventListener("pointerenter", () => this.outline(region));
      button.addEventListener("pointerleave", () => this.grid.clear());
      host.append(element("li", {}, button));
    }
  }

  holds(region, q) {
    const inRun = ([first, step, count], t) => t >= first && (t - first) % step === 0 && (t - first) / step < count;
    return region.blocks.some((block) => block.every((runs, k) => runs.some((run) => inRun(run, q[k]))));
  }

  outline(region) {
    this.grid.clear();
    for (const key of this.grid.cells.keys()) {
      const q = key.split(" ").map(Number);
      if (this.holds(region, q)) this.grid.mark(q, "member");
    }
  }

  follow({ tensor, q }) {
    const { owner } = this, grid = owner.grids.get("I");
    this.grid.draw(owner.planes.I.slice(0, owner.rest("I")), tensor === "I" ? q : [Math.ceil(grid.rows / 2), Math.ceil(grid.columns / 2)]);
    for (const [key, cell] of this.grid.cells) {
      const terms = owner.relation.count(key.split(" ").map(Number));
      cell.classList.add("counted");
      this.tint(cell, terms);
      cell.replaceChildren(this.grid.host.querySelector("table.narrow") ? "" : String(terms));
    }
    this.grid.clear();
    if (tensor === "I") this.grid.mark(q, "asked");
  }

  /* Along one axis the mean number of windows in each of the picture's points; a point is one entry where they fit. */
  along(x, n) {
    const { relation } = this.owner, points = Math.min(n, MOST_POINTS);
    return range(points, 0).map((k) => {
      const first = Math.floor((k * n) / points) + 1, last = Math.floor(((k + 1) * n) / points);
      const counts = range(last - first + 1, first).map((t) => relation.readers(x, t).length);
      return counts.reduce((a, b) => a + b, 0) / counts.length;
    });
  }

  paint() {
    const { relation, notation } = this.owner, { rows, columns } = this.grid, { picture } = this;
    const rest = relation.axes.length - 2, down = this.along(rest, rows), across = this.along(rest + 1, columns);
    picture.width = across.length;
    picture.height = down.length;
    const context = picture.getContext("2d"), image = context.createImageData(across.length, down.length);
    const middle = relation.shape("I").map((n, k) => (k < relation.lead ? 1 : Math.ceil(n / 2)));
    const each = range(rest, 0).reduce((x, k) => x * relation.readers(k, middle[relation.lead + k]).length, relation.filters);
    down.forEach((r, y) => across.forEach((c, x) => {
      image.data.set([0xcc, 0x79, 0xa7, Math.round(255 * this.strength(each * r * c))], 4 * (y * across.length + x));
    }));
    context.putImageData(image, 0, 0);
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect(), share = (x, size, n) => Math.min(n, Math.max(1, 1 + Math.floor((x / size) * n)));
      const q = [...this.owner.planes.I, share(event.clientY - box.top, box.height, rows), share(event.clientX - box.left, box.width, columns)];
      this.owner.pin({ tensor: "I", q });
    });
    picture.title = `${notation.printed(1)} … ${notation.printed(columns)}`;
  }
}
