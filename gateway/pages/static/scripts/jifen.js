// The one global of all scripts: `jifen`, and the words they say.
"use strict";
window.jifen = window.jifen || {};
(() => {
  let words = {};
  let refusals = {};

  /** Takes in the words of the page's language, and what codes mean in it; `words.<language>.js` calls it. */
  jifen.learn = (known, meanings) => {
    words = known;
    refusals = meanings;
  };

  /** What a code means, undefined for what is none. */
  jifen.refusal = (code) => refusals[code];

  const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));

  /** The text in the page's language; `%(name)s` is filled in from `values`. */
  jifen.word = (text, values = {}) => filled(typeof words[text] === "string" ? words[text] : text, values);

  /** The text for so many; `%(count)s` is the number. */
  jifen.words = (one, many, count, values = {}) => {
    const forms = Array.isArray(words[one]) ? words[one] : [one, many];
    return filled(count === 1 ? forms[0] : forms[1], { count: jifen.number(count), ...values });
  };

  const language = () => document.documentElement.lang || "en";

  /** A whole number with its groups. */
  jifen.number = (value) => new Intl.NumberFormat(language()).format(value);

  /** A whole number of smallest units as an exact decimal text, as it is typed into a field: (12345, 2) is "123.45". */
  jifen.decimal = (value, decimals) => {
    const digits = String(Math.abs(value)).padStart(decimals + 1, "0");
    const plain = decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
    return value < 0 ? `-${plain}` : plain;
  };

  /** Points, counted in the smallest units of a class with so many decimals. */
  jifen.points = (value, decimals = 0) =>
    new Intl.NumberFormat(language(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(jifen.decimal(value, decimals));

  /** Millionths of a currency, rounded half to even to so many digits, those of its smallest coin when left out, as the server rounds them. */
  jifen.money = (millionths, currency, digits) =>
    new Intl.NumberFormat(language(), { style: "currency", currency, roundingMode: "halfEven", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(jifen.decimal(millionths, 6));

  /** The digits with which these millionths, none below nothing, and their sum add up as shown; `digits_of_sum` of the server's `language.py`. */
  jifen.digitsOfSum = (parts, currency) => {
    const coin = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
    const unit = 10 ** (6 - coin);
    const rounded = (value) => {
      const rest = value % unit;
      const coins = (value - rest) / unit;
      return coins + (rest * 2 > unit || (rest * 2 === unit && coins % 2 === 1) ? 1 : 0);
    };
    const sum = (values) => values.reduce((all, one) => all + one, 0);
    if (sum(parts.map(rounded)) === rounded(sum(parts))) return coin;
    return [coin, 4].find((digits) => parts.every((value) => value % 10 ** (6 - digits) === 0)) ?? 6;
  };

  /** A figure as it was typed, in ASCII and without blanks: a Chinese input method writes １２.５０, 12。50 and 1，000 (Unicode NFKC). */
  jifen.figures = (text) => text.normalize("NFKC").replaceAll("。", ".").replace(/\s/g, "");

  /** A time in Unix seconds, in the consortium's time zone, as the server tells times. */
  jifen.time = (seconds) => {
    const timeZone = document.querySelector('meta[name="zone"]')?.content;
    return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(seconds * 1000));
  };

  /** A day of the ledger's, `2026-11-22`, as the server tells days. */
  jifen.day = (date) => new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date));

  /** Whether this browser makes passkeys here: over https or on this machine, and under a name. */
  jifen.passkeys = () => Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON) && !/^[\d.]+$|^\[/.test(location.hostname);

  const began = performance.now();

  /** The gateway's time in Unix seconds: a device's own clock may be wrong, and what is signed must not be refused for it. */
  jifen.now = () => {
    const told = Number(document.querySelector('meta[name="now"]')?.content);
    return Math.floor((told || Date.now() / 1000) + (told ? (performance.now() - began) / 1000 : 0));
  };

  /** Lets so much time go by. */
  jifen.pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** Gives a text (JSON when left out) or bytes to the browser to save as a file. */
  jifen.save = (name, content, type = "application/json") => {
    const address = URL.createObjectURL(new Blob([content], { type }));
    jifen.element("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };

  /** An element with text; `attributes` are set as they are named. */
  jifen.element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  /** Tells those who do not see the page. */
  jifen.tell = (text) => {
    const place = document.getElementById("live");
    if (place) place.textContent = text;
  };

  /** Says that a button is at work, or no longer. It is not disabled, which would take the focus away from whoever pressed it; its work looks whether it runs already. */
  jifen.occupy = (button, on) => {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  };

  /** Goes to an address, or shows the page anew where there is none; `page.js` tells there what was done, which would be lost with this page, and shows it above the content with `shown`. */
  jifen.leave = (address, said, { shown = false } = {}) => {
    if (said) sessionStorage.setItem("jifen.said", said);
    if (said && shown) sessionStorage.setItem("jifen.shown", said);
    if (address) location.assign(address);
    else location.reload();
  };
})();
