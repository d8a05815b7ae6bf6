// The walk through a network: its steps, its units and their formulas.
"use strict";
(() => {
  const { data, floats, element, number, superscript, largest, tint, picture } = Minnow;
  const LINES = 40, TERMS = 5, COLUMNS = 8, INPUTS = 30;
  const byId = id => document.getElementById(id);
  const input = floats(data.a0), importance = floats(data.importance), change = floats(data.occlusion.change);
  const layers = data.layers.map(layer => {
    const made = { ...layer };
    for (const name of ["weights", "biases", "z", "a", "delta", "slopes"]) made[name] = layer[name] ? floats(layer[name]) : null;
    made.place = new Map(layer.units.map((unit, n) => [unit, n]));
    return made;
  });
  const last = layers.length - 1, targets = data.targets ? floats(data.targets) : null;
  const into = l => l === 0 ? input : layers[l - 1].a;
  const weightsOf = (l, unit) => {
    const n = layers[l].place.get(unit);
    return n === undefined ? null : layers[l].weights.subarray(n * layers[l].inputs, (n + 1) * layers[l].inputs);
  };
  const className = j => data.names ? data.names[j] : String(j);
  const inputName = i => {
    if (!data.shape) return data.inputNames[i] || `input ${i}`;
    const pixel = Math.floor(i / data.shape[2]);
    return `row ${Math.floor(pixel / data.shape[1])}, column ${pixel % data.shape[1]}`;
  };
  const unitName = (l, unit) => l === last ? `Output ${unit}${data.names && data.names[unit] !== String(unit) ? ` (${className(unit)})` : ""}` : `Unit ${unit} of layer ${l + 1}`;
  const s = superscript, slope = l => `${layers[l].activation}′`;

  // ---- The steps ----

  const steps = [];
  const add = (kind, l, title, formula, text) => steps.push({ kind, l, title, formula, text });
  add("input", -1, "The sample", `a⁰   [${input.length}]`,
    `What goes in: ${input.length} numbers${data.shape ? `, the ${data.shape[0]} × ${data.shape[1]} pixels of the picture` : ""}. The walk forward makes of them, layer by layer, the outputs.`);
  layers.forEach((layer, l) => {
    const [W, a, b, z] = [`W${s(l + 1)}`, `a${s(l)}`, `b${s(l + 1)}`, `z${s(l + 1)}`];
    add("z", l, `Forward: weighted sums of layer ${l + 1}`, `${z} = ${W} ${a} + ${b}   ${W} [${layer.outputs} × ${layer.inputs}], ${b} and ${z} [${layer.outputs}]`,
      "Each unit multiplies what comes in by its weights, adds it up, and adds its bias. The lines are the products that weigh most.");
    add("a", l, `Forward: activations of layer ${l + 1}`, `a${s(l + 1)} = ${layer.activation}(${z})   [${layer.outputs}]`,
      l < last ? `Each sum goes through ${layer.activation}. What comes out is what the next layer takes in.`
        : data.numbers ? "What comes out is the prediction." : "What comes out is what the network says of each class.");
  });
  add("loss", last, "The loss", `C = ${data.lossFormula} = ${number(data.C)}   where a is a${s(last + 1)}`,
    data.numbers ? "How far the prediction is from y, the number that is right." : `How far the outputs are from y, which is 1 for the right class, ${className(data.answer)}, and 0 for the others.`);
  for (let l = last; l >= 0; l--) {
    const d = `δ${s(l + 1)}`, z = `z${s(l + 1)}`;
    add("delta", l, `Backward: deltas of layer ${l + 1}`,
      l === last ? `${d} = ∂C/∂${z} = ${data.deltaFormula}   [${layers[l].outputs}]`
        : `${d} = (W${s(l + 2)})ᵀ δ${s(l + 2)} ⊙ ${slope(l)}(${z})   [${layers[l].outputs}], ${slope(l)} = ${layers[l].slope}`,
      l === last ? "How the loss would change with each weighted sum: what is too large is above 0."
        : "What the layer behind asks for comes back through the same weights, and through the slope of the activation. The lines are the products that weigh most.");
    add("gradient", l, `Backward: gradients of layer ${l + 1}`, `∂C/∂W${s(l + 1)} = ${d} (a${s(l)})ᵀ   [${layers[l].outputs} × ${layers[l].inputs}],   ∂C/∂b${s(l + 1)} = ${d}`,
      "How the loss changes with each weight: what went into it, times its unit's delta. The lines are the largest.");
  }
  add("step", last, "One step of gradient descent", `w ← w − η ∂C/∂w, η = ${number(data.rate)}:   C ${number(data.C)} → ${number(data.lossAfter)}`,
    `With every weight and bias moved a little against its gradient, for this sample alone, output ${data.answer} goes from ${number(layers[last].a[data.answer])} to ${number(floats(data.outputsAfter)[data.answer])}.`);

  let at = 0, chosen = null;
  const anchors = []; // of each layer, the sample first: unit to where its lines begin

  // ---- The network ----

  const network = byId("network"), lines = byId("lines");

  function layerBox(l, title, detail, body) {
    return element("div", { class: `layer${l >= 0 && layers[l].units.length > 64 ? " many" : ""}`, role: "group", "aria-label": title },
      element("h3", {}, title, " ", element("span", { class: "soft" }, detail)), body);
  }

  function unitButton(l, unit, first) {
    return element("button", {
      type: "button", class: "unit", tabindex: first ? "0" : "-1", "data-layer": l, "data-unit": unit,
      pointerenter: () => choose(l, unit), focus: () => choose(l, unit), click: () => choose(l, unit),
    });
  }

  function makeInput() {
    let body;
    if (data.shape) {
      const canvas = element("canvas", { role: "img", "aria-label": "The sample as a picture" });
      picture(canvas, data.shape, input);
      anchors.push(i => {
        const box = canvas.getBoundingClientRect(), pixel = Math.floor(i / data.shape[2]);
        return [box.left + (pixel % data.shape[1] + .5) / data.shape[1] * box.width, box.top + (Math.floor(pixel / data.shape[1]) + .5) / data.shape[0] * box.height];
      });
      body = canvas;
    } else {
      const shown = order(input).slice(0, INPUTS).sort((i, j) => i - j);
      const rows = new Map(shown.map(i => [i, element("tr", {}, element("td", {}, inputName(i)), element("td", { class: "number" }, number(input[i])))]));
      anchors.push(i => {
        const row = rows.get(i), box = row && row.getBoundingClientRect();
        return box ? [box.right, box.top + box.height / 2] : null;
      });
      body = element("div", { class: "inputs-list" }, element("table", {}, element("tbody", {}, ...rows.values())),
        shown.length < input.length ? element("p", { class: "soft" }, `The ${shown.length} largest of ${input.length}.`) : null);
    }
    return layerBox(-1, "a⁰", `[${input.length}]`, body);
  }

  function makeHidden(l) {
    const layer = layers[l], grid = element("div", { class: "units" });
    const columns = Math.max(1, Math.min(layer.units.length, layer.units.length > 64 ? 16 : COLUMNS, Math.ceil(Math.sqrt(layer.units.length))));
    grid.style.gridTemplateColumns = `repeat(${columns}, auto)`;
    layer.buttons = new Map(layer.units.map((unit, n) => [unit, unitButton(l, unit, n === 0)]));
    grid.append(...layer.buttons.values());
    return layerBox(l, `Layer ${l + 1}`, layer.units.length < layer.outputs ? `${layer.units.length} of ${layer.outputs} units` : `${layer.outputs} units`, grid);
  }

  function makeOutputs() {
    const layer = layers[last], rows = element("div", { class: "outputs" });
    layer.buttons = new Map();
    const most = data.numbers ? largest(layer.a) : 1;
    layer.units.forEach((unit, n) => {
      const button = unitButton(last, unit, n === 0), bar = element("span", { class: "bar", "aria-hidden": "true" });
      bar.style.width = `${(100 * Math.min(1, Math.abs(layer.a[unit]) / (most || 1))).toFixed(1)}%`;
      layer.buttons.set(unit, button);
      rows.append(element("span", { class: `name${!data.numbers && unit === data.answer ? " right" : ""}` }, className(unit)), button, bar,
        element("span", { class: "value formula" }, number(layer.a[unit], 3)));
    });
    const found = layer.units.length < layer.outputs ? `${layer.units.length} of ${layer.outputs}` : `${layer.outputs}`;
    return layerBox(last, "Outputs", found, rows);
  }

  function anchorUnits(l) {
    anchors.push(unit => {
      const button = layers[l].buttons.get(unit), box = button && button.getBoundingClientRect();
      return box ? [box.left + box.width / 2, box.top + box.height / 2] : null;
    });
  }

  // Indices by size, largest first.
  function order(values) {
    return Array.from(values.keys()).sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]) || i - j);
  }

  // What the lines of a step are: [from, to, value], between layer l and what goes into it.
  function strongest(step) {
    const l = step.kind === "delta" ? step.l + 1 : step.l, found = [];
    if (l < 0 || l > last || step.kind === "loss" || step.kind === "step") return { l, found };
    let least = 0;
    for (const unit of layers[l].units) {
      const w = weightsOf(l, unit), a = into(l), delta = layers[l].delta[unit];
      for (let i = 0; i < w.length; i++) {
        const value = step.kind === "delta" ? w[i] * delta : step.kind === "gradient" ? a[i] * delta : w[i] * a[i];
        if (Math.abs(value) <= least || value === 0) continue;
        found.push([i, unit, value]);
        if (found.length >= 4 * LINES) {
          found.sort((x, y) => Math.abs(y[2]) - Math.abs(x[2])).length = LINES;
          least = Math.abs(found[LINES - 1][2]);
        }
      }
    }
    found.sort((x, y) => Math.abs(y[2]) - Math.abs(x[2]));
    return { l, found: found.slice(0, LINES) };
  }

  function drawLines() {
    const { l, found } = strongest(steps[at]), frame = network.getBoundingClientRect();
    const most = found.length > 0 ? Math.abs(found[0][2]) : 1, paths = [], across = getComputedStyle(network).flexDirection === "row";
    for (const [from, to, value] of found) {
      const a = anchors[l](from), b = anchors[l + 1](to);
      if (!a || !b) continue;
      const [x1, y1, x2, y2] = [a[0] - frame.left, a[1] - frame.top, b[0] - frame.left, b[1] - frame.top], share = Math.abs(value) / most;
      const bend = across ? `${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2}` : `${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2}`;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M${x1} ${y1}C${bend} ${x2} ${y2}`);
      path.style.stroke = `rgba(var(${value >= 0 ? "--more" : "--less"}), ${(.15 + .75 * share).toFixed(2)})`;
      path.style.strokeWidth = `${(.6 + 2.4 * share).toFixed(2)}px`;
      paths.push(path);
    }
    lines.replaceChildren(...paths);
    byId("legend-lines").textContent = paths.length > 0 ? `The lines are the ${paths.length} largest products.` : "";
  }

  // Which numbers a layer shows in a step.
  function shownOf(step, l) {
    const backward = step.kind === "delta" || step.kind === "gradient";
    if (backward && l >= step.l) return "delta";
    return step.kind === "z" && l === step.l ? "z" : "a";
  }

  function render() {
    const step = steps[at];
    byId("step-title").textContent = `${at + 1}/${steps.length}. ${step.title}`;
    byId("step-formula").textContent = step.formula;
    byId("step-text").textContent = step.text;
    byId("chooser").value = String(at);
    byId("back").disabled = at === 0;
    byId("forward").disabled = at === steps.length - 1;
    const boxes = network.querySelectorAll(".layer");
    layers.forEach((layer, l) => {
      const forward = step.kind === "input" || step.kind === "z" || step.kind === "a", name = shownOf(step, l), most = largest(layer[name]);
      boxes[l + 1].classList.toggle("ahead", forward && l > step.l);
      for (const [unit, button] of layer.buttons) {
        button.style.backgroundColor = tint(layer[name][unit], most);
        button.setAttribute("aria-label", `${unitName(l, unit)}: z ${number(layer.z[unit])}, a ${number(layer.a[unit])}, δ ${number(layer.delta[unit])}`);
      }
    });
    drawLines();
  }

  // ---- A unit ----

  // The terms that weigh most: "0.1 × 0.2 (what)".
  function terms(values, text) {
    const largestOnes = order(values).slice(0, TERMS).filter(i => values[i] !== 0), rest = values.length - largestOnes.length;
    return largestOnes.map(text).concat(rest > 0 ? [`… ${rest} more`] : []).join(" + ") || "0";
  }
  const factor = value => value < 0 ? `(${number(value)})` : number(value);

  function forwardFormulas(l, unit) {
    const layer = layers[l], w = weightsOf(l, unit), a = into(l), products = w.map((weight, i) => weight * a[i]);
    return [
      `z${s(l + 1)}[${unit}] = Σ w${s(l + 1)}[${unit},k] a${s(l)}[k] + b${s(l + 1)}[${unit}] = ${terms(products, i => `${factor(w[i])} × ${factor(a[i])}`)} + ${factor(layer.biases[unit])} = ${number(layer.z[unit])}`,
      l === last && layer.activation === "softmax"
        ? `a${s(l + 1)}[${unit}] = e^z[${unit}] / Σ e^z[k] = ${number(layer.a[unit])}`
        : `a${s(l + 1)}[${unit}] = ${layer.activation}(${number(layer.z[unit])}) = ${number(layer.a[unit])}`,
    ];
  }

  function backwardFormula(l, unit) {
    const layer = layers[l], d = `δ${s(l + 1)}[${unit}]`;
    if (l === last) {
      const y = targets ? targets[unit] : unit === data.answer ? 1 : 0;
      return `${d} = ${data.deltaFormula} = ${number(layer.delta[unit])},   with a = ${number(layer.a[unit])} and y = ${number(y)}`;
    }
    const next = layers[l + 1], rows = next.units.map(k => weightsOf(l + 1, k)[unit]), deltas = next.units.map(k => next.delta[k]);
    const products = Float32Array.from(rows, (weight, n) => weight * deltas[n]);
    return `${d} = (Σ w${s(l + 2)}[k,${unit}] δ${s(l + 2)}[k]) ${slope(l)}(z${s(l + 1)}[${unit}]) = (${terms(products, n => `${factor(rows[n])} × ${factor(deltas[n])}`)}) × ${factor(layer.slopes[unit])} = ${number(layer.delta[unit])}`;
  }

  const formulas = (...texts) => texts.map(text => element("span", { class: "formula" }, text));

  function unitFigure(l, unit) {
    const w = weightsOf(l, unit), canvas = element("canvas", { role: "img", "aria-label": `The weights of ${unitName(l, unit)}` });
    const width = Math.ceil(Math.sqrt(w.length)), padded = new Float32Array(width * Math.ceil(w.length / width));
    padded.set(w);
    picture(canvas, l === 0 && data.shape ? data.shape : [padded.length / width, width, 1], padded, true);
    return [canvas, element("figcaption", {}, l === 0 && data.shape ? "Its weights: what it looks for. It speaks up for light where they are above 0, and falls silent for light where they are below."
      : `Its ${w.length} weights, row by row, in the order of what goes in.`)];
  }

  function choose(l, unit) {
    if (chosen && chosen[0] === l && chosen[1] === unit) return;
    if (chosen) layers[chosen[0]].buttons.get(chosen[1]).classList.remove("chosen");
    chosen = [l, unit];
    const layer = layers[l], button = layer.buttons.get(unit), a = into(l), largestInput = order(a)[0];
    button.classList.add("chosen");
    for (const other of layer.buttons.values()) other.tabIndex = other === button ? 0 : -1;
    byId("unit-title").textContent = unitName(l, unit);
    byId("unit-text").replaceChildren(
      element("h3", {}, "Forward"), ...formulas(...forwardFormulas(l, unit)),
      element("h3", {}, "Backward"), ...formulas(backwardFormula(l, unit),
        `∂C/∂w${s(l + 1)}[${unit},${largestInput}] = a${s(l)}[${largestInput}] δ${s(l + 1)}[${unit}] = ${factor(a[largestInput])} × ${factor(layer.delta[unit])} = ${number(Math.fround(a[largestInput] * layer.delta[unit]))}`));
    byId("unit-figure").replaceChildren(...unitFigure(l, unit));
  }

  // ---- The other sections ----

  function showWeight() {
    const w = data.followed, l = w.layer, value = into(l)[w.input];
    byId("weight").replaceChildren(
      element("p", {}, `The weight w${s(l + 1)}[${w.unit},${w.input}] = ${number(w.weight)} leads to unit ${w.unit} of layer ${l + 1}${l === 0 ? ` from ${inputName(w.input)} of the sample` : ` from unit ${w.input} of layer ${l}`}.`),
      ...formulas(...forwardFormulas(l, w.unit), backwardFormula(l, w.unit),
        `∂C/∂w = a${s(l)}[${w.input}] δ${s(l + 1)}[${w.unit}] = ${factor(value)} × ${factor(layers[l].delta[w.unit])} = ${number(w.gradient)}`),
      element("p", {}, "The check, by a central difference in double precision:"),
      ...formulas(`(C(w + h) − C(w − h)) / 2h = ${number(w.difference, 8)},   h = ${number(w.h, 3)};   the gradient is ${number(w.gradient, 8)};   relative error ${number(w.error, 2)}`),
      element("p", {}, "A step of gradient descent:"),
      ...formulas(`w ← w − η ∂C/∂w = ${number(w.weight)} − ${number(data.rate)} × ${factor(w.gradient)} = ${number(w.after)}`,
        `C ${number(data.C)} → ${number(data.lossAfter)}`));
  }

  const maps = []; // canvases to draw again when the colours change
  function figure(shape, values, around, title, caption) {
    const canvas = element("canvas", { role: "img", "aria-label": title });
    maps.push(() => picture(canvas, shape, values, around));
    return element("figure", {}, canvas, element("figcaption", {}, element("strong", {}, title), ". ", caption));
  }

  function valueTable(title, caption, values, name) {
    const rows = order(values).slice(0, 12).filter(i => values[i] !== 0);
    return element("figure", {}, element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, title), element("th", { scope: "col", class: "number" }, "Value"))),
      element("tbody", {}, ...rows.map(i => element("tr", {}, element("td", {}, name(i)), element("td", { class: "number" }, number(values[i])))))), element("figcaption", {}, caption));
  }

  function showWhy() {
    const map = data.occlusion, right = data.numbers ? "the prediction" : `the output for ${className(data.answer)}`;
    const gradientText = `Minus each input times ∂C/∂a⁰: what is above 0 speaks for the right answer, what is below 0 against it.`;
    if (data.shape) {
      byId("why").append(
        figure(data.shape, input, false, "The sample", `Its ${data.shape[0]} × ${data.shape[1]} pixels.`),
        figure(data.shape, importance, true, "Gradient times input", gradientText),
        figure([map.rows, map.columns, 1], change, true, "Occlusion", `How much ${right} falls when ${map.patch} × ${map.patch} pixels about each point are 0; at most by ${number(change.reduce((a, b) => Math.max(a, b), 0), 3)}.`));
      return;
    }
    byId("why").append(
      valueTable("Gradient times input", gradientText, importance, inputName),
      valueTable("Occlusion", `How much ${right} falls when it is 0, which of a column of a table means: its usual value, or none.`, change, i => map.names[i] || inputName(i * map.stride)));
  }

  function showAll() {
    layers.forEach((layer, l) => {
      const details = element("details", {}, element("summary", {}, l === last ? "Outputs" : `Layer ${l + 1}, ${layer.activation}`));
      details.addEventListener("toggle", () => {
        if (details.childElementCount > 1) return;
        const head = ["Unit", "z", "a", "δ"].map(name => element("th", { scope: "col", class: "number" }, name));
        const rows = Array.from(layer.z.keys(), j => element("tr", {}, element("th", { scope: "row", class: "number" }, l === last ? className(j) : String(j)),
          ...[layer.z[j], layer.a[j], layer.delta[j]].map(value => element("td", { class: "number" }, number(value, 6)))));
        details.append(element("div", { class: "scrolls", tabindex: "0" }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))));
      });
      byId("all").append(details);
    });
  }

  // ---- Keys, buttons and sizes ----

  function go(to) {
    at = Math.max(0, Math.min(steps.length - 1, to));
    render();
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select, input")) return;
    const unit = event.target.matches(".unit") ? event.target : null;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      go(at + (event.key === "ArrowRight" ? 1 : -1));
    } else if (unit && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const buttons = [...layers[unit.dataset.layer].buttons.values()], place = buttons.indexOf(unit);
      buttons[Math.max(0, Math.min(buttons.length - 1, place + (event.key === "ArrowDown" ? 1 : -1)))].focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  function title() {
    const right = data.numbers ? "" : `, which is ${data.assumed ? "taken for" : ""} ${className(data.answer)}${data.assumed ? "" : ` and taken for ${className(data.guess)}`}`;
    const scaled = a => number(a * data.spread + data.centre);
    byId("subtitle").textContent = `${data.model} (${[layers[0].inputs, ...layers.map(layer => `${layer.outputs} ${layer.activation}`)].join(" → ")}, loss ${data.loss}) and sample ${data.index} of ${data.input}${right.replace("  ", " ")}` +
      (data.spread !== undefined && targets ? `: ${scaled(layers[last].a[0])}, where ${scaled(targets[0])} is right.` : ".");
    document.title = `A walk through ${data.model}`;
  }

  function redraw() {
    maps.forEach(map => map());
    const unit = chosen;
    chosen = null;
    if (unit) {
      layers[unit[0]].buttons.get(unit[1]).classList.remove("chosen");
      choose(...unit);
    }
    drawLines();
  }

  title();
  network.append(makeInput());
  layers.forEach((layer, l) => {
    network.append(l === last ? makeOutputs() : makeHidden(l));
    anchorUnits(l);
  });
  steps.forEach((step, n) => byId("chooser").append(element("option", { value: n }, `${n + 1}. ${step.title}`)));
  byId("chooser").addEventListener("change", event => go(Number(event.target.value)));
  byId("back").addEventListener("click", () => go(at - 1));
  byId("forward").addEventListener("click", () => go(at + 1));
  document.addEventListener("keydown", onKey);
  window.addEventListener("resize", drawLines);
  window.addEventListener("beforeprint", redraw);
  window.addEventListener("afterprint", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  showWeight();
  showWhy();
  showAll();
  choose(data.followed.layer, data.followed.unit);
  redraw();
  render();
})();
