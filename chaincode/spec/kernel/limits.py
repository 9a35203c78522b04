"""Every bound of the ledger, by name. Each has a vector at the limit and one past it."""

INTEGER_MAX = 2**53 - 1
"""Largest magnitude of any integer on the ledger, so that every JSON reader keeps it exact (RFC 8259, section 6)."""

DOCUMENT_DEPTH_MAX = 16
"""Deepest nesting of a JSON document."""

BATCH_BYTES_MAX = 4 * 1024 * 1024
"""Largest `Apply` argument, in bytes."""

OPERATIONS_PER_BATCH_MAX = 500
SHARDS_MAX = 16
"""Shard numbers run from 0 to SHARDS_MAX - 1."""

GUEST_SHARD = SHARDS_MAX
"""The slice of a limit from which holds are reserved that another gateway than the acceptor's relays. It is no lane:
what others reserve neither conflicts with the acceptor's redemptions nor takes their room."""

REFUND_SHARD = GUEST_SHARD + 1
"""The first of the slices of what an issuer comes to owe by refunds of what was redeemed at its own gateway: that of
lane 0 (`exposure`)."""
SLICES_MAX = REFUND_SHARD + GUEST_SHARD + 1
"""Slices of one limit are numbered from 0 to SLICES_MAX - 1."""

GUEST_PARTS = 8
"""Of what a limit gains, one part in so many stands in the guests' slice, the rest in slice 0."""

VALID_UNTIL_DAYS_MAX = 7
"""How far ahead of `now` an operation's `valid_until` may lie."""

REQUEST_GRACE_SECONDS = VALID_UNTIL_DAYS_MAX * 86_400 + 3600
"""A request is remembered this long after `valid_until`: whoever has no answer may sign the same request anew with a
later `valid_until`, as long as the first is still valid, and both signatures must have passed before the memory of the
request goes. The hour on top is longer than any proposal time window of a live network."""

BUCKETS_PER_BALANCE_MAX = 4096
"""Distinct last days in a balance, what is pending included: eleven years of days. Only a class's issuer chooses last
days, so nobody else can come near."""

MEMORY_ENTRIES_MAX = 16
"""Requests that are remembered in the document that they are about."""

CLASS_DAYS_MAX = 366
"""The longest of a class's waiting, grace and claw-back days."""

CLAWBACK_DAYS_DEFAULT = 30
RECIPIENTS_PER_TRANSFER_MAX = 100
CLASSES_PER_REDEMPTION_MAX = 16
DRAWS_PER_REDEMPTION_MAX = 512
ENTRIES_PER_IMPORT_MAX = 500
ACCOUNTS_PER_EXPIRE_MAX = 500
ITEMS_PER_SWEEP_MAX = 500
LIMITS_PER_OPERATION_MAX = 100
"""Pairs whose limits one SetLimits sets."""
ACCEPTORS_PER_CLASS_MAX = 256
OPERATORS_MAX = 16
MERCHANTS_MAX = 256
"""Merchants that take part or are invited; neither those that left nor lapsed invitations count."""
POSITIONS_PER_CLOSE = 4352
"""CloseWindow takes no further issuer once it has read so many positions: with those of the last one 8,686 at most, and
4,590 rows, which keeps its transaction at a MiB or two and each range far below a peer's `totalQueryLimit`."""

UNSETTLED_WINDOWS_MAX = 400
"""Windows that are not settled, before another is cut: more than a year of daily ones, and more than the days that
acceptance, payment and confirmation can take at most. A redemption reads a position of each."""

REMITTANCES_PER_PAYMENT_MAX = 16
"""What can stand recorded of one payment. What was rejected, retracted or reversed makes room, the oldest first: its
record is in the blocks."""

INVITATION_DAYS = 30
"""How long an invitation to the consortium stands."""
RUN_OFF_DAYS_MIN = 30
"""How many days ahead the last day of a merchant's run-off is announced at least, so that members can spend its
points."""
RUN_OFF_DAYS_MAX = 366
PROPOSAL_DAYS_MAX = 30
"""How far ahead of `now` the end of a proposal may lie."""
PROPOSAL_KEPT_DAYS = 90
"""How long after its end a proposal can be read before it may be swept."""
DISPUTE_DAYS_MAX = 90
"""How long a stage of a dispute can last."""
DISPUTE_FEE_MINOR_MAX = 1_000_000_000
DISPUTE_KEPT_DAYS = 90
"""How long after its end a dispute can be read before it may be swept."""
VOTERS_MIN = 2
"""Merchants entitled to vote, for a proposal to be made: one alone decides nothing by vote."""
REBIND_DAYS = 7
"""How long a confirmed rebind waits for an objection of the old key before it can be carried out."""
REBIND_OPEN_DAYS = 30
"""How long a rebind that was asked for can be confirmed, and one that has waited can be carried out."""
TIME_ZONE_OFFSETS_MAX = 512
HOLD_DAYS_MAX = 30

DATE_MARGIN_SECONDS = 900
"""How long after its end nobody but its parties may release a hold, a dispute's stage is not over by silence, and
neither are points that have expired booked nor redemptions swept. The submitter chooses a transaction's date, and a live network's peers take one
that lies this far ahead of their clocks (its proposal time window)."""

ACCEPTANCE_DAYS_MAX = 90
BASIS_POINTS_MAX = 10_000
"""All of an amount, in hundredths of a percent."""
PAYMENT_DAYS_MAX = 90
CONFIRMATION_DAYS_MAX = 90
REFUND_DAYS_MAX = 366
VALIDITY_DAYS_MAX = 36500
VALIDITY_MONTHS_MAX = 1200
DECIMALS_MAX = 8
UNIT_VALUE_MILLIONTHS_MAX = 1_000_000_000_000
MINOR_UNIT_MILLIONTHS_MAX = 1_000_000
EARN_POINTS_MAX = 1_000_000
EARN_AMOUNT_MINOR_MAX = 1_000_000_000
RATE_TERM_MAX = 1_000_000_000
NAME_CHARACTERS_MAX = 64
SYMBOL_CHARACTERS_MAX = 12
REFERENCE_CHARACTERS_MAX = 128
REASON_CHARACTERS_MAX = 200
PAGE_ROWS_MAX = 500
PAGE_ROWS_DEFAULT = 100
TIMESTAMP_MAX = 253_402_300_799
"""9999-12-31T23:59:59Z in Unix seconds."""
