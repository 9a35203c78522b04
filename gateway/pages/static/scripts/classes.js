// The form of a point class: fields that belong to a choice are there only while it is made.
"use strict";
(() => {
  /** Switches a part and its fields on or off; what is off is not sent. */
  function fit(part, on) {
    part.hidden = !on;
    for (const field of part.querySelectorAll("input, select")) field.disabled = !on;
  }

  for (const choice of document.querySelectorAll("[data-validity]")) {
    const parts = choice.querySelectorAll("[data-kind]");
    const kind = choice.querySelector("select");
    const update = () => parts.forEach((part) => fit(part, part.dataset.kind === kind.value));
    kind.addEventListener("change", update);
    update();
  }

  for (const choice of document.querySelectorAll("[data-takers]")) {
    const who = choice.querySelector("[data-who]");
    const some = choice.querySelector("[data-some]");
    const all = choice.querySelector("[data-all]");
    const update = () => {
      fit(some, who.value === "some");
      if (all) fit(all, who.value === "all");
    };
    who.addEventListener("change", update);
    update();
  }
})();
