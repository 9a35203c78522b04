// Her names for addresses. They are kept in this browser alone, apart for each account that signs in here: nobody else learns whom she knows.
"use strict";
(() => {
  const NAME_CHARACTERS_MAX = 40;
  const place = document.querySelector("[data-wallet]");
  const key = place ? `jifen.contacts.${JSON.parse(place.dataset.wallet).person_id}` : "";

  const isContact = (one) => typeof one?.name === "string" && typeof one.address === "string" && jifen.bech32.isAddress(one.address);

  /** All of them, by name. @returns {{name: string, address: string}[]} */
  function list() {
    const text = key ? localStorage.getItem(key) : null;
    if (!text) return [];
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      found = []; // somebody else's hand was in the browser's storage
    }
    const good = Array.isArray(found) ? found.filter(isContact) : [];
    return good.sort((one, other) => one.name.localeCompare(other.name));
  }

  function keep(contacts) {
    localStorage.setItem(key, JSON.stringify(contacts));
  }

  /** Adds one, or gives its address another name. @param {string} name @param {string} address */
  function add(name, address) {
    keep([...list().filter((one) => one.address !== address), { name: name.slice(0, NAME_CHARACTERS_MAX), address }]);
  }

  /** Removes one. @param {string} address */
  function remove(address) {
    keep(list().filter((one) => one.address !== address));
  }

  jifen.contacts = { add, list, remove };

  // The page of contacts

  const shown = document.querySelector("[data-contacts]");
  if (!shown) return;
  const form = document.querySelector("[data-contact-form]");

  function draw() {
    const rows = list().map(({ name, address }) => {
      const send = jifen.element("a", { class: "button", href: `/send?to=${address}`, "aria-label": jifen.word("Send points to %(name)s", { name }) }, jifen.word("Send"));
      const drop = jifen.element("button", { type: "button", class: "quiet", "aria-label": jifen.word("Remove %(name)s", { name }) }, jifen.word("Remove"));
      drop.addEventListener("click", () => {
        remove(address);
        draw();
        jifen.tell(jifen.word("Removed."));
        form.elements.name.focus();
      });
      const who = jifen.element("span", {}, jifen.element("strong", {}, name), jifen.element("br"), jifen.element("span", { class: "address small muted" }, jifen.bech32.grouped(address)));
      return jifen.element("li", {}, who, jifen.element("span", { class: "row" }, send, drop));
    });
    shown.replaceChildren(...rows);
    document.querySelector("[data-no-contacts]").hidden = rows.length > 0;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    jifen.forms.clear(form);
    const address = jifen.bech32.normalised(form.elements.address.value);
    const name = form.elements.name.value.trim();
    if (!jifen.bech32.isAddress(address)) {
      return jifen.forms.fault(form, "address", jifen.word("This is not an address. A letter may be missing or wrong."));
    }
    add(name, address);
    draw();
    form.reset();
    jifen.forms.show(form, "good", jifen.word("Kept in this browser."));
    form.elements.name.focus();
  });
  draw();
})();
