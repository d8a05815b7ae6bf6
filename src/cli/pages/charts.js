// Charts of pages: SVG of a width that a phone shows at its size.
"use strict";
const Charts = (() => {
  const { number } = Minnow;
  const finite = Number.isFinite;

  const S = (tag, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.filter(child => child !== null));
    return made;
  };
  const dashes = ["", "7 4", "2 3", "10 3 2 3", "4 2", "1 3", "12 4", "6 2 1 2"];
  const WIDTH = 440, HEIGHT = 260, LEFT = 58, RIGHT = 24, TOP = 12, BOTTOM = 42;

  function steps(low, high, most) {
    const least = (high - low) / most, power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].find(n => n * power >= least * (1 - 1e-9)) * power, ticks = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) ticks.push(n * step);
    return ticks;
  }
  function range(values, fromZero) {
    const known = values.filter(finite);
    let low = known.reduce((a, b) => Math.min(a, b), Infinity), high = known.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!known.length) return [0, 1];
    if (fromZero) low = Math.min(low, 0);
    if (low === high) { high += Math.abs(high) * .1 || 1; if (!fromZero) low -= Math.abs(low) * .1 || 1; }
    return [low, high];
  }

  // A frame with axes; `x` and `y` place numbers in it. Heights are shares where `share` is set.
  function frame({ title, text, x: [x0, x1], y: [y0, y1], xName, yName, share, wholeX }) {
    const x = value => LEFT + (value - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT);
    const y = value => HEIGHT - BOTTOM - (value - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM);
    const svg = S("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}. ${text || ""}` });
    const yTicks = steps(y0, y1, 5), fine = yTicks.length > 1 && yTicks[1] - yTicks[0] < .01;
    for (const tick of yTicks)
      svg.append(S("path", { class: "grid", d: `M${LEFT} ${y(tick)}H${WIDTH - RIGHT}` }),
        S("text", { x: LEFT - 6, y: y(tick) + 4.5, "text-anchor": "end" }, share ? `${(100 * tick).toFixed(fine ? 1 : 0)} %` : number(tick, 3)));
    for (const tick of steps(x0, x1, 6))
      if (!wholeX || Number.isInteger(tick))
        svg.append(S("text", { x: x(tick), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, share === "both" ? `${Math.round(100 * tick)} %` : number(tick, 3)));
    svg.append(S("path", { class: "axis", d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
      S("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, xName));
    if (yName) svg.append(S("text", { x: 12, y: (TOP + HEIGHT - BOTTOM) / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${(TOP + HEIGHT - BOTTOM) / 2})` }, yName));
    return { svg, x, y };
  }

  const path = points => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const swatch = i => S("svg", { viewBox: "0 0 32 8", "aria-hidden": "true" },
    S("path", { d: "M0 4H32", stroke: `var(--s${i % 8})`, "stroke-width": 3, "stroke-dasharray": dashes[i % 8] }));

  return { S, steps, range, frame, path, swatch, dashes, WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM };
})();
