// A file of old cards: looked over in the browser before it is sent, its faults by line as the gateway names them, and how far it is while it is written.
"use strict";
(() => {
  const LINES_SHOWN = 5;
  const LOOK_MILLISECONDS = 500;
  const { element } = jifen;
  const form = document.querySelector("[data-import]");

  /** What a file comes to: its cards, its points, its first lines; null without the header that is wanted. Whether each line is right, the gateway says. */
  function lookOver(text, header) {
    const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
    if (lines[0].trim() !== header) return null;
    const rows = lines.slice(1).filter((line) => line.trim());
    const cells = rows.map((line) => line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
    const points = cells.reduce((sum, [, amount]) => sum + (/^[0-9]{1,16}$/.test(amount ?? "") ? Number(amount) : 0), 0);
    return { cards: rows.length, points, first: cells.slice(0, LINES_SHOWN) };
  }

  /** The end of a card's number is enough to know it again. */
  const masked = (reference) => `…${reference.slice(-4)}`;

  function table(label, names, rows) {
    const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
    const body = rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))));
    return element(
      "div",
      { class: "scrolled", role: "region", "aria-label": label, tabindex: "0" },
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
    );
  }

  function show(found) {
    const place = form.querySelector("[data-preview]");
    if (found === null) {
      place.replaceChildren(element("p", { class: "fault" }, jifen.word("This is not such a file: the first line must be %(header)s", { header: form.dataset.import })));
      return;
    }
    const decimals = Number(form.elements.class_id.selectedOptions[0].dataset.decimals);
    place.replaceChildren(
      element("p", {}, jifen.words("The file has %(count)s card", "The file has %(count)s cards", found.cards), ", ", jifen.word("%(points)s points in all.", { points: jifen.points(found.points, decimals) })),
      table(
        jifen.word("The first lines"),
        [jifen.word("Card"), jifen.word("Points"), jifen.word("Last day")],
        found.first.map(([reference = "", points = "", day = ""]) => [masked(reference), /^[0-9]{1,16}$/.test(points) ? jifen.points(Number(points), decimals) : points, day || "–"]),
      ),
    );
  }

  if (form) {
    let text = "";
    const look = () => text && show(lookOver(text, form.dataset.import));
    form.elements.file.addEventListener("change", async () => {
      const [file] = form.elements.file.files;
      text = file ? await file.text() : "";
      form.querySelector("[data-preview]").replaceChildren();
      form.querySelector("[data-faults]").replaceChildren();
      look();
    });
    form.elements.class_id.addEventListener("change", look);

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      jifen.forms.clear(form);
      const faults = form.querySelector("[data-faults]");
      faults.replaceChildren();
      form.setAttribute("aria-busy", "true");
      jifen.forms.show(form, "waiting", jifen.word("One moment …"));
      try {
        form.elements.control_total_points.dataset.decimals = form.elements.class_id.selectedOptions[0].dataset.decimals;
        const { body } = jifen.forms.read(form);
        await jifen.api.callFresh("POST", "/api/v1/legacy/imports", { ...body, file: text });
        jifen.leave("/merchant/import", jifen.word("Done."));
      } catch (error) {
        if (!error.problem && !error.field && !(error instanceof jifen.api.Unknown)) throw error;
        const lines = (error.problem?.errors ?? []).map((one) => [/^\/lines\/(\d+)$/.exec(one.pointer), one.detail]).filter(([line]) => line);
        jifen.forms.showRefusal(form, error);
        if (lines.length) {
          const title = jifen.words("%(count)s line is wrong", "%(count)s lines are wrong", lines.length);
          faults.replaceChildren(element("h3", {}, title), table(title, [jifen.word("Line"), jifen.word("What is wrong")], lines.map(([line, detail]) => [line[1], detail])));
        }
      } finally {
        form.removeAttribute("aria-busy");
      }
    });
  }

  /** Shows how many parts stand on the ledger, until `ended()`. */
  async function watch(progress, importId, ended) {
    while (!ended() && progress.value < progress.max) {
      const { document: found } = await jifen.api.call("GET", `/api/v1/legacy/imports/${importId}`);
      progress.value = found.parts_written;
      if (progress.value < progress.max) await jifen.pause(LOOK_MILLISECONDS);
    }
  }

  for (const one of document.querySelectorAll("[data-confirm-import]")) {
    one.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (one.getAttribute("aria-busy") === "true") return;
      one.setAttribute("aria-busy", "true");
      const place = one.querySelector("[data-progress]");
      const progress = place.querySelector("progress");
      let over = false;
      place.hidden = false;
      jifen.forms.show(one, "waiting", jifen.word("It is being written. You may leave this page; what was begun can be taken up again."));
      const watching = watch(progress, one.dataset.confirmImport, () => over);
      try {
        await jifen.api.callFresh("POST", `/api/v1/legacy/imports/${one.dataset.confirmImport}/confirm`);
        jifen.leave(null, jifen.word("Done."));
      } catch (error) {
        if (!error.problem && !(error instanceof jifen.api.Unknown)) throw error;
        jifen.forms.showRefusal(one, error);
      } finally {
        over = true;
        one.removeAttribute("aria-busy");
        await watching;
      }
    });
  }
})();
