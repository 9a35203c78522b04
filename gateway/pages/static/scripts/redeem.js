// The page for paying: a reservation for a till, its code, and its end.
"use strict";
(() => {
  const { beside, carryOut, handle, names, showWorth } = jifen.member;
  const CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"; // none that is read as another
  const CODE_LENGTH = 8;

  /** A short code that people can read out: the order's reference until the till knows a better one. */
  function shortCode() {
    const letters = [];
    while (letters.length < CODE_LENGTH) {
      const [byte] = jifen.bytes.random(1);
      if (byte < CODE_LETTERS.length * 8) letters.push(CODE_LETTERS[byte % CODE_LETTERS.length]); // each letter equally often
    }
    return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
  }

  /** What can be spent of a class now: the page takes it anew from the ledger. */
  const spendable = (classId) => names().draws.reduce((sum, [one, points]) => sum + (one === classId ? points : 0), 0);

  const form = document.querySelector("[data-hold]");
  if (form) {
    const classes = [...form.querySelectorAll('[name="class_ids"]')];

    /** Only classes that the merchant takes can be chosen. */
    const fit = () => {
      for (const one of classes) {
        const takers = JSON.parse(one.dataset.accepted); // null: every merchant takes them
        const taken = takers === null || takers.includes(form.elements.acceptor_msp.value);
        one.disabled = !taken;
        one.closest(".tick").hidden = !taken;
      }
      const decimals = new Set(chosen().map((one) => one.dataset.decimals));
      form.elements.points.dataset.decimals = decimals.size === 1 ? [...decimals][0] : "0";
      value();
    };
    const value = () => {
      const { points } = form.elements;
      const wanted = jifen.forms.amount(points.value, Number(points.dataset.decimals));
      const parts = wanted > 0 ? jifen.signing.drawn(wanted, classIds(), names().draws) : null;
      showWorth(form.querySelector("[data-worth]"), parts);
    };
    const chosen = () => classes.filter((one) => one.checked && !one.disabled);
    /** As they are signed: of points with one last day the ledger takes those of the class that is named first. */
    const classIds = () => chosen().map((one) => one.value).sort();
    form.addEventListener("change", fit);
    form.addEventListener("input", value);
    document.addEventListener("jifen:refreshed", value);
    fit();

    handle(form, async () => {
      const { body } = jifen.forms.read(form);
      if (!chosen().length) throw beside("class_ids", jifen.word("Choose at least one kind of points."));
      if (!(body.points > 0)) throw beside("points", jifen.word("At least one point."));
      const held = chosen().reduce((sum, one) => sum + spendable(one.value), 0);
      if (body.points > held) throw beside("points", jifen.word("That is more than you have."));
      const args = {
        acceptor_msp: body.acceptor_msp,
        class_ids: classIds(),
        expires_at: jifen.now() + body.seconds,
        order_ref: shortCode(),
        points: body.points,
      };
      const done = await carryOut("Hold", args, form.dataset.hold, form);
      if (done === null) return jifen.forms.show(form, "waiting", jifen.word("Nothing was reserved."));
      location.assign(`/redeem?address=${form.dataset.hold}&hold=${encodeURIComponent(done.operation.request_id)}`);
    });
  }

  const outcome = document.querySelector("[data-release-outcome]");
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-release]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    jifen.occupy(button, true);
    try {
      const address = button.dataset.release.split("/")[0];
      const done = await carryOut("Release", { hold_id: button.dataset.release }, address, outcome);
      jifen.forms.show(outcome, done ? "good" : "waiting", done ? jifen.word("Ended. The points are free again.") : jifen.word("Nothing has changed."));
      if (done) {
        const said = outcome.querySelector("[data-outcome]"); // the button goes away with the reservation
        said.tabIndex = -1;
        said.focus();
        await jifen.refresh();
      }
    } catch (error) {
      if (!error.code && !(error instanceof jifen.api.Unknown)) throw error;
      if (error.problem || !error.code) jifen.forms.showRefusal(outcome, error);
      else jifen.forms.show(outcome, "bad", jifen.member.explain(error));
    } finally {
      jifen.occupy(button, false);
    }
  });

  const code = document.querySelector("[data-counter-code]");
  const told = code?.elements.class_ids;
  const scale = () => {
    const { points_max: most } = code.elements;
    most.dataset.decimals = told.selectedOptions[0].dataset.decimals;
    const points = jifen.forms.amount(most.value, Number(most.dataset.decimals));
    showWorth(code.querySelector("[data-worth]"), points > 0 ? { [told.value]: points } : null);
  };
  code?.addEventListener("input", scale);
  if (told) scale();
  code?.addEventListener("jifen:done", (event) => {
    event.preventDefault();
    const { code: digits, expires_at: until, points_max: most, class_ids: ids, value_max_millionths: value } = event.detail.answer.document;
    const { name, decimals } = jifen.member.facts.classes[ids[0]];
    const what = { points: jifen.points(most, decimals), name };
    jifen.forms.show(
      code,
      "good",
      jifen.element("p", { class: "total" }, `${digits.slice(0, 4)} ${digits.slice(4)}`),
      jifen.element("p", {}, jifen.word("Tell the cashier these eight digits, and the e-mail address or telephone number that you registered with.")),
      jifen.element("p", {}, value === null ? jifen.word("For at most %(points)s points of %(name)s.", what) : jifen.word("For at most %(points)s points of %(name)s, worth %(value)s.", { ...what, value: jifen.money(value, jifen.member.facts.currency) })),
      jifen.element("p", {}, jifen.word("Good until %(time)s", { time: jifen.time(until) })),
    );
  });

  // A committed reservation may be a moment ahead of the gateway's tables: the page looks again until it is there.
  const wanted = new URLSearchParams(location.search).get("hold");
  if (wanted && !document.querySelector("[data-hold-code], [aria-labelledby='code']")) {
    let looks = 0;
    const look = setInterval(async () => {
      looks += 1;
      await jifen.refresh();
      if (looks > 20 || document.querySelector("[aria-labelledby='code']")) clearInterval(look);
    }, 500);
  }
})();
