// A file of old cards: read in the browser, its plain proofs hashed there, its faults by line as the gateway names them, and how far it is while it is written.
"use strict";
(() => {
  const LINES_SHOWN = 5;
  const LOOK_MILLISECONDS = 500;
  const FILE_BYTES_MAX = 64 * 1024 * 1024;
  const FILE_NAME_CHARACTERS_MAX = 120;
  const SALT_BYTES = 16;
  const HASHED_AT_ONCE = 500;
  const { element } = jifen;
  const form = document.querySelector("[data-import]");

  /** The columns of the table by their names, `{name: place}`; null without those that are wanted. */
  function placesOf(header, columns) {
    const names = header.map((cell) => {
      const plain = cell.normalize("NFKC").trim().toLowerCase();
      return Object.keys(columns).find((name) => name === plain || columns[name].includes(plain));
    });
    const places = Object.fromEntries(names.map((name, place) => [name, place]).filter(([name]) => name));
    const proven = "proof" in places || ("salt" in places && "proof_sha256" in places);
    return proven && ["reference", "points", "expires_on"].every((name) => name in places) ? places : null;
  }

  /** Whole points as they are written: 1200, or 1,200. NaN for anything else. */
  const whole = (text) => (/^(\d{1,16}|\d{1,3}(,\d{3})+)$/.test(jifen.figures(text)) ? Number(jifen.figures(text).replaceAll(",", "")) : NaN);

  /** What a file comes to: `{cards, points, rows}`, each row `{line, reference, points, expires_on, salt, proof_sha256, proof}`. Whether each is right, the gateway says. */
  function lookOver(table, columns) {
    const places = table.length ? placesOf(table[0].cells, columns) : null;
    if (places === null) return null;
    const rows = table.slice(1).map(({ line, cells }) => ({ line, ...Object.fromEntries(Object.entries(places).map(([name, place]) => [name, (cells[place] ?? "").trim()])) }));
    return { cards: rows.length, points: rows.reduce((sum, row) => sum + (whole(row.points) || 0), 0), rows };
  }

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

  /** The row with its proof hashed under a salt of its own, as `gateway.people.legacy_file.proof_sha256` does. A missing proof stays missing. */
  async function hashed(row) {
    if (!row.proof) return { ...row, salt: row.salt ?? "", proof_sha256: row.proof_sha256 ?? "" };
    const salt = hex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
    const proof = row.proof.normalize("NFKC").replace(/[\s./-]/g, "").toUpperCase();
    return { ...row, salt, proof_sha256: hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${salt}:${proof}`))) };
  }

  /** The file as it is sent: only the columns that are wanted, each card in the line that it has in the file that was chosen. */
  async function sent(rows, header) {
    const lines = [header.join(",")];
    for (let start = 0; start < rows.length; start += HASHED_AT_ONCE) {
      for (const row of await Promise.all(rows.slice(start, start + HASHED_AT_ONCE).map(hashed))) {
        while (lines.length < row.line - 1) lines.push("");
        lines.push(header.map((name) => `"${row[name].replace(/\s+/g, " ").replaceAll('"', '""')}"`).join(","));
      }
    }
    return `${lines.join("\n")}\n`;
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
      place.replaceChildren(element("p", { class: "fault" }, jifen.word("This is not such a file: its first line must name the columns %(header)s.", { header: form.dataset.template })));
      return;
    }
    const decimals = Number(form.elements.class_id.selectedOptions[0].dataset.decimals);
    const cards = jifen.words("The file has %(count)s card", "The file has %(count)s cards", found.cards);
    place.replaceChildren(
      element("p", {}, jifen.word("%(cards)s, %(points)s points in all.", { cards, points: jifen.points(found.points, decimals) })),
      table(
        jifen.word("The first lines"),
        [jifen.word("Card"), jifen.word("Points"), jifen.word("Last day")],
        found.rows.slice(0, LINES_SHOWN).map((row) => [masked(row.reference), Number.isNaN(whole(row.points)) ? row.points : jifen.points(whole(row.points), decimals), row.expires_on || "–"]),
      ),
    );
  }

  /** The faults by line, and those of the whole file before them. */
  function showFaults(errors) {
    const lines = errors.map((one) => [/^\/lines\/(\d+)$/.exec(one.pointer)?.[1] ?? "", one.detail]).filter(([line], place) => line || errors[place].pointer === "/file");
    if (!lines.length) return;
    const title = jifen.words("%(count)s line is wrong", "%(count)s lines are wrong", lines.length);
    form.querySelector("[data-faults]").replaceChildren(element("h3", {}, title), table(title, [jifen.word("Line"), jifen.word("Problem")], lines));
  }

  if (form) {
    const columns = JSON.parse(form.dataset.import);
    let found = null;
    form.elements.file.addEventListener("change", async () => {
      const [file] = form.elements.file.files;
      found = null;
      for (const place of ["[data-preview]", "[data-faults]"]) form.querySelector(place).replaceChildren();
      jifen.forms.clear(form);
      if (!file) return;
      try {
        if (file.size > FILE_BYTES_MAX) throw new jifen.sheets.Unreadable(jifen.word("This file is too large. Divide it."));
        found = lookOver(await jifen.sheets.read(file), columns);
        show(found);
      } catch (error) {
        if (!(error instanceof jifen.sheets.Unreadable)) throw error;
        form.querySelector("[data-preview]").replaceChildren(element("p", { class: "fault" }, error.message));
      }
    });
    form.elements.class_id.addEventListener("change", () => found && show(found));

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true" || found === null) return;
      jifen.forms.clear(form);
      form.querySelector("[data-faults]").replaceChildren();
      form.setAttribute("aria-busy", "true");
      jifen.forms.show(form, "waiting", jifen.word("One moment …"));
      try {
        form.elements.control_total_points.dataset.decimals = form.elements.class_id.selectedOptions[0].dataset.decimals;
        const { body } = jifen.forms.read(form);
        const file = await sent(found.rows, form.dataset.header.split(","));
        const file_name = form.elements.file.files[0].name.slice(-FILE_NAME_CHARACTERS_MAX);
        await jifen.api.callFresh("POST", "/api/v1/legacy/imports", { ...body, file, file_name });
        jifen.leave("/merchant/import", jifen.word("Done."));
      } catch (error) {
        if (!error.problem && !error.field && !(error instanceof jifen.api.Unknown)) throw error;
        jifen.forms.showRefusal(form, error);
        showFaults(error.problem?.errors ?? []);
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
        const inner = /^([A-Z_]+): /.exec(error.problem?.detail ?? "")?.[1];
        if (error.code === "LEGACY_IMPORT_REFUSED") jifen.forms.show(one, "bad", jifen.api.explain(error), " ", jifen.refusal(inner) ?? "");
      } finally {
        over = true;
        one.removeAttribute("aria-busy");
        await watching;
      }
    });
  }
})();
