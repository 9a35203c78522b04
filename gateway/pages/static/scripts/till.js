// What this till asked for, and what became of it: the last ten, kept in the browser's tab, so that a reload loses no open outcome. While an outcome is open the
// request is kept, to be asked again under the same name; once it is certain nothing of it stays but what the line shows. What waits for a second person is looked after
// until that person has decided.
"use strict";
(() => {
  const KEPT_MAX = 10;
  const OPEN = new Set(["sent", "pending", "unknown"]);
  const LOOK_MILLISECONDS = 1500;
  const APPROVAL_MILLISECONDS = 3000;

  const STATES = {
    sent: () => [jifen.word("Sent"), "waiting"],
    pending: () => [jifen.word("Accepted, being written"), "waiting"],
    unknown: () => [jifen.word("Unknown, asking again"), "waiting"],
    approval: () => [jifen.word("Waits for a second person"), "waiting"],
    done: () => [jifen.word("Done"), "good"],
    refused: () => [jifen.word("Refused"), "bad"],
  };
  const KINDS = {
    accrue: () => jifen.word("Earned"),
    capture: () => jifen.word("Paid with points"),
    refund: () => jifen.word("Refunded"),
  };

  /**
   * The journal of one till.
   *
   * @param {HTMLElement} table Where its lines are shown, a `tbody`.
   * @param {string} owner Whose till it is: another cashier's lines are not shown.
   * @param {string} msp The merchant, who authorises what the till asks for.
   * @param {number} validSeconds How long after it was asked for the ledger may still take a request.
   */
  function open(table, owner, msp, validSeconds) {
    const name = `jifen-till-${owner}`;
    let lines = JSON.parse(sessionStorage.getItem(name) ?? "[]");

    function keep() {
      const unsettled = lines.filter((one) => OPEN.has(one.state));
      const room = Math.max(0, KEPT_MAX - unsettled.length);
      const settled = lines.filter((one) => !OPEN.has(one.state)).slice(0, room);
      lines = lines.filter((one) => unsettled.includes(one) || settled.includes(one));
      // A member's code is never kept: its request is not sent a second time, the ledger is asked for it.
      const kept = lines.map((one) => (one.request?.once ? { ...one, request: { ...one.request, body: null } } : one));
      sessionStorage.setItem(name, JSON.stringify(kept));
      draw();
    }

    function draw() {
      table.replaceChildren(
        ...lines.map((one) => {
          const [text, kind] = STATES[one.state]();
          const cells = [
            [jifen.word("When"), jifen.time(one.at)],
            [jifen.word("What"), KINDS[one.kind]()],
            [jifen.word("Member"), one.about?.who || "–"],
            [jifen.word("Amount"), one.about?.amount || "–"],
            [jifen.word("Receipt number"), one.about?.receipt || "–"],
            [jifen.word("State"), jifen.element("span", { class: `badge ${kind}` }, text)],
            [jifen.word("Outcome"), one.said || "–"],
          ];
          return jifen.element("tr", { "data-state": one.state }, ...cells.map(([label, content]) => jifen.element("td", { "data-label": label }, jifen.element("span", {}, content))));
        }),
      );
      document.querySelector("[data-no-lines]").hidden = lines.length > 0;
    }

    function change(line, state, said = "") {
      line.state = state;
      line.said = said;
      if (!OPEN.has(state)) delete line.request;
      keep();
    }

    /**
     * Sends a request and follows it until it is certain what became of it.
     *
     * @param {object} line As `send` makes it. @param {Function} tell Makes the words of a line and its receipt. @param {Function} [heard] Hears each state.
     * @returns {Promise<object>} The receipt. Rejects with the API's refusal; then nothing happened.
     */
    async function follow(line, tell, heard) {
      const { path, body, once } = line.request;
      const waiting = (state) => {
        change(line, state);
        heard?.(state);
      };
      try {
        const answer = once ? await sendOnce(line, waiting) : await jifen.api.call("POST", path, body, { key: line.key, waiting });
        change(line, "done", tell(line, answer.document));
        return answer.document;
      } catch (error) {
        if (!error.problem) throw error;
        if (error.code === "APPROVAL_REQUIRED") {
          line.approval = error.problem.approval_id;
          change(line, "approval");
        } else change(line, "refused", jifen.api.explain(error));
        throw error;
      }
    }

    /** Sends a request that holds a member's code: such a code is good once, so when no answer comes the ledger is asked, and the request is not repeated. */
    async function sendOnce(line, waiting) {
      const { path, body } = line.request;
      if (body !== null) {
        line.request.body = null;
        try {
          return await jifen.api.call("POST", path, body, { headers: { "Idempotency-Key": line.key }, waiting });
        } catch (error) {
          if (!(error instanceof jifen.api.Unknown)) throw error;
        }
      }
      return found(line, waiting);
    }

    /** What the ledger has of a request, once it has it; the API's OBJECT_UNKNOWN when it can no longer take it. */
    async function found(line, waiting) {
      for (;;) {
        waiting("unknown");
        try {
          const { document } = await jifen.api.call("GET", `/api/v1/receipts/${line.request.authoriser}/${line.key}`);
          return { document: document.operation };
        } catch (error) {
          if (error.code !== "OBJECT_UNKNOWN" || jifen.now() > line.at + validSeconds) throw error;
        }
        await jifen.pause(LOOK_MILLISECONDS);
      }
    }

    /** What a second person decided about a line, once they have. */
    async function decide(line, tell, heard) {
      const { document: found } = await jifen.api.call("GET", `/api/v1/approvals/${line.approval}`);
      if (found.status === "DONE") {
        change(line, "done", tell(line, found.receipt));
        heard(line, found.receipt);
        return;
      }
      const said = {
        EXPIRED: () => jifen.word("Nobody confirmed it in time."),
        REFUSED: () => jifen.refusal(found.receipt?.code) ?? found.receipt?.code ?? "",
        REJECTED: () => (found.reason ? jifen.word("Rejected: %(reason)s", { reason: found.reason }) : jifen.word("Rejected.")),
      }[found.status];
      if (!said) return; // it still waits, or is on its way
      change(line, "refused", said());
      heard(line, null);
    }

    /** Looks after what waits for a second person, as long as the page is open and somebody is signed in. */
    async function awaitDecisions(tell, heard) {
      for (;;) {
        try {
          for (const line of lines.filter((one) => one.state === "approval" && one.approval)) await decide(line, tell, heard);
        } catch (error) {
          if (error.problem) return; // the session has ended: whoever signs in again loads the page anew
          throw error;
        }
        await jifen.pause(APPROVAL_MILLISECONDS);
      }
    }

    /**
     * A new line of the journal. `about` is what it shows of the request: `{who, amount, receipt}`, texts, and `class_id` of what is earned. `once` says that the
     * body holds a code that is good once.
     */
    function send(kind, path, body, about, { authoriser = msp, once = false } = {}) {
      const line = { key: jifen.api.requestId(), kind, about, at: jifen.now(), state: "sent", said: "", request: { path, body, authoriser, once } };
      lines.unshift(line);
      keep();
      return line;
    }

    /** Takes up what was open when the page went away. */
    function resume(tell, heard) {
      draw();
      awaitDecisions(tell, heard);
      for (const line of lines.filter((one) => OPEN.has(one.state))) {
        change(line, "unknown");
        follow(line, tell).then(
          (receipt) => heard(line, receipt),
          (error) => {
            if (!error.problem) throw error;
            heard(line, null);
          },
        );
      }
    }

    return { follow, resume, send };
  }

  jifen.till = { open };
})();
