// What every page does: the menu on narrow screens, signing out, copying, and parts that follow the ledger.
"use strict";
(() => {
  const HEARD_MILLISECONDS = 300;
  const wide = window.matchMedia("(min-width: 60rem)");
  const menu = document.querySelector("[data-menu]");
  if (menu) {
    const fit = () => (menu.open = wide.matches);
    fit();
    wide.addEventListener("change", fit);
  }

  // A browser that goes back may show a page as it was left: whoever has signed out meanwhile, or left the device to somebody else, is not shown there again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector('meta[name="csrf"]')) location.reload();
  });

  // What was done on the page before is told here, once whoever listens knows the page; the focus is at the content, not before the menu.
  const said = sessionStorage.getItem("jifen.said");
  if (said !== null) {
    sessionStorage.removeItem("jifen.said");
    document.getElementById("main").focus({ preventScroll: true });
    setTimeout(() => jifen.tell(said), HEARD_MILLISECONDS);
  }
  const shown = sessionStorage.getItem("jifen.shown");
  if (shown !== null) {
    sessionStorage.removeItem("jifen.shown");
    document.querySelector("#main h1")?.after(jifen.element("div", { class: "notice good", "data-said": "" }, shown));
  }

  document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
    await jifen.api.call("DELETE", "/api/v1/session");
    location.assign("/");
  });

  /** Copies a text, also on a page that did not come over https, which has no clipboard of its own. */
  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const place = jifen.element("textarea", { class: "unseen", readonly: "" }, text);
    document.body.append(place);
    place.select();
    document.execCommand("copy");
    place.remove();
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await copy(button.dataset.copy);
    jifen.tell(jifen.word("Copied."));
    button.textContent = jifen.word("Copied");
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });

  // A table that is wider than its place fades at the side on which it goes on.
  function beyond(place) {
    const sides = [place.scrollLeft > 1 && "left", place.scrollLeft + place.clientWidth < place.scrollWidth - 1 && "right"].filter(Boolean);
    if (sides.length) place.dataset.beyond = sides.join(" ");
    else delete place.dataset.beyond;
  }
  const sized = new ResizeObserver((entries) => entries.forEach(({ target }) => beyond(target.closest(".scrolled"))));
  function watchWidth() {
    for (const place of document.querySelectorAll(".scrolled:not([data-watched])")) {
      place.dataset.watched = "";
      place.addEventListener("scroll", () => beyond(place), { passive: true });
      for (const part of [place, ...place.children]) sized.observe(part);
    }
  }
  watchWidth();
  new MutationObserver(watchWidth).observe(document.getElementById("main"), { childList: true, subtree: true });

  /** Takes the parts of the page marked `data-live="name"` anew from the server, without a jump or a lost focus. */
  async function refresh() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const place of document.querySelectorAll("[data-live]")) {
      const found = fresh.querySelector(`[data-live="${CSS.escape(place.dataset.live)}"]`);
      if (found && found.innerHTML !== place.innerHTML && !place.contains(document.activeElement)) {
        place.replaceChildren(...found.childNodes);
        if (found.dataset.said) jifen.tell(found.dataset.said);
      }
    }
    document.dispatchEvent(new CustomEvent("jifen:refreshed"));
  }
  jifen.refresh = refresh;

  // `<body>`'s or any element's data-follow="/api/v1/events?account=…": the ledger's events, on which the live parts are taken anew.
  const followed = document.querySelector("[data-follow]");
  if (followed) {
    let asked = 0;
    const source = new EventSource(followed.dataset.follow);
    source.addEventListener("operation", () => {
      clearTimeout(asked);
      asked = setTimeout(refresh, 200);
    });
    window.addEventListener("pagehide", () => source.close());
  }
})();
