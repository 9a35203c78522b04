// A member by the contact that she tells: the answer leads to her account.
"use strict";
(() => {
  document.addEventListener("jifen:done", (event) => {
    const form = event.target;
    if (form.dataset?.findMember === undefined) return;
    event.preventDefault();
    const found = event.detail.answer.document;
    const addresses = [...new Set([...found.addresses, found.custodial_address].filter(Boolean))];
    const links = addresses.map((address) => jifen.element("li", {}, jifen.element("a", { href: `/merchant/members/${address}`, class: "address" }, jifen.bech32.grouped(address))));
    const name = jifen.element("strong", {}, [found.name, found.contact].filter(Boolean).join(" · "));
    jifen.forms.show(form, "good", name, links.length ? jifen.element("ul", {}, ...links) : jifen.element("p", {}, jifen.word("This member has no wallet yet.")));
  });

  document.querySelector("[data-open-account]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    jifen.forms.clear(form);
    const found = jifen.scanning.parse(form.elements.account.value);
    if (found) location.assign(`/merchant/members/${found.address}`);
    else jifen.forms.fault(form, "account", jifen.word("This is not an address. A letter may be missing or wrong."));
  });
})();
