// The till's page: three things to do, each by the keyboard alone; the answer in large type, and the truth about what is not known yet.
"use strict";
(() => {
  const place = document.querySelector("[data-till]");
  const facts = JSON.parse(place.dataset.till);
  const { ask, beside, decimalsOf, holds, isHold, member, payments } = jifen.counter;
  const { element } = jifen;
  const answer = document.querySelector("[data-answer]");
  const forms = { accrue: document.querySelector('form[data-form="accrue"]'), redeem: document.querySelector('form[data-form="redeem"]'), refund: document.querySelector('form[data-form="refund"]') };
  const told = document.querySelector("[data-told]");
  const QUOTE_MILLISECONDS = 250;
  const KEYS = { F2: "accrue", F4: "redeem", F8: "refund" };
  const journal = jifen.till.open(document.querySelector("[data-lines]"), facts.staff, facts.msp, facts.valid_seconds);
  const chosen = { accrue: null, redeem: null, refund: null };
  let mode = "accrue";
  let quotes = 0;
  let newest = 0; // block of the last receipt: what was paid a moment ago can be given back

  const nameOf = (classId) => facts.classes[classId]?.name ?? classId;
  const short = (address) => `${address.slice(0, 8)}…${address.slice(-6)}`;
  const worth = (millionths, digits) => jifen.money(millionths, facts.currency, digits);

  function show(kind, big, ...lines) {
    answer.dataset.kind = kind;
    answer.className = `card answer ${kind}`;
    answer.replaceChildren(element("p", { class: "total" }, big), ...lines.filter(Boolean).map((one) => element("p", {}, one)));
  }

  /** That a second person decides: certain for this till, whose line settles by itself. */
  function showSecondPerson() {
    show("waiting", jifen.word("A second person is needed"), jifen.word("This needs a second person. It waits under Approvals and is carried out when somebody else confirms it."));
    answer.dataset.kind = "approval";
  }

  const WAITING = {
    unknown: () => show("waiting", jifen.word("Not known yet"), jifen.word("No answer yet. It may have happened; we are asking again with the same request, so it cannot happen twice.")),
    pending: () => show("waiting", jifen.word("One moment …"), jifen.word("Accepted. Waiting for the ledger to write it down.")),
  };

  /** What a receipt says, in a line of the journal. */
  function tell(line, { result }) {
    if (line.kind === "accrue") {
      if (!result.issuance) return jifen.word("Earned nothing");
      const classId = line.about.class_id;
      return `+${amount(result.issuance.points, classId)} ${nameOf(classId)}`;
    }
    if (line.kind === "refund") return jifen.word("%(points)s points given back, %(value)s", { points: jifen.points(result.points, decimalsOf(result.returned, facts.classes)), value: worth(result.value_millionths) });
    const { redemption } = result;
    return jifen.word("%(points)s points taken, %(value)s", { points: jifen.points(redemption.points, decimalsOf(redemption.draws, facts.classes)), value: worth(redemption.value_millionths) });
  }

  const pointsSaid = (points, parts) => jifen.word("%(points)s points", { points: jifen.points(points, decimalsOf(parts, facts.classes)) });
  const paidMoney = (minor) => worth(minor * 10 ** (6 - facts.coin_decimals));
  const amount = (points, classId) => jifen.points(points, facts.classes[classId]?.decimals ?? 0);

  /** Opens another form: what was answered to the one before leaves, unless it is still open. */
  function setMode(next) {
    if (next !== mode && answer.dataset.kind !== "waiting") {
      answer.className = "card answer";
      answer.replaceChildren(element("p", { class: "muted" }, jifen.word("The result appears here.")));
    }
    mode = next;
    for (const one of document.querySelectorAll("[data-mode]")) one.setAttribute("aria-pressed", String(one.dataset.mode === next));
    for (const one of document.querySelectorAll("[data-form]")) one.hidden = one.dataset.form !== next;
    focusFirst();
  }

  function focusFirst() {
    forms[mode].querySelector("input:not([type=hidden]):not([type=file])")?.focus();
  }

  /** Empties what is filled in; the journal stays. */
  function clear() {
    const form = forms[mode];
    form.reset();
    told.reset();
    jifen.forms.clear(form);
    jifen.forms.clear(told);
    forget(mode);
    for (const one of form.querySelectorAll("[data-earns], [data-scan-fault]")) one.replaceChildren();
    focusFirst();
  }

  /** Takes away what was found under a text that is no longer there. */
  function forget(which) {
    chosen[which] = null;
    quotes += 1; // what is asked meanwhile is no longer waited for
    for (const one of forms[which].querySelectorAll("[data-known], [data-found], [data-worth]")) one.replaceChildren();
    for (const one of forms[which].querySelectorAll("[data-second]")) one.hidden = true;
  }

  for (const [which, name] of [["accrue", "who"], ["redeem", "code"], ["refund", "order"]]) {
    forms[which].elements[name]?.addEventListener("input", ({ target }) => {
      if (chosen[which] && chosen[which].text !== target.value.trim()) forget(which);
    });
  }

  function refuse(form, error) {
    if (error.field && jifen.forms.fault(form, error.field, error.message)) return;
    if (!error.problem && !(error instanceof jifen.api.Unknown)) throw error;
    if (error.code === "APPROVAL_REQUIRED") return showSecondPerson();
    show("bad", jifen.word("Refused"), jifen.api.explain(error));
  }

  /** Takes the day's totals anew, once this gateway's tables hold the block. */
  async function follow(block) {
    await ask("GET", `/api/v1/counter/totals${block ? `?at_least_block=${block}` : ""}`);
    await jifen.refresh();
  }

  /** Sends, says what became of it, and leaves the till free for the next customer as soon as the request is on its way. */
  async function carry(form, line, done) {
    quotes += 1; // what the points are worth is no longer waited for
    let free = false;
    const release = () => {
      if (free) return;
      free = true;
      form.removeAttribute("aria-busy");
      if (forms[mode] === form || form === told) clear();
    };
    show("waiting", jifen.word("One moment …"));
    let late = false;
    let receipt;
    try {
      receipt = await journal.follow(line, tell, (state) => {
        late = true;
        WAITING[state]();
        release();
      });
    } catch (error) {
      return refuse(form, error);
    }
    newest = Math.max(newest, receipt.block_number ?? 0);
    release();
    try {
      await (late ? show("good", jifen.word("The outcome is known now"), line.said) : done(receipt));
      await follow(receipt.block_number);
    } catch (error) {
      // It is done whatever can be told about it now.
      if (!error.problem && !(error instanceof jifen.api.Unknown)) throw error;
      show("good", line.said, jifen.word("It is done. Balance and totals cannot be told at the moment."));
    }
  }

  // Earning -------------------------------------------------------------------------------------------------------------------
  async function accrue(form) {
    const who = form.elements.who.value.trim();
    if (isHold(who)) {
      setMode("redeem");
      forms.redeem.elements.code.value = who;
      return redeem(forms.redeem);
    }
    if (!who) throw beside("who", jifen.word("Who is it? Scan a code or type an address, an e-mail address or a telephone number."));
    if (chosen.accrue?.text !== who) {
      form.elements.amount.focus(); // whoever types on while the member is looked up types the amount
      chosen.accrue = { text: who, ...(await found(() => member(who), "who", jifen.word("Nobody is known under this."))) };
      if (!chosen.accrue.address) throw beside("who", jifen.word("This member has no wallet yet, so there is nowhere to put points."));
      const name = [chosen.accrue.name, chosen.accrue.contact, short(chosen.accrue.address)].filter(Boolean).join(" · ");
      form.querySelector("[data-known]").textContent = name;
    }
    if (!form.elements.amount.value.trim()) return form.elements.amount.focus();
    const { body } = jifen.forms.read(form);
    if (!(body.amount > 0)) throw beside("amount", jifen.word("More than nothing."));
    const { address } = chosen.accrue;
    const args = { address, amount_minor: body.amount, class_id: body.class_id };
    if (body.purchase_ref) args.purchase_ref = body.purchase_ref;
    const about = { who: chosen.accrue.name || short(address), amount: paidMoney(body.amount), receipt: body.purchase_ref, class_id: body.class_id };
    const line = journal.send("accrue", "/api/v1/operations/accrue", { args }, about);
    await carry(form, line, async (receipt) => {
      const { issuance } = receipt.result;
      if (!issuance) return show("good", jifen.word("Earned nothing"), jifen.word("The purchase is too small to earn a point."));
      const notes = [
        issuance.debt_paid > 0 && jifen.word("%(points)s of them paid what was owed.", { points: amount(issuance.debt_paid, args.class_id) }),
        issuance.available_on > issuance.issued_on && jifen.word("They can be spent from %(day)s.", { day: issuance.available_on }),
      ].filter(Boolean);
      show("good", `+${amount(issuance.points, args.class_id)}`, nameOf(args.class_id), ...notes);
      const account = await ask("GET", `/api/v1/accounts/${address}${receipt.block_number ? `?at_least_block=${receipt.block_number}` : ""}`);
      const balance = account.balances.find((one) => one.class_id === args.class_id);
      show("good", `+${amount(issuance.points, args.class_id)}`, nameOf(args.class_id), ...notes, balance && jifen.word("Balance now: %(points)s", { points: amount(balance.spendable, args.class_id) }));
    });
  }

  /** The answer of a look; what is not there is said beside the field. */
  async function found(look, field, text) {
    try {
      return await look();
    } catch (error) {
      if (error.status === 404 || error.code === "CONTACT_INVALID") throw beside(field, text);
      throw error;
    }
  }

  /** The points that a purchase of so many minor units earns, as the ledger counts them. */
  function earned(minor, rate) {
    if (!rate || !Number.isSafeInteger(minor)) return 0;
    const [paid, step, points] = [minor, rate.amount_minor, rate.points].map(BigInt);
    switch (rate.rounding) {
      case "STEPS":
        return Number((paid / step) * points);
      case "DOWN":
        return Number((paid * points) / step);
      default:
        return Number((2n * paid * points + step) / (2n * step));
    }
  }

  forms.accrue.addEventListener("input", () => {
    const { elements } = forms.accrue;
    const minor = jifen.forms.amount(elements.amount?.value ?? "", facts.coin_decimals);
    const classId = elements.class_id?.value;
    const points = earned(minor, facts.classes[classId]?.earn);
    forms.accrue.querySelector("[data-earns]").textContent = minor > 0 ? jifen.word("Earns %(points)s points.", { points: amount(points, classId) }) : "";
  });

  // Paying with points ----------------------------------------------------------------------------------------------------------
  function shownHold(hold) {
    const decimals = decimalsOf(hold.amounts, facts.classes);
    const names = [...new Set(hold.amounts.map((one) => nameOf(one.class_id)))].join(jifen.word(", "));
    return [
      element("p", { class: "total" }, jifen.points(hold.points, decimals)),
      element("p", {}, names),
      element("p", { class: "muted" }, jifen.word("Order %(order)s, until %(time)s", { order: hold.order_ref, time: jifen.time(hold.expires_at) })),
    ];
  }

  /** Says what points are worth, and what those of each class are where there are several. `parts` are draws: {class_id, points, value_millionths}. */
  function showWorth(place, parts) {
    const classes = new Map();
    for (const one of parts) {
      const { points, value } = classes.get(one.class_id) ?? { points: 0, value: 0 };
      classes.set(one.class_id, { points: points + one.points, value: value + one.value_millionths });
    }
    const whole = parts.reduce((sum, one) => sum + one.value_millionths, 0);
    const digits = jifen.digitsOfSum([...classes.values()].map((one) => one.value), facts.currency);
    const each = [...classes].map(([classId, one]) => element("p", { class: "muted small" }, `${amount(one.points, classId)} ${nameOf(classId)} · ${worth(one.value, digits)}`));
    place.replaceChildren(element("p", {}, jifen.word("Worth %(value)s", { value: worth(whole, digits) })), ...(each.length > 1 ? each : []));
  }

  /** Says what the points in a field are worth as the ledger would book them now; nothing while they cannot be taken. */
  async function quote(field, most, value) {
    const mine = ++quotes;
    const place = field.form.querySelector("[data-worth]");
    place.replaceChildren();
    const points = jifen.forms.amount(field.value, Number(field.dataset.decimals));
    if (!(points > 0) || points > most) return;
    await jifen.pause(QUOTE_MILLISECONDS);
    if (mine !== quotes) return;
    try {
      const parts = await value(points);
      if (mine === quotes) showWorth(place, parts);
    } catch (error) {
      // What is refused of a request that was sent meanwhile says nothing of its outcome.
      if (mine === quotes) throw error;
    }
  }

  const capturable = async (hold, points) => (await ask("POST", "/api/v1/operations/capture?dry_run=true", { args: { hold_id: hold.hold_id, points }, order_ref: hold.order_ref })).result.redemption.draws;
  const refundable = async (payment, points) => (await ask("POST", "/api/v1/operations/refund?dry_run=true", { args: { redemption_id: payment.redemption_id, points } })).result.returned;

  forms.redeem.elements.take.addEventListener("input", ({ target }) => {
    if (!chosen.redeem) return;
    const { hold } = chosen.redeem;
    quote(target, hold.points, (points) => capturable(hold, points)).catch((error) => refuse(forms.redeem, error));
  });
  forms.refund.elements.back.addEventListener("input", ({ target }) => {
    if (!chosen.refund) return;
    const { payment, left } = chosen.refund;
    quote(target, left, (points) => refundable(payment, points)).catch((error) => refuse(forms.refund, error));
  });

  async function takeHold(form, hold, text) {
    // What the ledger would answer now: a refusal is known before the member waits for it.
    const draws = await capturable(hold, hold.points);
    const decimals = decimalsOf(hold.amounts, facts.classes);
    chosen.redeem = { text, hold };
    form.querySelector("[data-found]").replaceChildren(...shownHold(hold));
    showWorth(form.querySelector("[data-worth]"), draws);
    form.querySelector("[data-second]").hidden = false;
    form.elements.take.dataset.decimals = decimals;
    form.elements.take.value = jifen.decimal(hold.points, decimals);
    form.elements.take.focus();
    form.elements.take.select();
  }

  /** Buttons for one of several. */
  function offer(form, rows, label, take) {
    const buttons = rows.map((one) => {
      const button = element("button", { type: "button" }, label(one));
      button.addEventListener("click", () => take(one).catch((error) => refuse(form, error)));
      return element("li", {}, button);
    });
    form.querySelector("[data-found]").replaceChildren(element("p", {}, jifen.word("Which one?")), element("ul", { class: "list" }, ...buttons));
    buttons[0].querySelector("button").focus();
  }

  async function redeem(form) {
    const text = form.elements.code.value.trim();
    if (!text) throw beside("code", jifen.word("Scan the member’s code, or type the eight letters under it."));
    if (chosen.redeem?.text !== text) {
      const rows = await found(() => holds(text, facts.msp), "code", jifen.word("There is no such reservation."));
      if (!rows.length) throw beside("code", jifen.word("There is no open reservation here under this."));
      if (rows.length > 1) {
        return offer(form, rows, (one) => `${one.order_ref} · ${jifen.points(one.points, decimalsOf(one.amounts, facts.classes))}`, (one) => takeHold(form, one, text));
      }
      return takeHold(form, rows[0], text);
    }
    const { hold } = chosen.redeem;
    const points = jifen.forms.read(form).body.take;
    if (!(points > 0)) throw beside("take", jifen.word("At least one point."));
    if (points > hold.points) throw beside("take", jifen.word("That is more than was reserved."));
    const about = { who: short(hold.member), amount: pointsSaid(points, hold.amounts), receipt: hold.order_ref };
    const line = journal.send("capture", "/api/v1/operations/capture", { args: { hold_id: hold.hold_id, points }, order_ref: hold.order_ref }, about);
    await carry(form, line, async (receipt) => paid(receipt.result.redemption));
  }

  function paid(redemption) {
    const decimals = decimalsOf(redemption.draws, facts.classes);
    show("good", worth(redemption.value_millionths), jifen.word("%(points)s points taken", { points: jifen.points(redemption.points, decimals) }), jifen.word("Order %(order)s", { order: redemption.order_ref }));
  }

  async function redeemTold(form) {
    const { body } = jifen.forms.read(form);
    for (const name of ["contact", "told", "told_order"]) if (!body[name]) throw beside(name, jifen.word("This is needed."));
    if (!(body.told_points > 0)) throw beside("told_points", jifen.word("At least one point."));
    const person = await found(() => member(body.contact), "contact", jifen.word("Nobody is known under this."));
    if (!person.custodial_address) throw beside("contact", jifen.word("This member holds their own key: they pay with a payment code."));
    const about = { who: person.name || short(person.custodial_address), amount: pointsSaid(body.told_points, []), receipt: body.told_order };
    // Which points the code is for its member has said: the gateway fills them in.
    const args = { acceptor_msp: facts.msp, order_ref: body.told_order, points: body.told_points };
    const line = journal.send("capture", `/api/v1/people/${person.person_id}/custody/operations`, { op: "Redeem", args, code: body.told }, about, { authoriser: person.custodial_address, once: true });
    await carry(form, line, async (receipt) => paid(receipt.result.redemption));
  }

  // Refunds ---------------------------------------------------------------------------------------------------------------------
  async function takePayment(form, payment, text) {
    const left = payment.points - payment.refunded;
    if (!left) throw beside("order", jifen.word("All of this payment was given back already."));
    const over = () => beside("order", jifen.word("This payment could be given back until %(day)s.", { day: jifen.day(payment.refundable_until) }));
    if (payment.swept) throw over();
    const returned = await refundable(payment, left).catch((error) => {
      throw error.code === "NOT_REFUNDABLE" ? over() : error;
    });
    const decimals = decimalsOf(payment.draws, facts.classes);
    chosen.refund = { text, payment, left };
    form.querySelector("[data-found]").replaceChildren(
      element("p", { class: "total" }, jifen.points(left, decimals)),
      element("p", {}, jifen.word("Paid with %(points)s points.", { points: jifen.points(payment.points, decimals) })),
    );
    showWorth(form.querySelector("[data-worth]"), returned);
    form.querySelector("[data-second]").hidden = false;
    form.elements.back.dataset.decimals = decimals;
    form.elements.back.value = jifen.decimal(left, decimals);
    form.elements.back.focus();
    form.elements.back.select();
  }

  async function refund(form) {
    const text = form.elements.order.value.trim();
    if (!text) throw beside("order", jifen.word("Which order?"));
    if (chosen.refund?.text !== text) {
      const rows = await payments(text, facts.msp, newest);
      if (!rows.length) throw beside("order", jifen.word("Nothing was paid here with points under this number."));
      if (rows.length > 1) {
        return offer(form, rows, (one) => `${one.redeemed_on} · ${jifen.points(one.points, decimalsOf(one.draws, facts.classes))}`, (one) => takePayment(form, one, text));
      }
      return takePayment(form, rows[0], text);
    }
    const { payment, left } = chosen.refund;
    const points = jifen.forms.read(form).body.back;
    if (!(points > 0)) throw beside("back", jifen.word("At least one point."));
    if (points > left) throw beside("back", jifen.word("That is more than is left of the payment."));
    const about = { who: short(payment.member), amount: pointsSaid(points, payment.draws), receipt: payment.order_ref };
    const line = journal.send("refund", "/api/v1/operations/refund", { args: { redemption_id: payment.redemption_id, points } }, about);
    await carry(form, line, async ({ result }) => show("good", worth(result.value_millionths), jifen.word("%(points)s points given back", { points: jifen.points(result.points, decimalsOf(result.returned, facts.classes)) })));
  }

  // Wiring ----------------------------------------------------------------------------------------------------------------------
  function wire(form, step) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      form.setAttribute("aria-busy", "true");
      jifen.forms.clear(form);
      try {
        await step(form);
      } catch (error) {
        refuse(form, error);
      } finally {
        form.removeAttribute("aria-busy");
      }
    });
  }
  wire(forms.accrue, accrue);
  wire(forms.redeem, redeem);
  wire(forms.refund, refund);
  wire(told, redeemTold);

  /** A code that was read by the camera or from a picture goes where it belongs. */
  function take(text) {
    if (!isHold(text) && !jifen.scanning.parse(text)) return false;
    if (isHold(text) && mode !== "redeem") setMode("redeem");
    const form = mode === "refund" ? forms.accrue : forms[mode];
    if (mode === "refund") setMode("accrue");
    form.elements[mode === "redeem" ? "code" : "who"].value = text;
    form.requestSubmit();
    return true;
  }

  for (const form of [forms.accrue, forms.redeem]) {
    const fault = form.querySelector("[data-scan-fault]");
    form.querySelector("[data-camera]")?.addEventListener("click", async () => {
      fault.textContent = "";
      try {
        await jifen.scanning.byCamera(take);
      } catch (error) {
        fault.textContent = error instanceof DOMException || error instanceof TypeError ? jifen.word("There is no camera here, or it may not be used.") : jifen.api.explain(error);
      }
    });
    form.querySelector("[data-picture]")?.addEventListener("change", async (event) => {
      const [file] = event.target.files;
      event.target.value = "";
      if (!file) return;
      fault.textContent = "";
      try {
        if (!take(await jifen.scanning.readPicture(file))) fault.textContent = jifen.word("This code says nothing that a till knows.");
      } catch (error) {
        if (!error.problem && !(error instanceof jifen.api.Unknown)) throw error;
        fault.textContent = jifen.api.explain(error);
      }
    });
  }

  for (const one of document.querySelectorAll("[data-mode]")) one.addEventListener("click", () => setMode(one.dataset.mode));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    if (KEYS[event.key]) {
      event.preventDefault();
      setMode(KEYS[event.key]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      clear();
    }
  });
  journal.resume(tell, (line, receipt) => {
    if (line.state === "approval") showSecondPerson();
    else if (line.approval) jifen.tell(`${line.about.who}: ${line.said}`); // another customer may stand here by now: the line says it, not the answer
    else if (receipt) show("good", jifen.word("The outcome is known now"), line.said);
    else show("bad", jifen.word("Refused"), line.said);
    jifen.refresh();
  });
  focusFirst();
})();
