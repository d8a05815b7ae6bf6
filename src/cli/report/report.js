"use strict";
(() => {
  const { data, element: E, number } = Minnow;
  const several = data.models.length > 1;
  const $ = id => document.getElementById(id);
  const percent = (share, digits = 2) => Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : "–";
  const whole = count => count.toLocaleString("en");
  const plural = (count, one, many) => `${whole(count)} ${count === 1 ? one : many || one + "s"}`;
  const short = path => path.replace(/\/+$/, "").replace(/^.*\//, "") || path;
  const parse = text => { try { return JSON.parse(text); } catch { return null; } };
  const finite = Number.isFinite;

  // Names of classes may be anything: they stand apart from the text around them, whichever way they are written.
  const className = (model, c) => model.names ? model.names[c] : String(c);
  const name = (model, c) => E("bdi", null, className(model, c));

  // ---- Charts ----

  const { S, frame, path, range, swatch, HEIGHT, WIDTH, TOP, BOTTOM, dashes } = Charts;

  // Lines over a common axis: series are { name, points: [[x, y], …] }, marks { x, name }.
  function lines({ title, series, marks = [], xName, share, caption, fromZero }) {
    const shown = series.filter(one => one.points.length);
    if (!shown.length) return null;
    const all = shown.flatMap(one => one.points);
    const { svg, x, y } = frame({ title, text: shown.map(one => `${one.name}: from ${told(one.points[0][1])} to ${told(one.points.at(-1)[1])}`).join("; "),
      x: range(all.map(p => p[0])), y: range(all.map(p => p[1]), fromZero), xName, share, wholeX: true });
    function told(value) { return share ? percent(value) : number(value); }
    marks.forEach((mark, i) => {
      const at = x(mark.x), right = at > WIDTH * .6;
      svg.append(S("path", { class: "mark", d: `M${at} ${TOP}V${HEIGHT - BOTTOM}` }),
        S("text", { x: at + (right ? -5 : 5), y: (fromZero ? TOP + 12 : HEIGHT - BOTTOM - 8 ) + (fromZero ? 16 : -16) * i, "text-anchor": right ? "end" : "start" }, mark.name));
    });
    shown.forEach((one, i) => {
      const points = one.points.map(([a, b]) => [x(a), y(b)]);
      svg.append(S("path", { class: "curve", d: path(points), stroke: `var(--s${i % 8})`, "stroke-dasharray": dashes[i % 8] }));
      if (points.length === 1) svg.append(S("circle", { cx: points[0][0], cy: points[0][1], r: 4, fill: `var(--s${i % 8})` }));
    });
    const xs = [...new Set(all.map(p => p[0]))].sort((a, b) => a - b);
    const values = shown.map(one => new Map(one.points));
    return E("figure", null, E("figcaption", null, E("strong", null, title), caption ? ` ${caption}` : null), svg,
      E("ul", { class: "legend" }, ...shown.map((one, i) => E("li", null, swatch(i), E("bdi", null, one.name)))),
      numbersOf([xName, ...shown.map(one => one.name)], xs.map(at => [number(at, 6), ...values.map(map => map.has(at) ? told(map.get(at)) : "–")])));
  }

  // The numbers behind a picture, for whoever wants or needs them.
  function numbersOf(heads, rows) {
    return E("details", null, E("summary", null, "Numbers"), scrolls("Numbers", table(heads, rows)));
  }
  const scrolls = (label, ...children) => E("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": label }, ...children);
  function table(heads, rows, firstIsHead = true) {
    const cell = (value, i) => firstIsHead && i === 0 ? E("th", { scope: "row", class: typeof value === "string" && /^[-−\d]/.test(value) ? "number" : null }, value) : E("td", { class: "number" }, value);
    return E("table", null, E("thead", null, E("tr", null, ...heads.map((head, i) => E("th", { scope: "col", class: i ? "number" : null }, head)))),
      E("tbody", null, ...rows.map(row => E("tr", null, ...row.map(cell)))));
  }

  function bars({ title, histogram, xName, caption }) {
    const counts = histogram.counts, n = counts.length;
    const figcaption = E("figcaption", null, E("strong", null, title), caption ? ` ${caption}` : null);
    if (!n) return E("figure", null, figcaption, E("p", { class: "soft" }, "All of them are 0."));
    const edge = i => histogram.from + i * histogram.width;
    const { svg, x, y } = frame({ title, text: `From ${number(edge(0))} to ${number(edge(n))}.`, x: [edge(0), edge(n)], y: [0, Math.max(...counts)], xName, yName: "" });
    const d = counts.map((count, i) => count ? `M${x(edge(i)).toFixed(1)} ${y(0)}V${y(count).toFixed(1)}H${(x(edge(i + 1)) - (n < 90 ? .6 : 0)).toFixed(1)}V${y(0)}Z` : "").join("");
    svg.append(S("path", { class: "bars", d }));
    return E("figure", null, figcaption, svg, numbersOf(["from", "to", "count"], counts.map((count, i) => [number(edge(i)), number(edge(i + 1)), whole(count)]).filter((_, i) => counts[i])));
  }

  // ---- Pictures: parts of one ----

  const styles = E("style");
  document.head.append(styles);
  function sprites(model, i) {
    for (const kind of ["shots_picture", "weights_picture"])
      if (model[kind]) styles.append(`.${kind}-${i}{background-image:url("${model[kind].uri}")}\n`);
  }
  function sprite(model, kind, index, side, label) {
    const picture = model[kind], zoom = side / Math.max(picture.width, picture.height);
    const w = picture.width * zoom, h = picture.height * zoom, column = index % picture.columns, row = Math.floor(index / picture.columns);
    const rows = Math.ceil(picture.count / picture.columns);
    return E("span", { class: `sprite ${kind}-${data.models.indexOf(model)}`, role: "img", "aria-label": label,
      style: `width:${w}px;height:${h}px;background-size:${picture.columns * w}px ${rows * h}px;background-position:${-column * w}px ${-row * h}px` });
  }

  // ---- One sample ----

  const what = model => model.shots_picture ? "image" : "row";
  function shotItem(model, index) {
    const [row, label, predicted, right, confidence] = model.shots[index], wrong = label !== predicted;
    const says = wrong ? `${className(model, label)} taken for ${className(model, predicted)}` : className(model, label);
    const top = wrong && model.tops[index];
    const item = E("li", null, model.shots_picture && index < model.shots_picture.count ? sprite(model, "shots_picture", index, 84, `Image ${row}: ${says}`) : null,
      E("span", null, wrong ? E("strong", null, name(model, label), " → ", name(model, predicted)) : name(model, label)), E("br"),
      E("span", { class: "soft" }, `${what(model)} ${row}`), E("br"));
    const given = top || (wrong ? [[predicted, confidence], [label, right]] : [[predicted, confidence]]);
    for (const [c, p] of given) item.append(name(model, c), ` ${probability(p)}`, E("br"));
    if (top && !top.some(([c]) => c === label)) item.append(name(model, label), ` ${probability(right)}`);
    return item;
  }
  const probability = p => p < .0005 && p > 0 ? p.toExponential(0).replace("e-", "e−") : p.toFixed(3);

  function showCell(model, label, predicted, count) {
    const shown = model.shots.map((shot, i) => i).filter(i => model.shots[i][1] === label && model.shots[i][2] === predicted);
    $("images-title").replaceChildren(...(label === predicted ? [name(model, label), ", found"] : [name(model, label), " taken for ", name(model, predicted)]));
    $("images-note").textContent = `${plural(count, what(model))}${shown.length < count ? `; shown: the ${shown.length} that ${label === predicted ? "it was least sure of" : "are worst"}` : ""}. Outputs are beside the classes.`;
    $("images-list").replaceChildren(...shown.map(i => shotItem(model, i)));
    $("images").showModal();
  }
  $("images").addEventListener("click", event => { if (event.target === $("images")) $("images").close(); });

  // ---- Sections ----

  const contents = [];
  function section(model, title, ...children) {
    const key = `${title.toLowerCase().replace(/[^a-z]+/g, "-")}-${model ? data.models.indexOf(model) : "all"}`;
    if (!several || !model) contents.push([key, title]);
    return E("section", { class: "panel", "aria-labelledby": key }, E(several && model ? "h3" : "h2", { id: key }, title), ...children);
  }

  function figures(model) {
    const f = model.figures;
    const rows = model.numbers ? [["RMSE", number(f.rmse)], ["MAE", number(f.mae)], ["R²", finite(f.r2) ? f.r2.toFixed(4) : "–"]]
      : [["Accuracy", percent(f.accuracy)], ["Mistakes", whole(f.total - f.correct)], ["Loss", number(f.loss)], ["Mean F1", percent(f.macro_f1)],
        ["Calibration error", percent(f.calibration_error)], ...("auc" in f ? [["AUC", finite(f.auc) ? f.auc.toFixed(4) : "–"]] : [])];
    const dead = model.layers.slice(0, -1).reduce((sum, layer) => sum + layer.dead, 0);
    if (model.layers.length > 1) rows.push(["Dead units", whole(dead)]);
    return section(model, "Summary", E("dl", { class: "figures" }, ...rows.map(([term, value]) => E("div", null, E("dt", null, term), E("dd", null, value)))),
      E("p", null, `${model.networks > 1 ? `An ensemble of ${model.networks} networks, ` : ""}${model.sizes.join("–")}, ${model.activations}, ${model.loss}: ${plural(model.parameters, "parameter")}. Tested on ${plural(model.samples, model.numbers ? "row" : "sample")} of `, E("bdi", null, model.data), "."),
      model.collapsed || (model.numbers && !(f.r2 > 0)) ? E("p", { class: "warning" }, E("strong", null, model.numbers ? "No better than always predicting the mean." : "No better than guessing."), " Is the network for these data, and the scaling of its inputs theirs?") : null);
  }

  // Values of a log over its epochs.
  // Epoch 0, before training, would press the others flat.
  const series = (model, key, label) => {
    const points = (model.log || []).filter(row => finite(row[key])).map(row => [row.epoch, row[key]]);
    return { name: label || key.replace(/_/g, " "), points: points.length > 2 ? points.filter(([epoch]) => epoch > 0) : points };
  };
  function best(model) {
    const [key, sign] = [["validation_accuracy", 1], ["validation_r2", 1], ["validation_rmse", -1], ["validation_loss", -1]].find(([key]) => (model.log || []).some(row => finite(row[key]))) || [];
    return key && series(model, key).points.reduce((a, b) => sign * b[1] > sign * a[1] ? b : a)[0];
  }
  function curves(model) {
    if (!model.log)
      return section(model, "Learning curves", E("p", null, "The model's file does not hold the curves of its run. Give its log: ", E("code", null, "minnow train --log run.csv …"), ", then ", E("code", null, "minnow report --log run.csv …"), "."));
    const training = parse(model.metadata.training || "null") || {}, epochs = model.log.map(row => row.epoch), marks = [];
    const last = epochs.at(-1), chosen = training.epochs_done, bestEpoch = best(model);
    if (finite(chosen) && chosen >= epochs[0] && chosen <= last) marks.push({ x: chosen, name: `saved: epoch ${chosen}` });
    if (finite(bestEpoch) && bestEpoch !== chosen) marks.push({ x: bestEpoch, name: `best validation: epoch ${bestEpoch}` });
    const keys = [...new Set(model.log.flatMap(Object.keys))], norms = keys.filter(key => /norm/.test(key));
    const kinds = [["Loss", /_loss$/, true], ["Accuracy", /_accuracy$/, false], ["RMSE", /_rmse$/, true], ["Learning rate", /^learning_rate$/, true], ["Norms", /norm/, true]];
    const charts = kinds.filter(([title]) => !model.numbers || title !== "Accuracy").map(([title, pattern, fromZero]) => lines({ title, xName: "epoch", share: title === "Accuracy", fromZero,
      marks: title === "Learning rate" ? [] : marks, series: keys.filter(key => pattern.test(key) && (title === "Norms" || !norms.includes(key))).map(key => series(model, key)) }));
    return section(model, "Learning curves", finite(chosen) ? E("p", null, `The model's file holds the network after epoch ${chosen}${finite(bestEpoch) ? bestEpoch === chosen ? ", which is the best on the validation samples" : `; the best on the validation samples was epoch ${bestEpoch}` : ""}.`) : null,
      E("div", { class: "charts" }, ...charts));
  }

  function matrix(model) {
    const cells = model.confusion;
    const button = (label, predicted, count) => E("button", { type: "button", "aria-haspopup": "dialog", "aria-label": `${label === predicted ? `${className(model, label)} found` : `${className(model, label)} taken for ${className(model, predicted)}`}: ${count}. Show them.`,
      click: () => showCell(model, label, predicted, count) }, String(count));
    if (!cells) {
      if (!model.pairs.length) return section(model, "Confusions", E("p", null, "There is none."));
      return section(model, "Confusions", E("p", null, `The pairs among ${model.classes.length} classes that are confused most; press a number for its ${what(model)}s.`),
        scrolls("Confusions", E("table", { class: "matrix" }, E("thead", null, E("tr", null, ...["class", "taken for", "times"].map(head => E("th", { scope: "col" }, head)))),
          E("tbody", null, ...model.pairs.map(([label, predicted, count]) => E("tr", null, E("th", { scope: "row" }, name(model, label)), E("td", null, name(model, predicted)), E("td", null, button(label, predicted, count))))))));
    }
    const most = Math.max(1, ...cells.flatMap((row, l) => row.filter((_, p) => p !== l)));
    const tint = (label, predicted) => {
      const count = cells[label][predicted], sum = cells[label].reduce((a, b) => a + b, 0);
      if (!count) return null;
      return label === predicted ? `background:rgba(var(--less),${(.06 + .2 * count / sum).toFixed(3)})` : `background:rgba(var(--more),${(.06 + .32 * count / most).toFixed(3)})`;
    };
    return section(model, "Confusion matrix", E("p", null, `Rows are the classes, columns what the network took them for. Press a number for its ${what(model)}s.`),
      E("div", { class: "scrolls wide", tabindex: 0, role: "region", "aria-label": "Confusion matrix" }, E("table", { class: "matrix" },
        E("caption", { class: "hidden" }, "Confusion matrix"),
        E("thead", null, E("tr", null, E("td"), ...cells.map((_, c) => E("th", { scope: "col" }, name(model, c))))),
        E("tbody", null, ...cells.map((row, label) => E("tr", null, E("th", { scope: "row" }, name(model, label)), ...row.map((count, predicted) =>
          E("td", { style: tint(label, predicted) }, count ? button(label, predicted, count) : E("span", { class: "none" }, E("span", { "aria-hidden": "true" }, "·"), E("span", { class: "hidden" }, "0"))))))))),
      E("p", { class: "soft" }, E("span", { class: "key", style: "background:rgba(var(--less),.26)" }), " found ", E("span", { class: "key", style: "background:rgba(var(--more),.38)" }), " taken for another"));
  }

  function classes(model) {
    const bar = share => E("span", { class: "share", "aria-hidden": "true" }, E("i", { style: `width:${finite(share) ? 100 * share : 0}%` }));
    return section(model, "Classes", scrolls("Scores of classes", E("table", null,
      E("thead", null, E("tr", null, E("th", { scope: "col" }, "class"), ...["samples", "precision", "recall", "F1"].map(head => E("th", { scope: "col", class: "number" }, head)))),
      E("tbody", null, ...model.classes.map(([count, precision, recall, f1], c) => E("tr", null, E("th", { scope: "row" }, name(model, c)), E("td", { class: "number" }, whole(count)),
        ...[precision, recall].map(value => E("td", { class: "number" }, percent(value))), E("td", { class: "number" }, percent(f1), bar(f1))))))),
      E("p", { class: "soft" }, "Precision: of what was taken for the class, the share that is it. Recall: of the class, the share that was found. F1: their harmonic mean."));
  }

  function calibration(model) {
    const bins = model.calibration.map(([count, right, sum], i) => ({ i, count, right: right / count, mean: sum / count })).filter(bin => bin.count);
    const title = "Right, against how sure it was";
    const { svg, x, y } = frame({ title, text: bins.map(bin => `${percent(bin.mean, 0)} sure: ${percent(bin.right, 1)} right of ${bin.count}`).join("; "), x: [0, 1], y: [0, 1], xName: "largest output", share: "both" });
    svg.append(S("path", { class: "mark", d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}` }));
    const n = model.calibration.length;
    svg.append(S("path", { class: "bars", "fill-opacity": .35, d: bins.map(bin => `M${x(bin.i / n) + 1} ${y(0)}V${y(bin.right).toFixed(1)}H${x((bin.i + 1) / n) - 1}V${y(0)}Z`).join("") }),
      S("path", { class: "curve", stroke: "var(--s0)", d: path(bins.map(bin => [x(bin.mean), y(bin.right)])) }));
    for (const bin of bins) svg.append(S("circle", { cx: x(bin.mean), cy: y(bin.right), r: 4, fill: "var(--s0)" }));
    return section(model, "Calibration", E("div", { class: "charts" }, E("figure", null, E("figcaption", null, E("strong", null, title)), svg,
      numbersOf(["mean largest output", "right", "samples"], bins.map(bin => [percent(bin.mean, 1), percent(bin.right, 1), whole(bin.count)]))),
      E("div", null, E("p", null, `Expected calibration error: ${percent(model.figures.calibration_error)}.`),
        E("p", { class: "soft" }, "Of samples that the network is 90 % sure about, it should get 90 % right: points on the dashed line. Above it, the network is more careful than it needs to be, below it too sure. The error is the mean distance over all samples (Guo et al. 2017), in ten bins."),
        model.loss === "softmax" ? null : E("p", { class: "soft" }, `With the ${model.loss} loss, outputs need not add up to 1; the largest is read as the probability.`))));
  }

  function mistakes(model) {
    const wrong = model.shots.map((shot, i) => i).filter(i => model.shots[i][1] !== model.shots[i][2]).slice(0, 24);
    return section(model, "Worst mistakes", wrong.length ? E("p", null, "Those whose own class got the least; the largest outputs beside.") : E("p", null, "There is none: all samples are right."),
      E("ul", { class: "tiles" }, ...wrong.map(i => shotItem(model, i))));
  }

  function weights(model) {
    const picture = model.weights_picture;
    if (!picture) return null;
    return section(model, "First-layer weights", E("p", null, `What each unit looks for: `, E("span", { class: "key", style: "background:#d6604d" }), " raises its sum, ", E("span", { class: "key", style: "background:#4393c3" }), ` lowers it, white is 0. ${picture.count < model.layers[0].units ? `The ${picture.count} of ${model.layers[0].units} units with the longest weights; ` : ""}the number is the largest weight of each.`),
      E("ul", { class: "tiles small" }, ...picture.units.map(([unit, most], i) => E("li", null, sprite(model, "weights_picture", i, 64, `Weights of unit ${unit}`), `unit ${unit}`, E("br"), `±${number(most, 3)}`))));
  }

  function layers(model) {
    return section(model, "Layers", model.networks > 1 ? E("p", null, `Those of the first of the ensemble's ${model.networks} networks.`) : null, ...model.layers.map((layer, l) => {
      const last = l + 1 === model.layers.length, a = layer.activations;
      const dead = last ? null : E("p", null, layer.dead ? E("strong", null, `${plural(layer.dead, "dead unit")} of ${layer.units}`) : `No dead unit of ${layer.units}`,
        layer.dead ? `: the same for every sample. ${layer.dead_units.length ? `Unit${layer.dead > 1 ? "s" : ""} ${layer.dead_units.join(", ")}${layer.dead > layer.dead_units.length ? ", …" : ""}.` : ""}` : ".");
      return E("div", null, E(several ? "h4" : "h3", null, `Layer ${l + 1}: ${layer.units} units, ${layer.activation}${last ? " (output)" : ""}`), dead,
        E("div", { class: "charts" }, bars({ title: "Weights", xName: "weight", histogram: layer.weights, caption: `${whole(layer.weights.total)}${layer.weights.zeros ? `, of which ${percent(layer.weights.zeros / layer.weights.total, 1)} are 0 and not drawn` : ""}` }),
          bars({ title: last ? "Outputs" : "Activations", xName: last ? "output" : "activation", histogram: a, caption: a.zeros ? `${percent(a.zeros / a.total, 1)} are 0 and not drawn` : "over all samples" })));
    }));
  }

  function residuals(model) {
    const title = "Predicted against true", points = model.points.filter(p => finite(p[1]) && finite(p[2]));
    const both = range(points.flatMap(p => [p[1], p[2]]));
    const { svg, x, y } = frame({ title, text: `${points.length} rows; R² ${number(model.figures.r2)}.`, x: both, y: both, xName: model.label ? `true ${model.label}` : "true", yName: "" });
    svg.append(S("path", { class: "points", d: points.map(p => `M${x(p[1]).toFixed(1)} ${y(p[2]).toFixed(1)}h0`).join("") }), S("path", { class: "mark", d: `M${x(both[0])} ${y(both[0])}L${x(both[1])} ${y(both[1])}` }));
    const scatter = E("figure", null, E("figcaption", null, E("strong", null, title), points.length < model.samples ? ` ${whole(points.length)} of ${plural(model.samples, "row")}` : ""), svg);
    return [section(model, "Residuals", E("div", { class: "charts" }, scatter, bars({ title: "Residuals", caption: "predicted − true", xName: "residual", histogram: model.residuals }))),
      section(model, "Worst mistakes", scrolls("Worst rows", table(["row", "true", "predicted", "residual"], model.worst.map(([row, t, p]) => [String(row), number(t, 6), number(p, 6), number(p - t, 6)]))))];
  }

  function importance(model) {
    if (!model.importances) return null;
    const most = Math.max(1e-300, ...model.importances.map(one => one[1]));
    const told = value => model.numbers ? number(value) : percent(value);
    return section(model, "Importance of columns", E("p", null, `How much ${model.numbers ? "the RMSE rises" : "accuracy falls"} when a column's values are exchanged among the rows (Breiman 2001): the mean of five times over ${plural(model.importance_rows, "row")}, and the spread.`),
      scrolls("Importance of columns", E("table", null, E("thead", null, E("tr", null, E("th", { scope: "col" }, "column"), E("th", { scope: "col", class: "number" }, model.numbers ? "RMSE rises by" : "accuracy falls by"), E("th", { scope: "col", class: "number" }, "±"))),
        E("tbody", null, ...model.importances.map(([column, mean, spread]) => E("tr", null, E("th", { scope: "row" }, E("bdi", null, column)), E("td", { class: "number" }, told(mean), E("span", { class: "share", "aria-hidden": "true" }, E("i", { style: `width:${Math.max(0, 100 * mean / most)}%` }))), E("td", { class: "number" }, told(spread))))))));
  }

  function run(model) {
    const facts = [["Model", model.path], ["Parameters' CRC-32", E("code", null, model.crc32)],
      ["Command", model.metadata.options ? E("code", null, `minnow train ${model.metadata.options}`) : "The file does not say."],
      ["Test data", E("span", null, E("bdi", null, model.data), `, ${plural(model.samples, "sample")}, CRC-32 `, E("code", null, model.data_crc32))]];
    const trained = parse(model.metadata.dataset || "null");
    if (trained) facts.push(["Training data", E("span", null, `${plural(trained.samples || 0, "sample")} of ${plural(trained.features || 0, "feature")}, CRC-32 `, E("code", null, String(trained.crc32)))]);
    for (const [key, value] of Object.entries(model.metadata)) if (key !== "options" && key !== "dataset") facts.push([key.replace(/_/g, " "), E("code", null, value)]);
    facts.push(["Report made by", `minnow ${data.version}, ${data.isa}${data.cpu ? `, ${data.cpu}` : ""}`]);
    return section(model, "The run", E("table", { class: "facts" }, E("tbody", null, ...facts.map(([term, value]) => E("tr", null, E("th", { scope: "row" }, E("bdi", null, term)), E("td", null, typeof value === "string" ? E("bdi", null, value) : value))))));
  }

  // ---- Several models ----

  const sameClasses = () => data.models.every(model => !model.numbers && model.classes.length === data.models[0].classes.length);
  function compare() {
    const sameLoss = data.models.every(model => model.loss === data.models[0].loss);
    const rows = [["Layers", model => model.sizes.join("–")], ["Activation", model => model.activations], ["Parameters", model => model.parameters, whole],
      ["Loss function", model => model.loss], ["Accuracy", model => model.figures.accuracy, percent, 1], ["Loss", model => model.figures.loss, number, sameLoss ? -1 : 0], ["Mean F1", model => model.figures.macro_f1, percent, 1],
      ["Calibration error", model => model.figures.calibration_error, percent, -1], ["RMSE", model => model.figures.rmse, number, -1], ["MAE", model => model.figures.mae, number, -1], ["R²", model => model.figures.r2, number, 1],
      ["Dead units", model => model.layers.slice(0, -1).reduce((sum, layer) => sum + layer.dead, 0), whole]];
    if (sameClasses() && data.models[0].classes.length <= 100)
      data.models[0].classes.forEach((_, c) => rows.push([E("span", null, "F1 of ", name(data.models[0], c)), model => model.classes[c][3], percent, 1]));
    const body = rows.map(([term, value, told, sign]) => {
      const values = data.models.map(value);
      if (values.every(one => one === undefined)) return null;
      const known = values.filter(finite), top = sign && known.length > 1 ? sign * Math.max(...known.map(one => sign * one)) : NaN, tie = known.every(one => one === top);
      return E("tr", null, E("th", { scope: "row" }, term), ...values.map(one => E("td", { class: `number${one === top && !tie ? " best" : ""}` }, one === undefined ? "–" : told ? told(one) : one, one === top && !tie ? E("span", { class: "hidden" }, " (best)") : null)));
    });
    const chart = (title, key, share) => lines({ title, xName: "epoch", share, fromZero: !share, series: data.models.map(model => series(model, key, short(model.path))) });
    return section(null, "Side by side", E("p", { class: "soft" }, "The best of each row is bold."), E("div", { class: "scrolls wide", tabindex: 0, role: "region", "aria-label": "Models side by side" },
      E("table", null, E("thead", null, E("tr", null, E("td"), ...data.models.map((model, i) => E("th", { scope: "col", class: "number" }, E("a", { href: `#model-${i}` }, E("bdi", null, short(model.path))))))), E("tbody", null, ...body.filter(row => row)))),
      ...data.agreements.map(agreement),
      E("div", { class: "charts" }, ...[...(sameLoss ? [["Training loss", "train_loss"], ["Validation loss", "validation_loss"]] : []), ["Training accuracy", "train_accuracy", true], ["Validation accuracy", "validation_accuracy", true]]
        .filter(([, key]) => data.models.filter(model => series(model, key).points.length).length > 1).map(([title, key, share]) => chart(title, key, share))));
  }

  // McNemar's exact test: of the samples that only one gets right, is it as often the one as the other?
  function agreement(counts, i) {
    if (!counts) return null;
    const [both, first, other, neither] = counts, n = first + other, few = Math.min(first, other);
    let log = -n * Math.LN2, sum = 0;
    for (let k = 0; k <= few; k++) { sum += Math.exp(log); log += Math.log((n - k) / (k + 1)); }
    const p = n ? Math.min(1, 2 * sum) : 1;
    return E("p", null, E("bdi", null, short(data.models[0].path)), " and ", E("bdi", null, short(data.models[i + 1].path)), `: both right on ${whole(both)}, only the first on ${whole(first)}, only the second on ${whole(other)}, neither on ${whole(neither)}. ${p < .05 ? "The difference is more than chance" : "Such a difference may be chance"} (McNemar's exact test, p = ${p < 1e-4 ? p.toExponential(1).replace("e-", "e−") : p.toFixed(4)}).`);
  }

  // ---- The page ----

  function show(model, i) {
    sprites(model, i);
    const parts = [figures(model), curves(model), ...(model.numbers ? residuals(model) : [E("div", { class: several ? null : "pair" }, matrix(model), classes(model)), calibration(model), mistakes(model)]),
      importance(model), weights(model), layers(model), run(model)].filter(part => part);
    for (const part of parts.flatMap(part => part.matches("section") ? [part] : [...part.children])) if (part.querySelectorAll("figure, tr, li").length > 12) part.classList.add("long");
    if (several) contents.push([`model-${i}`, short(model.path)]);
    return E("article", { class: "model", "aria-labelledby": several ? `model-${i}` : "title" }, several ? E("h2", { id: `model-${i}` }, E("bdi", null, short(model.path))) : null, ...parts);
  }

  const title = data.models.map(model => short(model.path)).join(" · ");
  document.title = `${title}: report`;
  $("title").replaceChildren("Report: ", E("bdi", null, title));
  $("subtitle").textContent = several ? `${data.models.length} networks side by side` : "How well it does, where it fails, and what it is made of";
  $("made").textContent = `Made by minnow ${data.version}. This page is complete in itself and asks for nothing from elsewhere.`;
  const main = $("main");
  if (several) main.append(compare());
  const list = E("div", { class: several ? "several" : null }, ...data.models.map(show));
  main.append(list);
  $("contents").append(...contents.map(([key, text]) => E("li", null, E("a", { href: `#${key}` }, E("bdi", null, text)))));
})();
