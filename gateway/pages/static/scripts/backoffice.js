// Secrets that are shown once: forms with `data-secret="<name of the answer's field>"`.
"use strict";
(() => {
  document.addEventListener("jifen:done", (event) => {
    const form = event.target;
    const name = form.dataset?.secret;
    if (!name) return;
    event.preventDefault();
    const secret = event.detail.answer.document[name];
    jifen.forms.show(
      form,
      "good",
      jifen.element("strong", {}, jifen.word("Write it down now: it is shown this once.")),
      jifen.element("p", { class: "mono address" }, secret),
      jifen.element("button", { type: "button", "data-copy": secret }, jifen.word("Copy")),
    );
    form.reset();
  });
})();
