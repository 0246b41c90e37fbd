// The browser's half of board.py: native controls, and a canvas that draws the plain data of pictures.py.

const FONT = 'system-ui, "DejaVu Sans", sans-serif';
const FAR = 1e3; // times the panel's size; farther out nothing is seen
const QUIET = 700; // milliseconds without a change after which the words are read out
const PACE = 40; // milliseconds from one picture to the next while a player plays
const AHEAD = 3; // changes told to the kernel before it has answered the first, where it answers soon
const SOON = 150; // milliseconds
const PATIENCE = 10000; // milliseconds after which an answer must have been lost
// Jupyter's server leaves Nagle's algorithm on. It sends a small message only when the browser has acknowledged the
// one before, and a browser that has nothing to say itself does that after 40 ms. So we say something: this long after
// a change, in milliseconds, unless the picture has come, or more changes have said enough. Not often, for whatever
// we say makes the whole notebook show that the kernel is busy.
const NUDGES = [12, 28];

export default {
  render({ model, el }) {
    const board = new Board(model);
    el.append(board.root);
    board.place();
    return () => board.remove();
  },
};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

class Board {
  constructor(model) {
    this.model = model;
    this.id = "mlp-" + Math.random().toString(36).slice(2);
    this.values = { ...model.get("values") };
    this.stop = null; // ends the player that plays
    this.untold = false; // whether a value has changed since the kernel was told last
    this.awaited = []; // the turns that the kernel was told and has not answered, and when
    this.turns = 0;
    this.took = SOON; // milliseconds, the last answer
    this.nudging = [];
    this.root = make("div", { class: "mlp-board", "data-pictures": "0" });
    this.setters = {};
    for (const control of model.get("controls")) this.root.append(this[control.kind](control));
    this.status = make("span", { class: "mlp-hidden", role: "status" });
    this.trouble = make("div", { class: "mlp-trouble", role: "alert" });
    this.reply = make("div", { class: "mlp-reply", role: "status" });
    this.root.append(this.trouble, this.reply);
    if (model.get("shown").picture) {
      this.canvas = make("canvas", { role: "img" });
      this.root.append(make("div", { class: "mlp-canvas" }, this.canvas), this.status);
    }
    if (model.get("caption")) this.root.append(make("p", { class: "mlp-caption" }, model.get("caption")));
    // Notebooks have keys of their own, such as arrows that move to the next cell. JupyterLab listens after us; Notebook
    // before us, but it leaves the keys of an element with this attribute alone.
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    for (const control of this.root.querySelectorAll("input, select, button")) {
      control.setAttribute("data-lm-suppress-shortcuts", "true");
    }
    this.follow = () => this.update();
    model.on("change:shown", this.follow);
  }

  /** Once it is part of the page: watch the page's theme and the room that there is. */
  place() {
    this.watchers = [new ResizeObserver(() => this.draw()), new MutationObserver(() => this.draw())];
    if (this.canvas) this.watchers[0].observe(this.canvas.parentElement);
    for (const element of [document.documentElement, document.body]) {
      this.watchers[1].observe(element, { attributes: true });
    }
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.scheme.addEventListener("change", this.redraw);
    this.update();
  }

  remove() {
    this.stop?.();
    clearTimeout(this.speaking);
    this.nudging.forEach(clearTimeout);
    this.model.off("change:shown", this.follow);
    this.watchers.forEach((watcher) => watcher.disconnect());
    this.scheme.removeEventListener("change", this.redraw);
    this.root.remove();
  }

  /** A control stands at another value: the kernel is told, or, while it is behind, told the newest when it is not. */
  send(key, value) {
    this.values[key] = value;
    this.model.set("values", { ...this.values }); // for another view of the same board
    this.untold = true;
    if (performance.now() - this.awaited[0]?.told > PATIENCE) this.awaited = [];
    this.tell();
  }

  /** Whether the kernel has so many changes to answer that another one would wait. */
  behind(most) {
    return this.awaited.length >= (this.took < SOON ? most : 1);
  }

  tell() {
    if (!this.untold || this.behind(AHEAD)) return;
    const turn = `${this.id} ${++this.turns}`;
    this.untold = false;
    this.awaited.push({ turn, told: performance.now() });
    // Not as a change of the model: Jupyter sends the next one of these only when the kernel says that it is idle.
    this.model.send({ values: { ...this.values, turn } });
    this.nudging.forEach(clearTimeout);
    this.nudging = (this.awaited.length > 1 ? [] : NUDGES).map((delay) => setTimeout(() => this.model.send({}), delay));
  }

  update() {
    const { words, trouble, reply, values } = this.model.get("shown");
    const answered = this.awaited.findIndex(({ turn }) => turn === values?.turn);
    if (answered >= 0) this.took = performance.now() - this.awaited[answered].told;
    this.awaited.splice(0, answered + 1);
    if (!this.awaited.length) this.nudging.forEach(clearTimeout);
    this.tell();
    this.trouble.textContent = trouble || "";
    this.reply.replaceChildren(...(reply ? [make("b", {}, reply.verdict), " ", reply.text] : []));
    this.reply.classList.toggle("mlp-right", Boolean(reply?.right));
    this.draw();
    if (this.canvas) {
      this.canvas.setAttribute("aria-label", words);
      clearTimeout(this.speaking);
      if (!this.stop) this.speaking = setTimeout(() => (this.status.textContent = words), QUIET);
      this.root.dataset.pictures = Number(this.root.dataset.pictures) + 1;
    }
  }

  draw() {
    const dark = isDark(this.root.parentElement);
    this.root.classList.toggle("mlp-dark", dark);
    const picture = this.model.get("shown").picture;
    if (!this.canvas || !picture || !this.root.isConnected) return;
    const [width, height] = picture.size;
    const scale = parseFloat(getComputedStyle(this.root).getPropertyValue("--mlp-scale")) || 1;
    this.canvas.parentElement.style.maxWidth = `${width * scale}px`;
    const shown = this.canvas.parentElement.clientWidth;
    if (!shown) return;
    const zoom = (shown / width) * (window.devicePixelRatio || 1);
    const size = [Math.round(width * zoom), Math.round(height * zoom)];
    if (this.canvas.width !== size[0]) this.canvas.width = size[0];
    if (this.canvas.height !== size[1]) this.canvas.height = size[1];
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    Object.assign(this.canvas, { picture, values: this.model.get("shown").values }); // for tests
    const pen = this.canvas.getContext("2d");
    const colors = this.model.get("themes")[dark ? "dark" : "light"];
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = colors.ground;
    pen.fillRect(0, 0, ...size);
    pen.setTransform(zoom, 0, 0, zoom, 0, 0);
    for (const panel of picture.panels) new Panel(pen, panel, colors).draw();
  }

  // Controls.

  row(control, ...parts) {
    const label = make("label", { for: `${this.id}-${control.key}` }, control.label);
    return make("div", { class: "mlp-row" }, label, ...parts);
  }

  range(control, ...more) {
    const { key, min, max, step, digits, words } = control;
    const input = make("input", { type: "range", id: `${this.id}-${key}`, min, max, step, "data-key": key });
    const output = make("output", { for: input.id });
    const tell = () => {
      output.textContent = words ? words[input.value] : Number(input.value).toFixed(digits).replace("-", "−");
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.value = this.values[key];
    tell();
    input.addEventListener("input", () => {
      this.stop?.();
      tell();
      this.send(key, Number(input.value));
    });
    this.setters[key] = (value) => {
      input.value = value;
      tell();
      this.send(key, value);
    };
    return this.row(control, input, output, ...more);
  }

  select(control) {
    const input = make("select", { id: `${this.id}-${control.key}`, "data-key": control.key });
    for (const option of control.options) input.append(make("option", { value: option }, option));
    input.value = this.values[control.key];
    input.addEventListener("change", () => this.send(control.key, input.value));
    return this.row(control, input);
  }

  player(control) {
    const play = this.playButton(() => {
      const now = Number(this.values[control.key]);
      this.setters[control.key](now >= control.max ? control.min : now + 1);
      return now + 1 < control.max || now >= control.max;
    });
    return this.range(control, play);
  }

  training(control) {
    const advance = () => {
      this.send(control.key, this.values[control.key] + 1);
      return true;
    };
    const step = make("button", { type: "button", "data-key": `${control.key}-step` }, "Step");
    step.addEventListener("click", () => {
      this.stop?.();
      advance();
    });
    const group = { class: "mlp-row", role: "group", "aria-label": control.label };
    return make("div", group, this.playButton(advance), step);
  }

  /** A button that calls advance() at a steady pace, or slower, so that no picture waits; until that returns false. */
  playButton(advance) {
    const button = make("button", { type: "button", class: "mlp-play" }, "Play");
    const stop = () => {
      this.stop = null;
      button.textContent = "Play";
      this.status.textContent = this.model.get("shown").words || "";
    };
    let begun = 0;
    const next = () => {
      if (this.stop !== stop) return;
      requestAnimationFrame(next);
      if (performance.now() - begun < PACE * 0.8 || this.behind(2)) return;
      begun = performance.now();
      if (!advance()) stop();
    };
    button.addEventListener("click", () => {
      if (this.stop === stop) return stop();
      this.stop?.();
      this.stop = stop;
      this.awaited = [];
      button.textContent = "Pause";
      next();
    });
    return button;
  }

  press(control) {
    const button = make("button", { type: "button", "data-key": control.key }, control.label);
    this.pressed = () => this.send(control.key, this.values[control.key] + 1);
    button.addEventListener("click", this.pressed);
    return make("div", { class: "mlp-row" }, button);
  }

  radio(control) {
    const name = `${this.id}-${control.key}`;
    const group = make("fieldset", {}, make("legend", { class: "mlp-hidden" }, control.label));
    for (const option of control.options) {
      const input = make("input", { type: "radio", name, value: option });
      input.checked = this.values[control.key] === option;
      input.addEventListener("change", () => this.answer(control.key, option));
      group.append(make("label", {}, input, make("span", {}, option)));
    }
    return group;
  }

  entry(control) {
    const input = make("input", { type: "text", id: `${this.id}-${control.key}`, autocomplete: "off", size: 12 });
    input.value = this.values[control.key];
    input.addEventListener("input", () => this.answer(control.key, input.value));
    input.addEventListener("keydown", (event) => event.key === "Enter" && this.pressed());
    return this.row(control, input);
  }

  /** An answer waits for the button; what was said to the one before goes away. */
  answer(key, value) {
    this.values[key] = value;
    this.reply.replaceChildren();
  }
}

/** Whether the page is dark here: by the first ground behind the element that covers, else by what the reader prefers. */
function isDark(element) {
  for (; element; element = element.parentElement) {
    const [red, green, blue, cover = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) || []).map(Number);
    if (cover > 0.5 && red !== undefined) return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;
  }
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function floats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

class Panel {
  constructor(pen, panel, colors) {
    Object.assign(this, { pen, panel, colors });
    [this.left, this.top, this.width, this.height] = panel.box;
    this.right = this.left + this.width;
    this.bottom = this.top + this.height;
  }

  draw() {
    const { pen, panel } = this;
    const heats = panel.marks.filter((mark) => mark.kind === "heat");
    heats.forEach((mark) => this.heat(mark));
    if (panel.frame) this.axes(heats.length > 0);
    this.words(panel.title, (this.left + this.right) / 2, this.top - 16, { size: 15 });
    for (const mark of panel.marks) {
      if (mark.kind === "heat") continue;
      pen.save();
      if (mark.kind !== "text" && !mark.arrow && panel.frame) {
        pen.beginPath();
        pen.rect(this.left, this.top, this.width, this.height);
        pen.clip();
      }
      this[mark.kind](mark);
      pen.restore();
    }
    this.legend();
  }

  axes(covered) {
    const { panel } = this;
    const faint = { color: this.colors.faint, width: 0.8 };
    for (const [at, word] of panel.xticks) {
      const x = this.x(at);
      if (!covered) this.stroke([[x, this.top], [x, this.bottom]], faint);
      this.words(word, x, this.bottom + 12, { size: 12 });
    }
    for (const [at, word] of panel.yticks) {
      const y = this.y(at);
      if (!covered) this.stroke([[this.left, y], [this.right, y]], faint);
      this.words(word, this.left - 6, y, { size: 12, align: "right" });
    }
    const { left, top, right, bottom } = this;
    this.stroke([[left, top], [left, bottom], [right, bottom]], { color: this.colors.ink, width: 1 });
    this.words(panel.xlabel, (left + right) / 2, bottom + 32, { size: 13 });
    this.words(panel.ylabel, left - 48, (top + bottom) / 2, { size: 13, turn: -Math.PI / 2 });
  }

  x(value) {
    return this.left + this.width * share(value, this.panel.xlim, this.panel.xlog);
  }

  y(value) {
    return this.top + this.height * (1 - share(value, this.panel.ylim, this.panel.ylog));
  }

  stroke(points, { color, width, dash = [] }) {
    const { pen } = this;
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.setLineDash(dash);
    pen.beginPath();
    let down = false;
    for (const [x, y] of points) {
      const seen = Number.isFinite(x) && Number.isFinite(y);
      if (seen) pen[down ? "lineTo" : "moveTo"](x, y);
      down = seen;
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  words(words, x, y, { size, align = "center", color = this.colors.ink, bold = false, turn = 0, ground = false }) {
    if (!words) return;
    const { pen } = this;
    const lines = words.split("\n");
    pen.save();
    pen.translate(x, y);
    pen.rotate(turn);
    pen.font = `${bold ? "bold " : ""}${size}px ${FONT}`;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    const step = 1.2 * size;
    if (ground) {
      const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) + 4;
      const tall = step * lines.length;
      pen.fillStyle = this.colors.ground;
      pen.fillRect({ left: -2, center: -wide / 2, right: 2 - wide }[align], -tall / 2, wide, tall);
    }
    pen.fillStyle = color;
    lines.forEach((line, row) => pen.fillText(line, 0, (row - (lines.length - 1) / 2) * step));
    pen.restore();
  }

  // Marks.

  line(mark) {
    const x = floats(mark.x), y = floats(mark.y);
    const points = Array.from(x, (value, index) => [this.x(value), this.y(y[index])]);
    this.stroke(points, { color: this.colors[mark.color], width: mark.width, dash: mark.dash ? [8, 5] : [] });
  }

  points(mark) {
    const x = floats(mark.x), y = floats(mark.y);
    for (let index = 0; index < x.length; index++) this.marker(mark, this.x(x[index]), this.y(y[index]));
  }

  marker({ color, marker, size, hollow, edge }, x, y) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const { pen } = this;
    pen.beginPath();
    if (marker === "o") pen.arc(x, y, size, 0, 2 * Math.PI);
    else {
      for (const [dx, dy] of SHAPES[marker]) pen.lineTo(x + dx * size, y + dy * size);
      pen.closePath();
    }
    if (!hollow) {
      pen.fillStyle = this.colors[color];
      pen.fill();
    }
    pen.strokeStyle = hollow || !edge ? this.colors[color] : this.colors.edge;
    pen.lineWidth = hollow ? 2.5 : 0.7;
    pen.stroke();
  }

  segments(mark) {
    const [x0, y0, x1, y1, width] = [mark.x0, mark.y0, mark.x1, mark.y1, mark.width].map(floats);
    for (let index = 0; index < x0.length; index++) {
      const start = [this.x(x0[index]), this.y(y0[index])], end = [this.x(x1[index]), this.y(y1[index])];
      const color = this.colors[mark.colors[index]];
      if (![...start, ...end].every(Number.isFinite)) continue;
      this.stroke([start, end], { color, width: width[index] });
      if (mark.arrow) this.head(start, end, color);
    }
  }

  head(start, end, color) {
    const { pen } = this;
    const angle = Math.atan2(end[1] - start[1], end[0] - start[0]);
    pen.fillStyle = color;
    pen.beginPath();
    pen.moveTo(...end);
    for (const side of [-0.35, 0.35]) pen.lineTo(end[0] - 10 * Math.cos(angle + side), end[1] - 10 * Math.sin(angle + side));
    pen.closePath();
    pen.fill();
  }

  bars(mark) {
    const [x, low, high] = [mark.x, mark.low, mark.high].map(floats);
    for (let index = 0; index < x.length; index++) {
      const left = this.x(x[index] - mark.width / 2), right = this.x(x[index] + mark.width / 2);
      const y = [this.y(low[index]), this.y(high[index])];
      this.pen.fillStyle = this.colors[mark.colors[index]];
      this.pen.fillRect(left, Math.min(...y), right - left, Math.abs(y[1] - y[0]));
    }
  }

  heat(mark) {
    const [rows, columns] = mark.shape;
    const table = this.table(mark.color);
    const levels = new Uint8Array(mark.levels.buffer, mark.levels.byteOffset, rows * columns);
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const level = Math.min(levels[row * columns + column], table.length - 1);
        pixels[(rows - 1 - row) * columns + column] = table[level];
      }
    }
    const sheet = new OffscreenCanvas(columns, rows);
    sheet.getContext("2d").putImageData(image, 0, 0);
    this.pen.imageSmoothingEnabled = false;
    this.pen.drawImage(sheet, this.left, this.top, this.width, this.height);
  }

  /** The colours of a heat map as pixels, one for each level. */
  table(name) {
    const stops = this.colors[name === "grey" ? "scale" : name].map((color) =>
      [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
    );
    const pixel = ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red;
    if (name === "regions") return stops.map(pixel);
    return Array.from({ length: 256 }, (_, level) => {
      const at = (level / 255) * (stops.length - 1);
      const left = Math.min(Math.floor(at), stops.length - 2);
      return pixel(stops[left].map((from, channel) => Math.round(from + (at - left) * (stops[left + 1][channel] - from))));
    });
  }

  text({ x, y, words, color, size, bold, align, ground, up }) {
    const ink = this.colors.words[color] || this.colors[color];
    this.words(words, this.x(x), this.y(y) - up, { size, align, color: ink, bold, ground });
  }

  legend() {
    const { pen, panel } = this;
    if (!panel.labels.length) return;
    pen.font = `12px ${FONT}`;
    const wide = 40 + Math.max(...panel.labels.map(({ label }) => pen.measureText(label).width));
    const tall = 18 * panel.labels.length + 6;
    const left = panel.legend.includes("left") ? this.left + 8 : this.right - wide - 8;
    const top = panel.legend.includes("upper") ? this.top + 6 : this.bottom - tall - 6;
    pen.globalAlpha = 0.85;
    pen.fillStyle = this.colors.ground;
    pen.fillRect(left, top, wide, tall);
    pen.globalAlpha = 1;
    pen.strokeStyle = this.colors.faint;
    pen.lineWidth = 0.8;
    pen.strokeRect(left, top, wide, tall);
    panel.labels.forEach((label, row) => {
      const y = top + 12 + 18 * row;
      const color = this.colors[label.color];
      if (label.kind === "points") this.marker({ ...label, size: 4.5, edge: true }, left + 16, y);
      else if (label.kind === "bars") {
        pen.fillStyle = color;
        pen.fillRect(left + 7, y - 5, 18, 10);
      } else this.stroke([[left + 6, y], [left + 26, y]], { color, width: 2, dash: label.dash ? [5, 3] : [] });
      this.words(label.label, left + 31, y, { size: 12, align: "left" });
    });
  }
}

/** Where a value lies between the limits: 0 at the low one, 1 at the high one; NaN if nowhere. */
function share(value, [low, high], log) {
  if (log) [value, low, high] = [value > 0 ? Math.log10(value) : NaN, Math.log10(low), Math.log10(high)];
  const at = (value - low) / (high - low);
  return Number.isFinite(at) ? Math.max(-FAR, Math.min(FAR, at)) : NaN;
}

// Corners of the markers, for a size of 1; y counts downwards.
const SHAPES = {
  s: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  "^": [[0, -1.1], [1.05, 0.9], [-1.05, 0.9]],
  v: [[0, 1.1], [1.05, -0.9], [-1.05, -0.9]],
  D: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  P: [[-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4],
      [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]],
  "*": Array.from({ length: 10 }, (_, corner) => {
    const angle = (corner * Math.PI) / 5, reach = corner % 2 ? 0.6 : 1.5;
    return [reach * Math.sin(angle), -reach * Math.cos(angle)];
  }),
};
