// The page of notes: opens those that were received, with the key, in the browser.
"use strict";
(() => {
  const form = document.querySelector("[data-read-notes]");
  const names = Object.fromEntries(jifen.contacts.list().map(({ address, name }) => [address, name]));
  for (const place of document.querySelectorAll("[data-name-of]")) place.textContent = names[place.dataset.nameOf] ?? place.textContent;
  if (!form) return;

  jifen.member.handle(form, async () => {
    const address = form.dataset.readNotes;
    const rows = [...document.querySelectorAll("[data-note]")];
    const notes = rows.map((row) => JSON.parse(row.dataset.note));
    const description = {
      title: jifen.words("Open %(count)s note", "Open %(count)s notes", notes.length),
      lines: [{ label: jifen.word("With the key of"), value: jifen.bech32.grouped(address) }],
    };
    const read = (wrapped, passphrase) => jifen.notes.readAll(notes, wrapped, passphrase);
    const texts = await jifen.member.confirm(address, description, read, jifen.word("Open them"));
    if (texts === null) return;
    rows.forEach((row, place) => {
      row.querySelector("[data-note-text]").textContent = texts[place] ?? jifen.word("This note was changed, or is not for this key.");
    });
    form.hidden = true;
    jifen.tell(jifen.word("The notes are open."));
    const list = document.querySelector("[data-notes]");
    list.tabIndex = -1;
    list.focus();
  });
})();
