"use strict";

// The reader's choice of colours, kept between visits where the browser keeps anything for a file.
(() => {
  const KEY = "socioseg-theme";
  const store = {
    get() {
      try {
        return localStorage.getItem(KEY) || "";
      } catch {
        return "";
      }
    },
    set(value) {
      try {
        localStorage.setItem(KEY, value);
      } catch {
        // A browser that keeps nothing still shows the colours chosen now.
      }
    },
  };
  const apply = (value) => {
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
  };
  apply(store.get());
  addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("theme");
    choice.value = store.get();
    choice.addEventListener("change", () => {
      apply(choice.value);
      store.set(choice.value);
    });
  });
})();
