"use strict";

// Pictures with outlines. Texts of the data only ever become text nodes and attributes.
const Draw = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  let clips = 0;

  /** An element with attributes and children; a child is an element or a text. */
  function make(name, attributes = {}, ...children) {
    return fill(document.createElement(name), attributes, children);
  }

  function shape(name, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
  }

  function fill(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined)
        element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function layer(sample, ...children) {
    const [height, width] = sample.size;
    const frame = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" };
    return shape("svg", { ...frame, "aria-hidden": "true" }, ...children);
  }

  /** What is hit, missed and false: the truth over the answer, and over it what both hold. */
  function errors(truth, answer) {
    const id = `clip-${++clips}`;
    const held = shape("path", { d: answer, "clip-rule": "evenodd" });
    return shape(
      "g",
      { class: "errors" },
      shape("clipPath", { id }, held),
      shape("path", { class: "false", d: answer }),
      shape("path", { class: "miss", d: truth }),
      shape("path", { class: "hit", d: truth, "clip-path": `url(#${id})` }),
    );
  }

  function line(kind, d) {
    return shape(
      "g",
      { class: `outline ${kind}` },
      shape("path", { class: "halo", d }),
      shape("path", { class: "ink", d }),
    );
  }

  function prompts(answer) {
    const boxes = answer.boxes.map(([x0, y0, x1, y1]) => `M${x0} ${y0}H${x1}V${y1}H${x0}z`).join("");
    const points = answer.points.flat().map(([x, y]) => `M${x} ${y}h0`).join("");
    return shape(
      "g",
      { class: "prompts" },
      shape("path", { class: "halo", d: boxes }),
      shape("path", { class: "box", d: boxes }),
      shape("path", { class: "halo point", d: points }),
      shape("path", { class: "point", d: points }),
    );
  }

  /** The image `ground` ("sat" or "map") of a sample, with the truth and `answer` over it. */
  function picture(sample, answer, ground) {
    const name = sample[`${ground}_image`];
    const what = ground === "sat" ? "satellite image" : "map";
    const missing = () => make("span", { class: "missing" }, `The ${what} cannot be read.`);
    const image = name
      ? make("img", { src: `images/${name}`, loading: "lazy", decoding: "async", alt: what })
      : missing();
    if (name) image.addEventListener("error", () => image.replaceWith(missing()));
    const over = layer(sample);
    if (answer) over.append(errors(sample.truth, answer.mask));
    over.append(line("truth", sample.truth));
    if (answer) over.append(line("answer", answer.mask), prompts(answer));
    return frame(sample, image, over);
  }

  /** A mask, white on black. */
  function mask(sample, d, name) {
    const layers = layer(sample, shape("path", { class: "mask", d }));
    return frame(sample, make("span", { class: "hidden" }, name), layers);
  }

  function frame(sample, ...children) {
    const [height, width] = sample.size;
    return make("div", { class: "picture", style: `aspect-ratio:${width}/${height}` }, ...children);
  }

  /** The sign of a run, as the tables have it. */
  function sign(number) {
    return document.querySelector(`main svg.mark.r${number}`).cloneNode(true);
  }

  function runName(number) {
    const label = make("span", {}, REPORT_DATA.runs[number].label);
    return make("span", { class: "run" }, sign(number), label);
  }

  const share = (value) => (100 * value).toFixed(1);

  function signed(value) {
    return `${value < 0 ? "\u2212" : "+"}${share(Math.abs(value))}`;
  }

  return { make, picture, mask, sign, runName, share, signed };
})();
