// The page of minnow serve: what is drawn or filled in goes to /predict while it changes, and what comes back is shown.
"use strict";
(() => {
  const { data: model, element, number, tint, largest, picture } = Minnow;
  const find = id => document.getElementById(id);
  const SIDE = 280, PEN = 20, SHOWN_UNITS = 1024;

  // ---- Asking: one request at a time, and behind it the newest of those that were wanted meanwhile ----

  let asking = false, next = null;

  async function ask(body, type) {
    next = { body, type };
    if (asking) return;
    asking = true;
    while (next !== null) {
      const { body, type } = next;
      next = null;
      try {
        const response = await fetch("predict?detail=1", { method: "POST", body, headers: { "Content-Type": type } });
        const answer = await response.json();
        if (next === null) response.ok ? show(answer) : fail(answer.error);
      } catch {
        fail("The server does not answer. Is minnow serve still running?");
      }
    }
    asking = false;
  }

  function fail(message) {
    find("problem").textContent = message;
  }

  // ---- The answer ----

  const name = label => model.classes !== null ? model.classes[label] : String(label);
  const percent = share => `${(100 * share).toFixed(share > .9995 || share < .0005 ? 2 : 1)} %`;
  let bars = null, spoken = 0;

  // Says the answer to screen readers when it has not changed for a while.
  function say(text) {
    clearTimeout(spoken);
    spoken = setTimeout(() => { find("spoken").textContent = text; }, 700);
  }

  function makeBars(count) {
    bars = [];
    for (let i = 0; i < count; i++) {
      const fill = element("div", { class: "fill" }), share = element("span", { class: "share" });
      const row = element("div", { class: "bar", role: "listitem" }, element("span", { class: "name", title: name(i) }, name(i)),
        element("div", { class: "track", "aria-hidden": "true" }, fill), share);
      bars.push({ row, fill, share });
    }
    find("bars").setAttribute("role", "list");
    find("bars").replaceChildren(...bars.map(bar => bar.row));
  }

  // The likeliest come first where there are too many to see at a glance.
  function showBars(values, probabilities) {
    if (bars === null) makeBars(values.length);
    const most = probabilities ? 1 : largest(values) || 1, best = values.indexOf(Math.max(...values));
    bars.forEach((bar, i) => {
      bar.fill.style.width = `${100 * Math.max(0, values[i]) / most}%`;
      bar.share.textContent = probabilities ? percent(values[i]) : number(values[i]);
      bar.row.classList.toggle("best", i === best);
    });
    if (values.length > 20) {
      const order = values.map((value, i) => i).sort((a, b) => values[b] - values[a]);
      bars.forEach((bar, i) => { bar.row.style.order = order.indexOf(i); bar.row.hidden = order.indexOf(i) >= 20; });
      find("bars").style.display = "grid";
    }
  }

  function show(answer) {
    const first = answer.predictions[0];
    find("problem").textContent = "";
    if (first.prediction !== undefined) {
      const text = `${model.label ?? "prediction"}: ${number(first.prediction, 6)}`;
      find("answer").textContent = text;
      say(text);
    } else {
      const values = first.probabilities ?? first.outputs, share = values[first.label];
      const sure = first.probabilities ? `${percent(share)} sure` : `output ${number(share)}`;
      find("answer").replaceChildren(name(first.label), element("small", {}, `  ${sure}`));
      say(`${name(first.label)}, ${sure}`);
      showBars(values, Boolean(first.probabilities));
    }
    if (answer.seen) showSeen(answer.seen);
    if (answer.activations) showLayers(answer.activations);
  }

  function showSeen(seen) {
    const canvas = find("seen");
    if (canvas !== null) picture(canvas, [seen.height, seen.width, seen.channels], seen.pixels, false, 255);
  }

  // ---- Units ----

  let units = null;

  function makeLayers(layers) {
    const panels = [];
    units = layers.map((values, l) => {
      const last = l === layers.length - 1, count = Math.min(values.length, SHOWN_UNITS);
      const squares = Array.from({ length: count }, (_, i) => element("span", { class: "unit", title: last ? name(i) : `unit ${i}` }));
      const what = last ? "Outputs" : `Hidden layer ${l + 1}: ${values.length} units, ${model.activations[l]}`;
      const summary = element("span", { class: "soft" });
      panels.push(element("h3", {}, what + (count < values.length ? `, of which ${count} are shown. ` : ". "), summary),
        element("div", { class: count <= 64 ? "units few" : "units", "aria-hidden": "true" }, ...squares));
      return { squares, summary };
    });
    find("layers").replaceChildren(...panels);
    find("layers-panel").hidden = false;
  }

  function showLayers(layers) {
    if (units === null) makeLayers(layers);
    layers.forEach((values, l) => {
      const most = largest(values), active = values.filter(value => value !== 0).length;
      units[l].squares.forEach((square, i) => { square.style.background = tint(values[i], most); });
      units[l].summary.textContent = `${active} of ${values.length} are not 0; the largest is ${number(most)}`;
    });
  }

  // ---- A board to draw on ----

  function board(shape) {
    const canvas = element("canvas", { width: SIDE, height: SIDE, id: "board", role: "img", tabindex: "0",
      "aria-label": "A board to draw on with mouse, finger or pen. A picture file can be chosen below instead." });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const hint = element("div", { class: "hint", "aria-hidden": "true" }, "Draw here, or drop a picture");
    const frame = element("div", { class: "board" }, canvas, hint);
    let last = null, scheduled = false;

    function clear() {
      context.fillStyle = "white";
      context.fillRect(0, 0, SIDE, SIDE);
      hint.hidden = false;
      find("answer").textContent = "Nothing yet.";
      find("problem").textContent = "";
    }

    // The board as a PGM or PPM file, which every build reads.
    function send() {
      scheduled = false;
      const pixels = context.getImageData(0, 0, SIDE, SIDE).data, grey = shape.channels === 1;
      const head = new TextEncoder().encode(`P${grey ? 5 : 6}\n${SIDE} ${SIDE}\n255\n`);
      const bytes = new Uint8Array(SIDE * SIDE * shape.channels);
      for (let i = 0; i < SIDE * SIDE; i++)
        for (let c = 0; c < shape.channels; c++) bytes[i * shape.channels + c] = pixels[4 * i + c];
      ask(new Blob([head, bytes]), "image/x-portable-anymap");
    }

    function changed() {
      hint.hidden = true;
      if (!scheduled) {
        scheduled = true;
        requestAnimationFrame(send);
      }
    }

    function place(event) {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
    }

    function stroke(from, to) {
      context.strokeStyle = "black";
      context.lineWidth = PEN;
      context.lineCap = context.lineJoin = "round";
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
      changed();
    }

    canvas.addEventListener("pointerdown", event => {
      canvas.setPointerCapture(event.pointerId);
      last = place(event);
      stroke(last, last);
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", event => {
      if (last === null) return;
      for (const part of event.getCoalescedEvents?.() ?? [event]) {
        const to = place(part);
        stroke(last, to);
        last = to;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });

    // A file goes to the server as it is; the board shows it, if the browser can.
    async function take(file) {
      if (!file) return;
      clear();
      hint.hidden = true;
      ask(file, file.type || "application/octet-stream");
      try {
        const image = await createImageBitmap(file), scale = Math.min(SIDE / image.width, SIDE / image.height);
        const width = image.width * scale, height = image.height * scale;
        context.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
      } catch {
        hint.hidden = false;
      }
    }

    frame.addEventListener("dragover", event => { event.preventDefault(); frame.classList.add("over"); });
    frame.addEventListener("dragleave", () => frame.classList.remove("over"));
    frame.addEventListener("drop", event => {
      event.preventDefault();
      frame.classList.remove("over");
      take(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", event => {
      const file = event.clipboardData?.files[0];
      if (file) take(file);
    });
    document.addEventListener("keydown", event => { if (event.key === "Escape") clear(); });

    const chooser = element("input", { type: "file", id: "file", accept: "image/*,.pgm,.ppm", change: event => {
      take(event.target.files[0]);
      event.target.value = ""; // so that the same file, changed, may be chosen again
    } });
    const tools = element("div", { class: "tools" }, element("button", { class: "plain", type: "button", id: "clear", click: clear }, "Clear (Esc)"),
      element("label", { class: "file" }, "Choose a picture", chooser));
    const seen = element("figure", { class: "seen" }, element("canvas", { id: "seen", width: shape.width, height: shape.height, role: "img",
      "aria-label": "The picture as the network gets it" }),
      element("figcaption", {}, `As the network gets it: ${shape.width} × ${shape.height}${shape.centred ? ", found, cropped and centred" : ""}`));
    find("ask").replaceChildren(frame, tools, seen);
    clear();
  }

  // ---- A form for a table, and a field for plain numbers ----

  function form(columns) {
    const fields = columns.map((column, i) => {
      const id = `column-${i}`;
      let field;
      if (column.values) {
        field = element("select", { id }, ...column.values.map(value => element("option", {}, value)), element("option", { value: "" }, "(unknown)"));
      } else {
        field = element("input", { type: "text", id, inputmode: column.kind === "number" ? "decimal" : "text", autocomplete: "off" });
        if (column.usual !== null) field.value = String(column.usual);
      }
      field.addEventListener("input", send);
      return { column, field, label: element("label", { for: id }, column.name) };
    });

    function send() {
      const row = {};
      for (const { column, field } of fields) {
        const text = field.value.trim(), value = Number(text);
        row[column.name] = text === "" ? null : column.kind === "number" && Number.isFinite(value) ? value : text;
      }
      ask(JSON.stringify({ rows: [row] }), "application/json");
    }

    find("ask").replaceChildren(element("p", { class: "soft" }, "Numbers begin at the usual value of the training data. An empty field is a gap."),
      element("div", { class: "fields" }, ...fields.flatMap(({ label, field }) => [label, field])));
    send();
  }

  function numbers() {
    const field = element("textarea", { id: "values", "aria-describedby": "values-help", spellcheck: "false" });
    field.addEventListener("input", () => {
      const values = field.value.split(/[\s,;]+/).filter(text => text !== "").map(Number);
      if (values.length !== model.sizes[0] || values.some(value => !Number.isFinite(value)))
        fail(`${values.length} of ${model.sizes[0]} numbers`);
      else ask(JSON.stringify({ rows: [values] }), "application/json");
    });
    find("ask").replaceChildren(element("label", { for: "values" }, "Values"), field,
      element("p", { class: "soft", id: "values-help" }, `${model.sizes[0]} numbers, separated by commas or blanks.`));
  }

  // ---- The page ----

  const kind = model.input.kind;
  find("title").textContent = kind === "picture" ? "Draw, and see what the network makes of it" : "Ask the network";
  find("subtitle").textContent = `${model.sizes.join("-")}, ${[...new Set(model.activations)].join(", ") || "linear"}, ${model.loss}; ` +
    `${model.parameters.toLocaleString("en")} parameters, CRC-32 ${model.params_crc32}`;
  if (kind === "picture") board(model.input);
  else if (kind === "table") form(model.input.columns);
  else numbers();
  if (model.networks > 1) find("subtitle").textContent += `; an ensemble of ${model.networks} such networks, whose outputs are averaged`;
})();
