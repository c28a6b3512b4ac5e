"use strict";

// Which samples the gallery shows, and in which order: a function of the form's values.
const Filter = (() => {
  const ANY = "";
  const NOT_RUN = "not run";
  const FACETS = {
    level: (sample) => sample.level,
    class: (sample) => sample.facts.socio_class || ANY,
    function: (sample) => sample.facts.socio_function || ANY,
    target: (sample) => sample.target,
    status: (sample, run) => (sample.runs[run] ? sample.runs[run].status : NOT_RUN),
  };
  const ORDERS = {
    worst: { text: "worst first", key: (sample, state) => score(sample, state.run) },
    best: { text: "best first", key: (sample, state) => -score(sample, state.run, -1) },
    ahead: { text: "furthest ahead of the other", key: (sample, state) => -lead(sample, state), pair: true },
    behind: { text: "furthest behind the other", key: lead, pair: true },
    slowest: { text: "slowest first", key: (sample, state) => -seconds(sample, state.run) },
    dataset: { text: "as in the dataset", key: () => 0 },
  };

  function score(sample, run, without = 2) {
    const answer = sample.runs[run];
    if (!answer) return without;
    return answer.status === "ok" ? answer.iou : answer.iou - 1e-6;
  }

  /** By how much the run is better than the other; what only one has comes last. */
  function lead(sample, state) {
    const found = difference(sample, state);
    if (found !== null) return found;
    return state.order === "ahead" ? -9 : 9;
  }

  function difference(sample, state) {
    const pair = [sample.runs[state.run], sample.runs[state.other]];
    return pair.every(Boolean) ? pair[0].iou - pair[1].iou : null;
  }

  function seconds(sample, run) {
    return sample.runs[run]?.seconds.total ?? -1;
  }

  /** The form's values: `run` and `other` (-1: none) as places among the runs. */
  function read(form) {
    const state = Object.fromEntries(new FormData(form));
    const limit = (text, none) => (text === undefined || text === "" ? none : Number(text) / 100);
    return {
      ...state,
      run: Number(state.run),
      other: Number(state.other),
      least: limit(state.least, -1),
      most: limit(state.most, 2),
      text: (state.text || "").trim().toLowerCase(),
    };
  }

  function passes(sample, state) {
    for (const [name, value] of Object.entries(FACETS))
      if (state[name] && value(sample, state.run) !== state[name]) return false;
    const iou = sample.runs[state.run] ? sample.runs[state.run].iou : null;
    if (iou === null ? state.least >= 0 || state.most <= 1 : iou < state.least || iou > state.most)
      return false;
    return `${sample.query}\n${sample.id}`.toLowerCase().includes(state.text);
  }

  /** Places of the samples that pass, in the order asked for. */
  function choose(samples, state) {
    const { key } = ORDERS[state.order] || ORDERS.worst;
    return samples
      .map((sample, place) => ({ place, sample }))
      .filter(({ sample }) => passes(sample, state))
      .map(({ place, sample }) => ({ place, key: key(sample, state) }))
      .sort((one, other) => one.key - other.key || one.place - other.place)
      .map(({ place }) => place);
  }

  function options(select, pairs, chosen) {
    select.replaceChildren(
      ...pairs.map(([value, text]) =>
        Draw.make("option", { value, selected: String(value) === String(chosen) }, text),
      ),
    );
  }

  /** Fill the form's lists from the data; a list without a choice is taken away. */
  function fill(form, data) {
    const runs = data.runs.map((run, place) => [place, run.label]);
    options(form.elements.run, runs, 0);
    options(form.elements.other, [[-1, "none"], ...runs], runs.length > 1 ? 1 : -1);
    form.elements.other.parentElement.hidden = runs.length < 2;
    for (const [name, value] of Object.entries(FACETS)) {
      const found = data.samples.flatMap((sample) => runs.map(([run]) => value(sample, run)));
      const values = [...new Set(found)].filter((text) => text !== ANY).sort();
      options(form.elements[name], [[ANY, "any"], ...values.map((text) => [text, text])], ANY);
      form.elements[name].parentElement.hidden = values.length < 2;
    }
    fillOrders(form, "worst");
  }

  /** Orders that make sense for what is shown: some need two runs. */
  function fillOrders(form, chosen) {
    const paired = Number(form.elements.other.value) >= 0;
    const orders = Object.entries(ORDERS).filter(([, order]) => paired || !order.pair);
    const kept = orders.some(([name]) => name === chosen) ? chosen : "worst";
    options(form.elements.order, orders.map(([name, order]) => [name, order.text]), kept);
  }

  return { read, choose, fill, fillOrders, difference };
})();
