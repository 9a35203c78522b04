// Registration and recovery in two steps, and signing in by passkey (W3C WebAuthn).
"use strict";
(() => {
  const steps = document.querySelector("[data-steps]");
  if (steps) {
    // To whom the code went outlives a reload and a change of the language, in this tab; the code itself is nowhere.
    const place = `jifen.steps.${steps.dataset.steps}`;
    const [first, second] = steps.querySelectorAll("[data-step]");
    const SENT = {
      register: (contact) => jifen.word("A code was sent to %(contact)s. It may take a minute.", { contact }),
      recover: (contact) => jifen.word("If %(contact)s has an account, a code was sent there. It may take a minute.", { contact }),
    };

    const showStep = (sent) => {
      first.hidden = sent !== null;
      second.hidden = sent === null;
      if (sent === null) return;
      second.elements.code_id.value = sent.code_id;
      second.querySelector("[data-sent-to]").textContent = SENT[steps.dataset.steps.split("-")[0]](sent.contact);
    };

    const keep = ({ code_id, expires_at }, contact) => {
      const sent = { code_id, contact, expires_at };
      sessionStorage.setItem(place, JSON.stringify(sent));
      showStep(sent);
    };

    first.addEventListener("jifen:done", (event) => {
      event.preventDefault();
      jifen.forms.quiet(first);
      keep(event.detail.answer.document, event.detail.filled.body.contact);
      second.elements.code.focus();
    });

    second.querySelector("[data-send-again]").addEventListener("click", async (event) => {
      const button = event.currentTarget;
      if (button.getAttribute("aria-disabled") === "true") return;
      const { contact } = JSON.parse(sessionStorage.getItem(place));
      const { body } = jifen.forms.read(first);
      jifen.occupy(button, true);
      try {
        const { document: found } = await jifen.api.call("POST", first.dataset.api.split(" ")[1], { ...body, contact });
        keep(found, contact);
        jifen.forms.show(second, "good", jifen.word("A new code was sent. Only the newest one works."));
      } catch (error) {
        if (!error.problem && !(error instanceof jifen.api.Unknown)) throw error;
        jifen.forms.showRefusal(second, error);
      } finally {
        jifen.occupy(button, false);
      }
    });

    second.querySelector("[data-other-contact]").addEventListener("click", () => {
      sessionStorage.removeItem(place);
      jifen.forms.quiet(second);
      showStep(null);
      first.elements.contact.focus();
    });

    second.addEventListener("jifen:done", () => sessionStorage.removeItem(place));

    const before = JSON.parse(sessionStorage.getItem(place) ?? "null");
    if (before !== null && before.expires_at > jifen.now()) showStep(before);
  }

  // The number of an invitation stands behind the # of its link: it is taken into the form and out of the address.
  const invitation = document.querySelector("[data-invitation] form");
  if (invitation && /^#otc_[a-z0-9]+$/.test(location.hash)) {
    invitation.elements.code_id.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search);
    invitation.elements.code.focus();
  }

  const door = document.querySelector("[data-passkey-sign-in]");
  if (door && !jifen.passkeys()) door.hidden = true;
  door?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const kind = door.dataset.kind;
    try {
      const asked = (await jifen.api.call("POST", "/api/v1/passkey-sessions/challenge", { kind })).document;
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
      const credential = await navigator.credentials.get({ publicKey });
      const body = { kind, challenge_id: asked.challenge_id, credential: credential.toJSON() };
      await jifen.api.call("POST", "/api/v1/passkey-sessions", body);
      location.assign(door.dataset.next);
    } catch (error) {
      const ended = error instanceof DOMException;
      jifen.forms.show(door, "bad", ended ? jifen.word("The device gave no passkey.") : jifen.api.explain(error));
    }
  });
})();
