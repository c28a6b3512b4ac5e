"use strict";

// The gallery: cards in slices, switches that only change classes, and the keyboard.
(() => {
  const SLICE = 24;
  const DRAWN = ["truth", "answer", "errors", "boxes"];
  const { make } = Draw;
  const { samples } = REPORT_DATA;
  const form = document.getElementById("controls");
  const list = document.getElementById("cards");
  const more = document.getElementById("more");
  const count = document.getElementById("count");
  let state = null;
  let chosen = [];

  function card(at) {
    const sample = samples[chosen[at]];
    const runs = state.other < 0 ? [state.run] : [state.run, state.other];
    const grounds = state.ground === "both" ? ["sat", "map"] : [state.ground];
    const pictures = runs.flatMap((run) =>
      grounds.map((ground) => badged(Draw.picture(sample, sample.runs[run], ground), run)),
    );
    const scores = runs.map((run) =>
      make("span", { class: "score" }, Draw.runName(run), make("b", {}, scoreText(sample.runs[run]))),
    );
    const difference = state.other < 0 ? null : Filter.difference(sample, state);
    if (difference !== null)
      scores.push(make("span", { class: "score lead" }, make("b", {}, Draw.signed(difference))));
    const button = make(
      "button",
      { type: "button", class: "card", tabindex: at ? -1 : 0, "data-at": at },
      make("span", { class: "query" }, sample.query),
      make("span", { class: "facts" }, factsText(sample)),
      make("span", { class: pictures.length > 1 ? "pictures two" : "pictures" }, ...pictures),
      make("span", { class: "scores" }, ...scores),
    );
    return make("li", {}, button);
  }

  /** Of two runs, each picture bears the sign of its own. */
  function badged(picture, run) {
    if (state.other >= 0) picture.append(make("span", { class: "badge" }, Draw.sign(run)));
    return picture;
  }

  function scoreText(answer) {
    if (!answer) return "not run";
    const iou = Draw.share(answer.iou);
    return answer.status === "ok" ? iou : `${iou} ${answer.status}`;
  }

  function factsText(sample) {
    const kind = sample.level === "class" ? sample.facts.socio_function : sample.facts.socio_class;
    return [sample.level, kind].filter(Boolean).join(" · ");
  }

  function extend() {
    const from = list.children.length;
    const to = Math.min(from + SLICE, chosen.length);
    for (let at = from; at < to; at++) list.append(card(at));
    more.hidden = to >= chosen.length;
    more.textContent = `Show ${Math.min(SLICE, chosen.length - to)} more of ${chosen.length - to}`;
  }

  function refresh() {
    state = Filter.read(form);
    chosen = Filter.choose(samples, state);
    const answers = chosen.map((place) => samples[place].runs[state.run]).filter(Boolean);
    const mean = answers.reduce((sum, answer) => sum + answer.iou, 0) / answers.length;
    const scored = answers.length ? `; gIoU of ${REPORT_DATA.runs[state.run].label}: ${Draw.share(mean)}` : "";
    count.textContent = `${chosen.length} of ${samples.length} samples${scored}`;
    list.replaceChildren();
    extend();
  }

  /** Outlines on or off, in the gallery and in the dialog alike. */
  function draw() {
    for (const name of DRAWN)
      for (const part of [list, Detail.dialog])
        part.toggleAttribute(`data-${name}`, form.elements[name].checked);
    for (const box of Detail.dialog.querySelectorAll(".checks input"))
      box.checked = form.elements[box.dataset.name].checked;
  }

  function open(at) {
    while (list.children.length <= at) extend();
    const runs = state.other < 0 ? [state.run] : [state.run, state.other];
    Detail.show(samples[chosen[at]], runs, {
      before: at > 0 ? () => open(at - 1) : null,
      after: at + 1 < chosen.length ? () => open(at + 1) : null,
      closed: () => focus(at),
    });
  }

  function focus(at) {
    while (list.children.length <= at && list.children.length < chosen.length) extend();
    const button = list.children[at]?.firstElementChild;
    if (!button) return false;
    for (const other of list.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
    return true;
  }

  /** How many cards stand in a row. */
  function columns() {
    const top = list.firstElementChild.offsetTop;
    const below = [...list.children].findIndex((item) => item.offsetTop > top);
    return below < 0 ? list.children.length : below;
  }

  function move(event) {
    const button = event.target.closest(".card");
    if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Number(button.dataset.at);
    const targets = {
      ArrowLeft: () => at - 1,
      ArrowRight: () => at + 1,
      ArrowUp: () => at - columns(),
      ArrowDown: () => at + columns(),
      Home: () => 0,
      End: () => list.children.length - 1,
    };
    if (targets[event.key] && focus(targets[event.key]())) event.preventDefault();
  }

  /** The same switches once more, where the dialog covers the form. */
  function copySwitches() {
    const place = document.getElementById("detail-draw");
    for (const name of DRAWN) {
      const label = form.elements[name].closest("label").cloneNode(true);
      const box = label.querySelector("input");
      box.removeAttribute("name");
      box.dataset.name = name;
      box.addEventListener("change", () => {
        form.elements[name].checked = box.checked;
        draw();
      });
      place.append(label);
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (DRAWN.includes(event.target.name)) return draw();
    if (event.target.name === "other") Filter.fillOrders(form, form.elements.order.value);
    return refresh();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      Filter.fill(form, REPORT_DATA);
      draw();
      refresh();
    }),
  );
  list.addEventListener("click", (event) => {
    const button = event.target.closest(".card");
    if (button) open(Number(button.dataset.at));
  });
  list.addEventListener("keydown", move);
  more.addEventListener("click", () => {
    const at = list.children.length;
    extend();
    focus(at);
  });

  Filter.fill(form, REPORT_DATA);
  copySwitches();
  draw();
  refresh();
})();
