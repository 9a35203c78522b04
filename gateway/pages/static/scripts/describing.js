/**
 * What is about to be signed, in words: every operation that a member may sign, with every argument that matters.
 *
 * `names` is what the page knows: {locale, timeZone, currency, classes: {id: {name, symbol, decimals, unit_value_millionths}}, merchants: {msp_id: name}, people: {address: name},
 * cards: {reference_hash: name}, rates: {"from/to": {version, numerator, denominator}}, terms: {hash: point class}, draws: [[class_id, points, last day]], source: the account that gives in a merging}, of which `terms` has classes by `jifen.signing.termsHash`, and `draws` is what the account can spend. Names and values help the eye; the
 * address itself, the id and the points always stand beside them, because only they are signed.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});

  /** Text that was not written by the page: what could reorder or hide a line is shown as its code. */
  function shown(text) {
    return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);
  }

  /** @param {number} points In smallest units. @param {number} decimals @param {string} locale @returns {string} */
  function amount(points, decimals, locale) {
    return new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(jifen.decimal(points, decimals));
  }

  /** @param {number} points @param {string} classId @param {object} names @returns {string} Points of a class, by its name and its id. */
  function pointsOf(points, classId, names) {
    const known = names.classes?.[classId];
    if (!known) return jifen.word("%(points)s smallest units of the class %(class_id)s", { points: amount(points, 0, names.locale), class_id: classId });
    return jifen.word("%(points)s points of %(name)s (%(class_id)s)", {
      points: amount(points, known.decimals, names.locale),
      name: shown(known.name),
      class_id: classId,
    });
  }

  function account(address, names) {
    const known = names.people?.[address];
    const grouped = jifen.bech32.grouped(address);
    return known ? `${shown(known)} · ${grouped}` : grouped;
  }

  /** @param {string} mspId @param {object} names @returns {string} A merchant, by its name and its id. */
  function merchant(mspId, names) {
    const known = names.merchants?.[mspId];
    return known ? jifen.word("%(name)s (%(more)s)", { name: shown(known), more: mspId }) : mspId;
  }

  function moment(seconds, names) {
    return new Intl.DateTimeFormat(names.locale, { dateStyle: "medium", timeStyle: "short", timeZone: names.timeZone }).format(new Date(seconds * 1000));
  }

  /** Points over several classes: in points where the classes count alike, else in smallest units. */
  function mixed(args, names) {
    const decimals = new Set(args.class_ids.map((one) => names.classes?.[one]?.decimals));
    if (decimals.size === 1 && !decimals.has(undefined)) return jifen.word("%(points)s points", { points: amount(args.points, [...decimals][0], names.locale) });
    return jifen.word("%(points)s smallest units", { points: amount(args.points, 0, names.locale) });
  }

  function classNames(args, names) {
    return args.class_ids.map((one) => (names.classes?.[one] ? jifen.word("%(name)s (%(more)s)", { name: shown(names.classes[one].name), more: one }) : one)).join(jifen.word(", "));
  }

  const line = (label, value) => ({ label, value });

  /** The line that says how long a signature is good. @param {number} seconds @param {object} names @returns {{label: string, value: string}} */
  const until = (seconds, names) => line(jifen.word("Can be carried out until"), moment(seconds, names));

  /** What so many points of some classes are taken from, in the ledger's order (the earliest last day first, then as the classes are named): {class_id: points}; null where the account has not that many. */
  function drawn(points, classIds, draws) {
    const parts = {};
    let rest = points;
    const place = (classId) => classIds.indexOf(classId);
    const inOrder = draws.filter(([one]) => classIds.includes(one)).sort(([one, , day], [other, , last]) => (day > last) - (day < last) || place(one) - place(other));
    for (const [classId, free] of inOrder) {
      const part = Math.min(free, rest);
      if (part) parts[classId] = (parts[classId] ?? 0) + part;
      rest -= part;
    }
    return rest ? null : parts;
  }

  /** What points are worth, and where there are several classes what those of each are: lines; none where a value is not known. `parts` is {class_id: points}. */
  function worthLines(parts, names) {
    const values = Object.entries(parts ?? {}).map(([classId, points]) => [classId, points, points * names.classes?.[classId]?.unit_value_millionths]);
    if (!names.currency || !values.length || values.some(([, , value]) => !Number.isSafeInteger(value))) return [];
    const whole = values.reduce((sum, [, , value]) => sum + value, 0);
    const digits = jifen.digitsOfSum(values.map(([, , value]) => value), names.currency);
    const each = values.map(([classId, points, value]) => line(jifen.word("Of these"), `${pointsOf(points, classId, names)} · ${jifen.money(value, names.currency, digits)}`));
    return [line(jifen.word("Worth"), jifen.money(whole, names.currency, digits)), ...(each.length > 1 ? each : [])];
  }

  /** The same of points over several classes, as the ledger will take them. */
  function spentLines({ points, class_ids: classIds }, names) {
    return worthLines(classIds.length === 1 ? { [classIds[0]]: points } : drawn(points, classIds, names.draws ?? []), names);
  }

  function validityWords(validity, names) {
    switch (validity.kind) {
      case "DAYS":
        return jifen.words("%(count)s day after the issue", "%(count)s days after the issue", validity.days);
      case "MONTH_END":
        return jifen.words("the end of the month, %(count)s month after the issue", "the end of the month, %(count)s months after the issue", validity.months);
      case "DATE":
        return new Intl.DateTimeFormat(names.locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(validity.date));
    }
    return jifen.word("Never expires");
  }

  const yesOrNo = (value) => (value ? jifen.word("yes") : jifen.word("no"));

  /** The terms that a hash stands for: lines. One that the page does not know is said to be unknown. */
  function termLines(args, names) {
    const known = names.terms?.[args.terms_hash];
    if (known?.class_id !== args.to_class_id) {
      const unknown = jifen.word("This page does not know them. Do not sign.");
      return [line(jifen.word("Terms"), `${unknown} ${jifen.bech32.grouped(args.terms_hash)}`)];
    }
    const takers = known.accepted_by?.map((one) => merchant(one, names)).join(jifen.word(", "));
    return [
      line(jifen.word("Valid until"), validityWords(known.validity, names)),
      line(jifen.word("May be passed on"), yesOrNo(known.transferable)),
      line(jifen.word("Taken by"), known.accepted_by === null ? jifen.word("every merchant") : takers || jifen.word("nobody else")),
      line(jifen.word("For enrolled members only"), yesOrNo(known.enrolled_only)),
    ];
  }

  /** What comes back of an exchange: how many points where the page knows the rate of that version, and what they are worth. */
  function receivedLines(args, names) {
    const rate = names.rates?.[`${args.from_class_id}/${args.to_class_id}`];
    if (rate?.version !== args.rate_version) {
      const known = names.classes?.[args.to_class_id];
      return [line(jifen.word("Received"), known ? jifen.word("points of %(name)s (%(class_id)s)", { name: shown(known.name), class_id: args.to_class_id }) : args.to_class_id)];
    }
    const points = Number((BigInt(args.points) * BigInt(rate.numerator)) / BigInt(rate.denominator));
    return [line(jifen.word("Received"), pointsOf(points, args.to_class_id, names)), ...worthLines({ [args.to_class_id]: points }, names)];
  }

  /** Which points alone may go, where an operation says it: those of one ERC-7818 epoch of the class. */
  function epochLines({ epoch }, names) {
    if (epoch === undefined || epoch === null) return [];
    return [line(jifen.word("Only points of the epoch (ERC-7818)"), epoch === Number.MAX_SAFE_INTEGER ? jifen.word("Never expires") : amount(epoch, 0, names.locale))];
  }

  /** What both keys of a merging sign: which account gives, which receives, and that it is everything of some classes, however much that is then. */
  const mergeLines = ({ source, target, class_ids }, names) => [
    ...(source ? [line(jifen.word("From the account"), account(source, names))] : []),
    line(jifen.word("Into the account"), account(target, names)),
    line(jifen.word("Points"), classNames({ class_ids }, names)),
    line(jifen.word("What happens"), jifen.word("All that there is of these then moves with its last days: also what can be spent later, and what is owed. What is reserved stays.")),
  ];

  /** Which account a change of key is of, and which would take its place. */
  const rebindLines = ({ address, new_address }, names) => [line(jifen.word("Your account"), account(address, names)), line(jifen.word("The account of the new key"), account(new_address, names))];

  const WORDS = {
    Transfer: ({ args }, names) => ({
      title: args.recipients.length === 1 ? jifen.word("Send points") : jifen.word("Send points to %(count)s accounts", { count: args.recipients.length }),
      lines: [
        ...args.recipients.flatMap(({ address, points }) => [line(jifen.word("Recipient"), account(address, names)), line(jifen.word("Points"), pointsOf(points, args.class_id, names))]),
        ...(args.recipients.length > 1 ? [line(jifen.word("In all"), pointsOf(args.recipients.reduce((sum, one) => sum + one.points, 0), args.class_id, names))] : []),
        ...worthLines({ [args.class_id]: args.recipients.reduce((sum, one) => sum + one.points, 0) }, names),
        ...epochLines(args, names),
      ],
    }),
    Redeem: ({ args }, names) => ({
      title: jifen.word("Spend points"),
      lines: [line(jifen.word("At the merchant"), merchant(args.acceptor_msp, names)), line(jifen.word("Points"), mixed(args, names)), ...spentLines(args, names), line(jifen.word("Taken from"), classNames(args, names)), line(jifen.word("For the order"), shown(args.order_ref))],
    }),
    Hold: ({ args }, names) => ({
      title: jifen.word("Reserve points"),
      lines: [
        line(jifen.word("For the merchant"), merchant(args.acceptor_msp, names)),
        line(jifen.word("At most"), mixed(args, names)),
        ...spentLines(args, names),
        line(jifen.word("Taken from"), classNames(args, names)),
        line(jifen.word("For the order"), shown(args.order_ref)),
        line(jifen.word("Ends by itself"), moment(args.expires_at, names)),
      ],
    }),
    Release: ({ args }) => ({
      title: jifen.word("End a reservation"),
      lines: [line(jifen.word("Reservation"), shown(args.hold_id)), line(jifen.word("What happens"), jifen.word("Its points are free again."))],
    }),
    Exchange: ({ args }, names) => ({
      title: jifen.word("Exchange points"),
      lines: [
        line(jifen.word("Points given"), pointsOf(args.points, args.from_class_id, names)),
        ...worthLines({ [args.from_class_id]: args.points }, names),
        ...receivedLines(args, names),
        ...termLines(args, names),
        line(jifen.word("At the rate of version"), amount(args.rate_version, 0, names.locale)),
      ],
    }),
    Approve: ({ args }, names) => ({
      title: args.points === 0 ? jifen.word("End an allowance") : jifen.word("Let somebody else take points"),
      lines: [
        line(jifen.word("Who may take them"), account(args.spender, names)),
        line(jifen.word("At most"), pointsOf(args.points, args.class_id, names)),
        ...(args.expected_points === undefined || args.expected_points === null ? [] : [line(jifen.word("Only if the allowance now is"), pointsOf(args.expected_points, args.class_id, names))]),
      ],
    }),
    TransferFrom: ({ args }, names) => ({
      title: jifen.word("Take points that somebody allowed you"),
      lines: [line(jifen.word("From the account"), account(args.owner, names)), line(jifen.word("Recipient"), account(args.recipient, names)), line(jifen.word("Points"), pointsOf(args.points, args.class_id, names)), ...worthLines({ [args.class_id]: args.points }, names), ...epochLines(args, names)],
    }),
    MergeAccounts: ({ args }, names) => ({ title: jifen.word("Move all points into another account of yours"), lines: mergeLines({ ...args, source: names.source }, names) }),
    ObjectRebind: ({ args }, names) => ({
      title: jifen.word("This was not me: keep my key"),
      lines: [...rebindLines(args, names), line(jifen.word("What happens"), jifen.word("The change of key is stopped at once. Your account and its points stay yours."))],
    }),
    MoveHome: ({ args }, names) => ({
      title: jifen.word("Make this merchant my home"),
      lines: [line(jifen.word("New home merchant"), merchant(args.home_msp, names)), line(jifen.word("What happens"), jifen.word("From now on this merchant answers for your account, and can freeze it. Your points stay as they are."))],
    }),
    DepositFromWallet: ({ args }, names) => ({
      title: jifen.word("Bring points back to an old card"),
      lines: [line(jifen.word("Points"), pointsOf(args.points, args.class_id, names)), line(jifen.word("Old card"), names.cards?.[args.reference_hash] ?? jifen.bech32.grouped(args.reference_hash))],
    }),
  };

  /**
   * What an operation says, for the member to read before she signs.
   *
   * @param {object} operation {op, args, request_id, valid_until}.
   * @param {object} names What the page knows; see above.
   * @returns {{title: string, lines: {label: string, value: string}[]}} An operation that members do not sign is a TypeError.
   */
  function describe(operation, names) {
    if (!Object.hasOwn(WORDS, operation.op)) throw new TypeError(`members do not sign ${operation.op}`);
    const { title, lines } = WORDS[operation.op](operation, names);
    return { title, lines: [...lines, until(operation.valid_until, names)] };
  }

  /**
   * What the new key signs to take the place of a lost one.
   *
   * @param {object} rebind As for `jifen.signing.rebindMessage`. @param {object} names @returns {{title: string, lines: {label: string, value: string}[]}}
   */
  function describeRebind({ address, home_msp, new_address }, names) {
    return {
      title: jifen.word("Take over the account whose key is lost"),
      lines: [
        line(jifen.word("The account whose key is lost"), account(address, names)),
        line(jifen.word("The account of the new key"), account(new_address, names)),
        line(jifen.word("Member of"), merchant(home_msp, names)),
        line(jifen.word("What happens"), jifen.word("Once both merchants agree and nobody objects, all that the old account has and owes is the new one’s.")),
      ],
    };
  }

  /**
   * What the receiving key signs of a merging, before the giving one signs the operation.
   *
   * @param {object} merging As for `jifen.signing.mergeMessage`. @param {object} names @returns {{title: string, lines: {label: string, value: string}[]}}
   */
  function describeMerging(merging, names) {
    return { title: jifen.word("Take in the points of another account of yours"), lines: [...mergeLines(merging, names), until(merging.valid_until, names)] };
  }

  Object.assign(jifen.signing, { amount, describe, describeMerging, describeRebind, drawn, merchant, pointsOf, until, worthLines });
})();
