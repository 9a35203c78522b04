/** X.509 certificates (RFC 5280) as Fabric uses them: ECDSA keys on P-256 or P-384, and whether a chain of them leads to a root that one trusts. */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const { TAG } = jifen.der;
  const EC_KEY = "1.2.840.10045.2.1";
  const CURVES = { "1.2.840.10045.3.1.7": { namedCurve: "P-256", size: 32 }, "1.3.132.0.34": { namedCurve: "P-384", size: 48 } };
  const SIGNATURES = { "1.2.840.10045.4.3.2": "SHA-256", "1.2.840.10045.4.3.3": "SHA-384" };
  const UNIT = "2.5.4.11";
  const COMMON_NAME = "2.5.4.3";
  const KEY_USAGE = "2.5.29.15";
  const BASIC_CONSTRAINTS = "2.5.29.19";
  const UNDERSTOOD = new Set([KEY_USAGE, BASIC_CONSTRAINTS, "2.5.29.37"]);
  const KEY_CERT_SIGN = 0x04;

  const same = (left, right) => left.length === right.length && left.every((byte, place) => byte === right[place]);

  function names(name, wanted) {
    return jifen.der
      .elements(name.content)
      .flatMap((set) => jifen.der.elements(set.content))
      .map((pair) => jifen.der.elements(pair.content))
      .filter(([kind]) => jifen.der.oid(kind.content) === wanted)
      .map(([, value]) => jifen.bytes.fromUtf8(value.content));
  }

  function extensions(parts) {
    const found = new Map();
    const holder = parts.find((part) => part.tag === 0xa3);
    for (const one of holder === undefined ? [] : jifen.der.inside(holder.content)) {
      const [kind, ...rest] = jifen.der.elements(one.content);
      const critical = rest[0].tag === TAG.boolean && rest[0].content[0] !== 0;
      found.set(jifen.der.oid(kind.content), { critical, value: rest.at(-1).content });
    }
    return found;
  }

  /**
   * @param {Uint8Array} bytes DER.
   * @returns {object} What is needed of the certificate. A TypeError for what is none, or is none of a kind that is understood here.
   */
  function parse(bytes) {
    const [signed, algorithm, signature] = jifen.der.inside(bytes);
    const parts = jifen.der.elements(signed.content);
    if (parts[0].tag === 0xa0) parts.shift();
    const [, , issuer, validity, subject, key] = parts;
    const [kind, curve] = jifen.der.elements(jifen.der.elements(key.content)[0].content);
    const curveName = curve === undefined ? "" : jifen.der.oid(curve.content);
    if (jifen.der.oid(kind.content) !== EC_KEY || !(curveName in CURVES)) throw new TypeError("a key of a kind that is not known here");
    const [from, until] = jifen.der.elements(validity.content);
    const more = extensions(parts);
    for (const [name, { critical }] of more) {
      if (critical && !UNDERSTOOD.has(name)) throw new TypeError("a critical extension that is not known here");
    }
    const constraints = more.has(BASIC_CONSTRAINTS) ? jifen.der.inside(more.get(BASIC_CONSTRAINTS).value) : [];
    const usage = more.has(KEY_USAGE) ? jifen.der.read(more.get(KEY_USAGE).value).content[1] : KEY_CERT_SIGN;
    return {
      bytes,
      signed: signed.whole,
      hash: SIGNATURES[jifen.der.oid(jifen.der.elements(algorithm.content)[0].content)] ?? "",
      signature: jifen.der.bits(signature),
      issuer: issuer.whole,
      subject: subject.whole,
      name: names(subject, COMMON_NAME).at(-1) ?? "",
      units: names(subject, UNIT),
      key: key.whole,
      curve: CURVES[curveName],
      from: jifen.der.seconds(from),
      until: jifen.der.seconds(until),
      authority: constraints[0]?.tag === TAG.boolean && constraints[0].content[0] !== 0 && (usage & KEY_CERT_SIGN) !== 0,
      authoritiesBelow: constraints[1]?.tag === TAG.integer ? constraints[1].content.at(-1) : Infinity,
    };
  }

  /** @param {Uint8Array} pem @returns {object} The certificate in a PEM text. A TypeError for anything else. */
  function parsePem(pem) {
    const text = jifen.bytes.fromUtf8(pem);
    const found = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(text);
    if (found === null) throw new TypeError("no certificate");
    return parse(Uint8Array.from(atob(found[1].replace(/\s+/g, "")), (character) => character.charCodeAt(0)));
  }

  /**
   * @param {object} certificate @param {Uint8Array} signature DER. @param {Uint8Array} message @param {string} hash `SHA-256` when left out.
   * @returns {Promise<boolean>} Whether the certificate's key made the signature over the message.
   */
  async function verify(certificate, signature, message, hash = "SHA-256") {
    if (hash === null) return false;
    const { namedCurve, size } = certificate.curve;
    try {
      const key = await crypto.subtle.importKey("spki", certificate.key, { name: "ECDSA", namedCurve }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "ECDSA", hash }, key, jifen.der.rawSignature(signature, size), message);
    } catch {
      return false; // no point of the curve, no signature by its form, a hash that is not known: then it holds just as little
    }
  }

  async function issued(certificate, issuer, between) {
    return issuer.authority && between <= issuer.authoritiesBelow && same(issuer.subject, certificate.issuer) && verify(issuer, certificate.signature, certificate.signed, certificate.hash);
  }

  /**
   * The way from a certificate to a root.
   *
   * @param {object} leaf @param {object[]} roots Trusted. @param {object[]} intermediates Not trusted by themselves.
   * @param {number} between How many authorities stand between the certificate that it is about and the next one up.
   * @returns {Promise<object[]|null>} The certificates from `leaf` to the root, null when none leads there.
   */
  async function chain(leaf, roots, intermediates, between = 0) {
    for (const root of roots) if (await issued(leaf, root, between)) return [leaf, root];
    for (const next of intermediates) {
      if (!(await issued(leaf, next, between))) continue;
      const rest = await chain(next, roots, intermediates.filter((one) => one !== next), between + 1);
      if (rest !== null) return [leaf, ...rest];
    }
    return null;
  }

  jifen.certificates = { chain, parse, parsePem, same, verify };
})();
