"use strict";

// One sample at full size: both images, the truth, each answer, and all that the log has of it.
const Detail = (() => {
  const { make } = Draw;
  const dialog = document.getElementById("detail");
  const part = (id) => document.getElementById(id);
  let steps = { before: null, after: null, closed: () => {} };

  function show(sample, runs, around) {
    steps = around;
    part("detail-title").textContent = sample.query;
    part("detail-sub").textContent = subtitle(sample);
    part("before").disabled = !around.before;
    part("after").disabled = !around.after;
    part("panels").replaceChildren(
      panel("satellite", Draw.picture(sample, null, "sat")),
      panel("map", Draw.picture(sample, null, "map")),
      panel("truth", Draw.mask(sample, sample.truth, "true mask")),
    );
    part("answers").replaceChildren(...runs.map((run) => answer(sample, run)));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function subtitle(sample) {
    const facts = [sample.facts.socio_class, sample.facts.socio_function, sample.facts.region];
    const places = `${sample.instances} ${sample.instances === 1 ? "instance" : "instances"}`;
    return [sample.level, ...facts, places, sample.id].filter(Boolean).join(" · ");
  }

  function panel(caption, picture) {
    return make("figure", {}, make("figcaption", {}, caption), picture);
  }

  function answer(sample, run) {
    const found = sample.runs[run];
    const section = make("section", {}, make("h3", {}, Draw.runName(run)));
    if (!found) {
      section.append(make("p", { class: "caption" }, "This run has no answer to the sample."));
      return section;
    }
    const panels = make("div", { class: "panels" });
    section.append(facts(found));
    if (found.detail) section.append(make("p", { class: "said" }, found.detail));
    if (found.stages.length) section.append(stages(sample, found, panels));
    section.append(panels, ...texts(found));
    fillPanels(panels, sample, found);
    return section;
  }

  function fillPanels(panels, sample, shown) {
    panels.replaceChildren(
      panel("on the satellite image", Draw.picture(sample, shown, "sat")),
      panel("on the map", Draw.picture(sample, shown, "map")),
      panel("prediction", Draw.mask(sample, shown.mask, "predicted mask")),
    );
  }

  /** A choice of the stage whose mask, boxes and points are drawn. */
  function stages(sample, found, panels) {
    const select = make(
      "select",
      {},
      make("option", { value: -1 }, "as answered"),
      ...found.stages.map((stage, place) => make("option", { value: place }, stage.name)),
    );
    const notes = make("ul", { class: "said" });
    select.addEventListener("change", () => {
      const stage = found.stages[select.value];
      fillPanels(panels, sample, stage || found);
      notes.replaceChildren(...(stage?.notes || []).map((note) => make("li", {}, note)));
    });
    return make("div", { class: "stages" }, make("label", {}, "Stage ", select), notes);
  }

  function facts(found) {
    const rows = [
      ["IoU", Draw.share(found.iou)],
      ["status", found.status],
      ["instances", String(found.instances)],
      ["sure", found.confidence === null ? "" : Draw.share(found.confidence)],
      ...Object.entries(found.seconds).map(([name, value]) => [name, time(value)]),
      ...Object.entries(found.usage).map(([name, value]) => [name, String(value)]),
    ].filter(([, value]) => value !== "");
    const pairs = rows.map(([name, value]) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, value)),
    );
    return make("dl", { class: "facts" }, ...pairs);
  }

  function time(value) {
    if (value >= 1) return `${value.toFixed(2)} s`;
    return value >= 1e-3 ? `${(1e3 * value).toPrecision(3)} ms` : `${(1e6 * value).toFixed(0)} µs`;
  }

  function texts(found) {
    return found.texts.map((text, place) =>
      make(
        "details",
        { open: true },
        make("summary", {}, `What the model wrote${found.texts.length > 1 ? `, ${place + 1}` : ""}`),
        make("pre", { tabindex: 0 }, text),
      ),
    );
  }

  function move(key) {
    const step = { ArrowLeft: steps.before, ArrowRight: steps.after }[key];
    if (step) step();
    return Boolean(step);
  }

  part("before").addEventListener("click", () => move("ArrowLeft"));
  part("after").addEventListener("click", () => move("ArrowRight"));
  part("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => steps.closed());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const busy = event.target.matches("select, input, pre");
    if (!busy && !event.ctrlKey && !event.metaKey && !event.altKey && move(event.key))
      event.preventDefault();
  });

  return { show, dialog };
})();
