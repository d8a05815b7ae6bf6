// What all pages share.
"use strict";
const Minnow = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);

  // The bytes of an array of floats, little-endian as every browser's machine is.
  function floats(base64) {
    const text = atob(base64), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new Float32Array(bytes.buffer);
  }

  // An element with attributes (functions are listeners) and children (texts, or elements; null is left out).
  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") made.addEventListener(name, value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter(child => child !== null && child !== undefined));
    return made;
  }

  // Four digits, with a minus sign of its own.
  function number(value, digits = 4) {
    if (!Number.isFinite(value)) return "not finite";
    if (value === 0) return "0";
    const size = Math.abs(value);
    const text = size >= 1e-3 && size < 1e6 ? String(Number(size.toPrecision(digits))) : size.toExponential(digits - 2);
    return (value < 0 ? "−" : "") + text.replace("e-", "e−").replace("e+", "e");
  }

  const superscript = n => String(n).replace(/[0-9]/g, d => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
  const largest = values => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

  // More and less than 0 have a colour each; 0 has none.
  function tint(value, most) {
    const share = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
    return `rgba(var(${value >= 0 ? "--more" : "--less"}), ${(share ** .7).toFixed(3)})`;
  }

  // Draws values [height][width][channels]: as light, or, with two colours, around 0. Where it is 0 the ground shows.
  function picture(canvas, shape, values, around, most) {
    const [height, width, channels] = shape, context = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    canvas.width = width;
    canvas.height = height;
    const image = context.createImageData(width, height);
    const colours = ["--more", "--less"].map(name => style.getPropertyValue(name).split(",").map(Number));
    most = most || largest(values) || 1;
    for (let i = 0; i < width * height; i++) {
      let mean = 0;
      for (let c = 0; c < channels; c++) mean += values[i * channels + c] / channels;
      const colour = colours[mean >= 0 ? 0 : 1], share = Math.min(1, Math.abs(mean) / most);
      for (let c = 0; c < 3; c++)
        image.data[4 * i + c] = around ? colour[c] : 255 * Math.min(1, Math.max(0, values[i * channels + (channels === 3 ? c : 0)] / most));
      image.data[4 * i + 3] = around ? 255 * share ** .7 : 255;
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  return { data, floats, element, number, superscript, largest, tint, picture };
})();
