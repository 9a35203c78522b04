// Forms with `data-after-block`: when the ledger has written what they asked for, the page is shown anew (or `data-next`), as this gateway's tables have it then.
"use strict";
(() => {
  document.addEventListener("jifen:done", async (event) => {
    const form = event.target;
    if (form.dataset?.afterBlock === undefined) return;
    event.preventDefault();
    const block = event.detail.answer.document?.block_number;
    jifen.forms.show(form, "good", jifen.word("Done."));
    if (block) await jifen.api.call("GET", `/api/v1/classes?at_least_block=${block}`);
    jifen.leave(form.dataset.next, jifen.word("Done."));
  });
})();
