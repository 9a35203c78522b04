// Calls of the gateway's API, and forms that make them: `<form data-api="POST /api/v1/operations/issue">`.
//
// A field's `name` is its place in the body (`args.points`), `data-type` its kind: text (default), integer, millionths, points (with data-decimals),
// boolean, list (several of one name), lines (a text area, one entry a line), json, or path (it fills `{name}` in the address). What is empty and not required is left out.
// A form is sent again, each time as a new request, while the window in the answer has the status `data-while`.
// When it went well the form says `data-message`, goes to `data-next`, or reloads (`data-reload`), and sends the event `jifen:done` with the answer.
"use strict";
(() => {
  const RETRY_MILLISECONDS = [500, 1000, 2000, 4000, 8000];
  const POLL_MILLISECONDS = 700;
  const { pause } = jifen;

  const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";
  const remember = (value) => {
    let meta = document.querySelector('meta[name="csrf"]');
    if (!meta) document.head.append((meta = jifen.element("meta", { name: "csrf" })));
    meta.content = value;
  };

  /** A name for a request that nobody else gives. It begins with the time: such names lie together on the ledger, which makes them cheap to look for. */
  const requestId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(10));
    return "web-" + Date.now().toString(16).padStart(12, "0") + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  /** An answer outside 2xx: `code` is the gateway's, `problem` its document. Nothing happened. */
  class Refused extends Error {
    constructor(status, problem) {
      super(problem.detail || problem.title || String(status));
      this.status = status;
      this.problem = problem;
      this.code = problem.code ?? "INTERNAL_ERROR";
    }
  }

  /** No answer came: whether it happened is not known. */
  class Unknown extends Error {}

  async function once(method, path, body, headers) {
    const options = { method, headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang, ...headers }, credentials: "same-origin" };
    if (method !== "GET") options.headers["X-CSRF-Token"] = token();
    if (body instanceof Blob) options.body = body;
    else if (body !== undefined) {
      options.body = JSON.stringify(body);
      options.headers["Content-Type"] = "application/json";
    }
    let answer;
    try {
      answer = await fetch(path, options);
    } catch {
      throw new Unknown();
    }
    const text = await answer.text().catch(() => {
      throw new Unknown();
    });
    let found = null;
    if (text) {
      try {
        found = JSON.parse(text);
      } catch {
        if (answer.status >= 500) throw new Unknown();
        found = { detail: text.slice(0, 200) };
      }
    }
    if (!answer.ok) throw new Refused(answer.status, found ?? {});
    if (found?.csrf_token) remember(found.csrf_token);
    return { status: answer.status, document: found };
  }

  /** The newest state of a submission that was answered with 202, once it is final. Raises Refused. */
  async function settled(href, waiting) {
    for (;;) {
      await pause(POLL_MILLISECONDS);
      let found;
      try {
        found = (await once("GET", href)).document;
      } catch (error) {
        if (error instanceof Refused && error.status < 500) throw error;
        waiting?.("unknown");
        continue;
      }
      if (found.state === "COMMITTED") return { status: 201, document: found.receipt };
      if (found.problem) throw new Refused(found.problem.status, found.problem);
      waiting?.("pending");
    }
  }

  /**
   * Calls the API and gives `{status, document}` when it is certain what became of it.
   *
   * With a `key` the call may be repeated safely, so a lost answer is asked for again, and a 202 is followed to its end. `waiting(state)` hears `unknown`
   * (no answer came; it is being asked for) and `pending` (accepted, not committed yet). Raises Refused (nothing happened), or, without a key, Unknown.
   */
  async function call(method, path, body, { key, waiting, headers = {} } = {}) {
    const all = key ? { ...headers, "Idempotency-Key": key } : headers;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await once(method, path, body, all);
        if (answer.status === 202 && answer.document?.href) {
          waiting?.("pending");
          return await settled(answer.document.href, waiting);
        }
        return answer;
      } catch (error) {
        const again = error instanceof Unknown || (error instanceof Refused && error.status === 503 && attempt < 3);
        if (!again || (!key && method !== "GET")) throw error;
        if (error instanceof Unknown) waiting?.("unknown");
        await pause(RETRY_MILLISECONDS[Math.min(attempt, RETRY_MILLISECONDS.length - 1)]);
      }
    }
  }

  /** What a refusal means, in words. */
  function explain(error) {
    if (error instanceof Unknown) return jifen.word("No answer came, so it is not known whether it happened. Please look before you try again.");
    return jifen.refusal(error.code) ?? error.message;
  }

  /** An amount as people type it, in its smallest units; NaN for what is none, or has more digits behind the point. */
  const digits = (text, decimals) => {
    // A comma stands between thousands alone: 12,50 is not taken for 1250 where somebody means twelve and a half.
    const match = /^(-?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(jifen.figures(text));
    if (!match || (match[3] ?? "").length > decimals) return NaN;
    return Number(match[1] + match[2].replaceAll(",", "") + (match[3] ?? "").padEnd(decimals, "0"));
  };

  function valueOf(field) {
    const text = field.value.trim();
    switch (field.dataset.type) {
      case "integer":
        return digits(text, 0);
      case "points":
        return digits(text, Number(field.dataset.decimals ?? 0));
      case "millionths":
        return digits(text, 6);
      case "boolean":
        return field.type === "checkbox" ? field.checked : text === "true";
      case "lines":
        return text.split(/\s*\n\s*/).filter(Boolean);
      case "json":
        return JSON.parse(text);
      default:
        return field.type === "password" ? field.value : text;
    }
  }

  function put(body, name, value) {
    const parts = name.split(".");
    let place = body;
    // A number names a place in a list: `limits.0.cap_millionths`.
    parts.slice(0, -1).forEach((part, at) => (place = place[part] ??= /^\d+$/.test(parts[at + 1]) ? [] : {}));
    place[parts.at(-1)] = value;
  }

  /** What a form's fields say: `{path: {name: value}, body}`. Raises an Error with `field` for what cannot be read. */
  function read(form) {
    const found = { path: {}, body: {} };
    for (const field of form.elements) {
      if (!field.name || field.disabled || field.type === "submit" || field.dataset.aside !== undefined) continue;
      if ((field.type === "radio" || (field.type === "checkbox" && field.dataset.type === "list")) && !field.checked) continue;
      if (field.value.trim() === "" && field.dataset.type !== "boolean" && !field.required) continue;
      let value;
      try {
        value = valueOf(field);
        if (Number.isNaN(value)) throw new Error();
      } catch {
        const error = new Error(jifen.word("This is not a number that is taken here."));
        error.field = field.name;
        throw error;
      }
      if (field.dataset.type === "path") found.path[field.name] = value;
      else if (field.dataset.type === "list") {
        const parts = field.name.split(".");
        let place = found.body;
        for (const part of parts.slice(0, -1)) place = place[part] ??= {};
        (place[parts.at(-1)] ??= []).push(value);
      } else put(found.body, field.name, value);
    }
    return found;
  }

  function take(place) {
    place.hidden = true;
    place.textContent = "";
    place.removeAttribute("role");
  }

  function clear(form) {
    for (const place of form.querySelectorAll("[data-fault]")) take(place);
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }

  // What is wrong with a field is told until it is corrected, not longer.
  document.addEventListener("input", ({ target }) => {
    const place = target.name && target.form?.querySelector(`[data-fault="${CSS.escape(target.name)}"]:not([hidden])`);
    if (!place) return;
    take(place);
    target.removeAttribute("aria-invalid");
  });

  /** Says what is wrong beside a field; false when the form has no such field. */
  function fault(form, name, text) {
    const place = form.querySelector(`[data-fault="${CSS.escape(name)}"]`);
    if (!place) return false;
    const field = form.elements.namedItem(name);
    // Who comes to a field hears what is wrong with it; who is there already hears it as an alert.
    if (document.activeElement === field) place.setAttribute("role", "alert");
    place.textContent = text;
    place.hidden = false;
    if (field instanceof HTMLElement) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
    }
    return true;
  }

  /** What the browser finds wrong with a field, in the page's language. */
  function wanted(field) {
    const { validity } = field;
    if (validity.valueMissing) return field.type === "checkbox" ? jifen.word("Please tick this.") : jifen.word("This is needed.");
    if (validity.tooShort) return jifen.word("At least %(count)s characters.", { count: field.minLength });
    if (validity.tooLong) return jifen.word("At most %(count)s characters.", { count: field.maxLength });
    if (validity.rangeUnderflow) return jifen.word("%(least)s or more.", { least: field.min });
    if (validity.rangeOverflow) return jifen.word("%(most)s or less.", { most: field.max });
    return field.title || jifen.word("This is not of the form that is wanted here.");
  }

  // The browser's own bubbles speak its language, not the page's, and go away by themselves: what it finds stands beside the field instead.
  let focused = false;
  document.addEventListener(
    "invalid",
    (event) => {
      event.preventDefault();
      const field = event.target;
      const form = field.form;
      let place = form.querySelector(`[data-fault="${CSS.escape(field.name || field.id)}"]`);
      if (!place) {
        place = jifen.element("p", { class: "fault", id: `${field.id || field.name}-fault`, "data-fault": field.name || field.id });
        (field.closest(".tick") ?? field).after(place);
        field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), place.id].filter(Boolean).join(" "));
      }
      place.textContent = wanted(field);
      place.hidden = false;
      field.setAttribute("aria-invalid", "true");
      if (focused) return;
      if (document.activeElement === field) place.setAttribute("role", "alert");
      field.focus();
      focused = true;
      setTimeout(() => (focused = false));
    },
    true,
  );
  document.addEventListener("input", ({ target: field }) => {
    if (!field.form || field.getAttribute("aria-invalid") !== "true" || !field.validity.valid) return;
    const place = field.form.querySelector(`[data-fault="${CSS.escape(field.name || field.id)}"]`);
    if (!place) return;
    place.hidden = true;
    place.textContent = "";
    place.removeAttribute("role");
    field.removeAttribute("aria-invalid");
  });

  /** Says in the form's own place what became of it. kind: good, waiting, bad. */
  function show(form, kind, ...content) {
    const place = form.querySelector("[data-outcome]");
    if (!place) return jifen.tell(content.map((one) => one.textContent ?? one).join(" "));
    place.className = `outcome notice ${kind}`;
    place.replaceChildren(...content);
  }

  /** Takes back what the form said of its outcome. */
  function quiet(form) {
    const place = form.querySelector("[data-outcome]");
    if (place) {
      place.className = "outcome";
      place.replaceChildren();
    }
  }

  const WAITING = {
    unknown: () => jifen.word("No answer yet. It may have happened; we are asking again with the same request, so it cannot happen twice."),
    pending: () => jifen.word("Accepted. Waiting for the ledger to write it down."),
  };

  /** Shows a refusal of a form. */
  function showRefusal(form, error) {
    const errors = error.problem?.errors ?? [];
    const placed = errors.filter((one) => fault(form, one.pointer.slice(1).replaceAll("/", "."), one.detail)).length;
    const beside = error.field ? fault(form, error.field, error.message) : placed > 0 && placed === errors.length;
    if (error.code === "APPROVAL_REQUIRED") {
      show(form, "waiting", jifen.word("This needs a second person. It waits under Approvals and is carried out when somebody else confirms it."));
    } else if (beside) quiet(form); // told once, where it is
    else show(form, "bad", error.field ? error.message : explain(error));
  }

  /** Proves by a passkey of this device that it is the same person. */
  async function proveByPasskey() {
    const kind = (await call("GET", "/api/v1/session")).document.kind;
    const asked = (await call("POST", "/api/v1/passkey-sessions/challenge", { kind })).document;
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
    const credential = await navigator.credentials.get({ publicKey });
    await call("POST", "/api/v1/session/passkey-proof", { challenge_id: asked.challenge_id, credential: credential.toJSON() });
  }

  /** Asks for the password or a passkey once more, for what wants a fresh log-in; true when it was given and right. */
  function proveAgain() {
    return new Promise((resolve) => {
      const input = jifen.element("input", { type: "password", id: "prove-password", autocomplete: "current-password", required: "" });
      const said = jifen.element("p", { class: "fault", role: "alert" });
      const cancel = jifen.element("button", { type: "button", class: "quiet" }, jifen.word("Not now"));
      const passkey = jifen.element("button", { type: "button" }, jifen.word("Use a passkey instead"));
      passkey.hidden = !jifen.passkeys();
      const form = jifen.element(
        "form",
        { method: "dialog" },
        jifen.element("h2", { id: "prove-title" }, jifen.word("Is it you?")),
        jifen.element("p", {}, jifen.word("For this we ask for your password once more.")),
        jifen.element("label", { for: "prove-password" }, jifen.word("Password")),
        input,
        said,
        jifen.element("div", { class: "actions" }, jifen.element("button", { type: "submit", class: "primary" }, jifen.word("Go on")), passkey, cancel),
      );
      const dialog = jifen.element("dialog", { "aria-labelledby": "prove-title" }, form);
      const end = (value) => {
        dialog.close();
        dialog.remove();
        resolve(value);
      };
      cancel.addEventListener("click", () => end(false));
      dialog.addEventListener("cancel", () => end(false));
      passkey.addEventListener("click", async () => {
        try {
          await proveByPasskey();
          end(true);
        } catch (error) {
          said.textContent = error instanceof DOMException ? jifen.word("The device gave no passkey.") : explain(error);
        }
      });
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        try {
          await call("POST", "/api/v1/session/proof", { password: input.value });
          end(true);
        } catch (error) {
          input.value = "";
          said.textContent = explain(error);
          input.focus();
        }
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  /** Asks in a window of the page's own whether to go on with a form, in the words of `data-confirm` and of its button. */
  function sure(form) {
    return new Promise((resolve) => {
      const button = form.querySelector('button[type="submit"]');
      const go = jifen.element("button", { type: "submit", class: button.classList.contains("danger") ? "danger" : "primary" }, button.textContent.trim());
      const cancel = jifen.element("button", { type: "button", class: "quiet" }, jifen.word("Cancel"));
      const asked = jifen.element("form", { method: "dialog" }, jifen.element("p", { id: "sure-text" }, form.dataset.confirm), jifen.element("div", { class: "actions" }, go, cancel));
      const dialog = jifen.element("dialog", { "aria-labelledby": "sure-text" }, asked);
      const end = (value) => {
        dialog.close();
        dialog.remove();
        button.focus();
        resolve(value);
      };
      cancel.addEventListener("click", () => end(false));
      dialog.addEventListener("cancel", () => end(false));
      asked.addEventListener("submit", (event) => {
        event.preventDefault();
        end(true);
      });
      document.body.append(dialog);
      dialog.showModal();
      cancel.focus();
    });
  }

  /** As `call`; where the log-in is too old it asks for the password and goes on. */
  async function callFresh(method, path, body, options) {
    try {
      return await call(method, path, body, options);
    } catch (error) {
      if (error.code !== "LOGIN_TOO_OLD" || !(await proveAgain())) throw error;
      return call(method, path, body, options);
    }
  }

  async function submit(form) {
    clear(form);
    const [method, template] = form.dataset.api.split(" ");
    const button = form.querySelector('button[type="submit"]');
    let filled;
    try {
      filled = read(form);
    } catch (error) {
      return showRefusal(form, error);
    }
    const path = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(filled.path[name] ?? ""));
    const content = JSON.stringify(filled);
    if (form.requestContent !== content) {
      form.requestContent = content;
      form.requestKey = requestId();
    }
    form.setAttribute("aria-busy", "true");
    jifen.occupy(button, true);
    show(form, "waiting", jifen.word("One moment …"));
    try {
      const empty = form.dataset.body === "none" || method === "DELETE";
      const options = { key: form.dataset.once === undefined ? undefined : form.requestKey, waiting: (state) => show(form, "waiting", WAITING[state]()) };
      let answer = await callFresh(method, path, empty ? undefined : filled.body, options);
      while (form.dataset.while && answer.document?.result?.window?.status === form.dataset.while) {
        form.requestKey = options.key = requestId();
        answer = await callFresh(method, path, filled.body, options);
      }
      form.requestContent = null;
      done(form, answer, filled);
    } catch (error) {
      if (error instanceof Refused && error.status < 500) form.requestContent = null;
      showRefusal(form, error);
    } finally {
      form.removeAttribute("aria-busy");
      jifen.occupy(button, false);
    }
  }

  function done(form, answer, filled) {
    const event = new CustomEvent("jifen:done", { bubbles: true, cancelable: true, detail: { answer, filled } });
    if (!form.dispatchEvent(event)) return;
    const { message } = form.dataset;
    if (form.dataset.next) jifen.leave(form.dataset.next, message, { shown: message !== undefined });
    else if (form.dataset.reload !== undefined) jifen.leave(null, message || jifen.word("Done."), { shown: message !== undefined });
    else {
      show(form, "good", form.dataset.message || jifen.word("Done."));
      if (form.dataset.keep === undefined) form.reset();
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.api) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    if (form.dataset.confirm && !(await sure(form))) return;
    await submit(form);
  });

  jifen.api = { call, callFresh, requestId, Refused, Unknown, explain };
  jifen.forms = { amount: digits, read, fault, clear, show, quiet, showRefusal, waiting: (form) => (state) => show(form, "waiting", WAITING[state]()) };
})();
