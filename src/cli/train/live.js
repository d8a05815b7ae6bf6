// The page of minnow train --serve: asks for what is new about twice a second, and draws it.
"use strict";
(() => {
  const { data: run, element, number, picture } = Minnow;
  const { S, frame, path, range, swatch, dashes } = Charts;
  const find = id => document.getElementById(id);
  const finite = Number.isFinite, percent = share => finite(share) ? `${(100 * share).toFixed(2)} %` : "–";
  const whole = count => count.toLocaleString("en");
  const EVERY = 500, SELDOM = 5000;

  find("subtitle").textContent = `${run.network}; ${whole(run.samples)} samples${run.data === null ? "" : ` of ${run.data}`}, ${run.batch} a mini-batch`;

  // ---- What is known ----

  let points = [], epochs = [], generation = 0, tiles = 0, over = false, failures = 0, now = null, timer = 0;

  // Rows are [epoch, training loss and accuracy, then loss, accuracy and RMSE of validation, and of testing]; points
  // [epoch, loss, accuracy, rate].
  function take(state) {
    if (state.generation !== generation) { points = []; epochs = []; generation = state.generation; }
    points.length = state.from[0];
    epochs.length = state.from[1];
    points.push(...state.points);
    epochs.push(...state.epochs);
    now = state;
  }

  async function poll() {
    clearTimeout(timer);
    try {
      const answer = await fetch(`state?generation=${generation}&points=${points.length}&epochs=${epochs.length}&tiles=${tiles}`);
      if (!answer.ok) throw new Error("no answer");
      take(await answer.json());
      failures = 0;
      find("problem").textContent = "";
      show();
    } catch {
      if (++failures > 2) lost();
    }
    if (!over) timer = setTimeout(poll, document.hidden ? SELDOM : EVERY);
  }

  // The program is gone, or its answers are: what is drawn stays.
  function lost() {
    over = true;
    buttons();
    say("The program does not answer");
    find("problem").textContent = "The program does not answer any more: it has ended, or cannot be reached. What it told last is shown.";
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden && !over) poll(); });

  // ---- Controls ----

  async function control(action) {
    try {
      const answer = await fetch("control", { method: "POST", body: JSON.stringify(action), headers: { "Content-Type": "application/json" } });
      if (!answer.ok) find("problem").textContent = (await answer.json()).error;
    } catch {
      find("problem").textContent = "The program does not answer.";
    }
    if (!over) setTimeout(poll, 60);
  }

  find("pause").addEventListener("click", () => control({ action: now !== null && now.paused ? "resume" : "pause" }));
  find("batch").addEventListener("click", () => control({ action: "step", of: "batch" }));
  find("epoch").addEventListener("click", () => control({ action: "step", of: "epoch" }));
  find("lower").addEventListener("click", () => control({ action: "rate", factor: .5 }));
  find("raise").addEventListener("click", () => control({ action: "rate", factor: 2 }));
  find("stop").addEventListener("click", () => {
    find("sure-text").textContent = run.kept ? "The weights so far are saved, as after Ctrl-C." : "The run has no --save and no --checkpoint: nothing of it will be kept.";
    find("sure").showModal();
  });
  find("sure").addEventListener("close", () => { if (find("sure").returnValue === "yes") control({ action: "stop" }); });

  function buttons() {
    for (const button of document.querySelectorAll(".tools button")) button.disabled = over;
    find("pause").textContent = now !== null && now.paused ? "Go on" : "Pause";
  }

  // ---- What is shown ----

  const said = { state: "" };
  function say(text) {
    if (said.state !== text) find("spoken").textContent = text;
    said.state = text;
    find("state").textContent = text;
  }

  const ends = { done: "Training is over", stopped: "Training was stopped", failed: "Training has failed; the terminal says why" };
  function show() {
    const done = now.epoch_done ? now.epoch : now.epoch - 1 + now.samples / run.samples, last = epochs.at(-1);
    over = now.ended !== null;
    say(over ? ends[now.ended] : now.paused ? "Paused" : "Training");
    find("left").textContent = over ? "" : now.paused ? "at the end of a mini-batch" : done > 0 ? `${now.left} left` : "";
    find("bar").value = done / run.epochs;
    const held = run.numbers ? ["Validation RMSE", last ? number(last[5] ?? NaN) : "–"] : ["Validation accuracy", last ? percent(last[4] ?? NaN) : "–"];
    figures([["Epoch", `${now.epoch} / ${run.epochs}`], ["Update", whole(now.step)], ["Loss", now.samples ? number(now.loss ?? NaN) : "–"], run.numbers ? null : ["Accuracy", now.samples ? percent(now.accuracy ?? NaN) : "–"],
      run.validation ? held : null, ["Rate", number(now.rate || now.base_rate, 3)], [run.pictures ? "Images a second" : "Samples a second", finite(now.speed) ? whole(Math.round(now.speed)) : "–"]]);
    find("changed").hidden = now.rate_changes === 0;
    buttons();
    curves();
    if (now.tiles !== null) weights(now.tiles);
    document.title = over ? ends[now.ended] : `${Math.floor(100 * done / run.epochs)} % · ${now.paused ? "paused" : "training"}`;
  }

  function figures(rows) {
    find("figures").replaceChildren(...rows.filter(row => row !== null).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  }

  // Lines over the epochs; those with few points have dots too.
  function chart(title, share, series, fromZero = true) {
    const shown = series.map(([name, all]) => [name, all.filter(([, y]) => finite(y))]).filter(([, all]) => all.length > 0);
    if (shown.length === 0) return null;
    const ends = shown.flatMap(([, all]) => all), xs = ends.map(p => p[0]);
    const text = shown.map(([name, all]) => `${name}: ${share ? percent(all.at(-1)[1]) : number(all.at(-1)[1])} now`).join("; ");
    const { svg, x, y } = frame({ title, text, x: [0, Math.max(...xs)], y: range(ends.map(p => p[1]), fromZero), xName: "epoch", share });
    shown.forEach(([, all], i) => {
      svg.append(S("path", { class: "curve", d: path(all.map(([a, b]) => [x(a), y(b)])), stroke: `var(--s${i})`, "stroke-dasharray": dashes[i] }));
      if (all.length < 20) svg.append(...all.map(([a, b]) => S("circle", { cx: x(a), cy: y(b), r: 3, fill: `var(--s${i})` })));
    });
    return element("figure", {}, element("figcaption", {}, element("strong", {}, title)), svg,
      element("ul", { class: "legend" }, ...shown.map(([name, all], i) => element("li", {}, swatch(i), `${name}: ${share ? percent(all.at(-1)[1]) : number(all.at(-1)[1])}`))));
  }

  function curves() {
    const of = column => points.map(point => [point[0], point[column] ?? NaN]), held = column => epochs.map(row => [row[0], row[column] ?? NaN]);
    const charts = [chart("Loss", false, [["training", of(1)], ["validation", held(3)], ["test", held(6)]]),
      run.numbers ? chart("RMSE", false, [["validation", held(5)], ["test", held(8)]]) : chart("Accuracy", true, [["training", of(2)], ["validation", held(4)], ["test", held(7)]], false),
      chart("Learning rate", false, [["rate", of(3)]])].filter(one => one !== null);
    if (charts.length > 0) find("curves").replaceChildren(...charts);
  }

  // About so many in a row, or as many as fill all rows.
  function columnsOf(count, about) {
    const most = Math.min(count, Math.max(1, Math.round(1.5 * about)));
    for (let columns = most; columns >= about / 1.5; columns--) if (count % columns === 0) return columns;
    return Math.min(count, Math.max(1, Math.round(about)));
  }

  // The pictures in a grid, with a pixel between them.
  function weights({ version, count, height, width, values }) {
    const bytes = Uint8Array.from(atob(values), c => c.charCodeAt(0)), shares = new Int8Array(bytes.buffer);
    const columns = columnsOf(count, Math.sqrt(count * 2 * height / width)), rows = Math.ceil(count / columns);
    const across = columns * (width + 1) - 1, all = new Float32Array(across * (rows * (height + 1) - 1));
    for (let tile = 0; tile < count; tile++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          all[(Math.floor(tile / columns) * (height + 1) + y) * across + tile % columns * (width + 1) + x] = shares[(tile * height + y) * width + x];
    tiles = version;
    find("tiles-panel").hidden = false;
    find("tiles-note").textContent = count < run.units ? `The first ${count} of ${run.units} units.` : "";
    picture(find("tiles"), [rows * (height + 1) - 1, across, 1], all, true, 127);
  }

  poll();
})();
