// Package limits names every bound of the ledger. Each has a vector at the limit and one past it.
package limits

const (
	// IntegerMax is the largest magnitude of any integer on the ledger, so that every JSON reader keeps it exact (RFC 8259, section 6).
	IntegerMax = 1<<53 - 1
	// DocumentDepthMax is the deepest nesting of a JSON document.
	DocumentDepthMax = 16
	// BatchBytesMax is the size of the largest Apply argument, in bytes.
	BatchBytesMax = 4 * 1024 * 1024
	// OperationsPerBatchMax bounds the operations of one transaction.
	OperationsPerBatchMax = 500
	// ShardsMax bounds shard numbers: they run from 0 to ShardsMax-1.
	ShardsMax = 16
	// GuestShard is the slice of a limit from which holds are reserved that another gateway than the acceptor's relays. It is no lane:
	// what others reserve neither conflicts with the acceptor's redemptions nor takes their room.
	GuestShard = ShardsMax
	// RefundShard is the first of the slices of what an issuer comes to owe by refunds of what was redeemed at its own gateway: that of
	// lane 0.
	RefundShard = GuestShard + 1
	// SlicesMax bounds the slices of one limit: they are numbered from 0 to SlicesMax-1.
	SlicesMax = RefundShard + GuestShard + 1
	// GuestParts says that of what a limit gains one part in so many stands in the guests' slice, the rest in slice 0.
	GuestParts = 8
	// DateMarginSeconds is how long after its end nobody but its parties may release a hold, a dispute's stage is not over by silence,
	// and neither are points that have expired booked nor redemptions swept. The submitter chooses a transaction's date, and a live network's peers take one that lies this far ahead of their clocks (its proposal time window).
	DateMarginSeconds = 900
	// ValidUntilDaysMax is how far ahead of now an operation's valid_until may lie.
	ValidUntilDaysMax = 7
	// RequestGraceSeconds is how long after valid_until a request is remembered: the same request, signed anew with a later valid_until
	// while the first was still valid, must have passed too.
	RequestGraceSeconds = ValidUntilDaysMax*86_400 + 3600

	BucketsPerBalanceMax = 4096
	// MemoryEntriesMax bounds the requests that are remembered in the document that they are about.
	MemoryEntriesMax         = 16
	RecipientsPerTransferMax = 100
	ClassesPerRedemptionMax  = 16
	DrawsPerRedemptionMax    = 512
	EntriesPerImportMax      = 500
	AccountsPerExpireMax     = 500
	ItemsPerSweepMax         = 500
	// LimitsPerOperationMax bounds the pairs whose limits one SetLimits sets.
	LimitsPerOperationMax = 100
	AcceptorsPerClassMax  = 256
	OperatorsMax          = 16
	MerchantsMax          = 256
	InvitationDays        = 30
	// PositionsPerClose is how many positions CloseWindow has read when it takes no further issuer: with those of the last one 8,686 at
	// most, and 4,590 rows, which keeps its transaction at a MiB or two and each range far below a peer's totalQueryLimit.
	PositionsPerClose = 4352
	// BasisPointsMax is all of an amount, in hundredths of a percent.
	BasisPointsMax = 10_000
	// UnsettledWindowsMax bounds the windows that are not settled, before another is cut: more than a year of daily ones, and more
	// than the days that acceptance, payment and confirmation can take at most. A redemption reads a position of each.
	UnsettledWindowsMax = 400
	// RemittancesPerPaymentMax is what can stand recorded of one payment. What was rejected, retracted or reversed makes room, the oldest
	// first: its record is in the blocks.
	RemittancesPerPaymentMax = 16
	// RunOffDaysMin is how many days ahead the last day of a merchant's run-off is announced at least.
	RunOffDaysMin = 30
	RunOffDaysMax = 366
	// ProposalDaysMax is how far ahead of now the end of a proposal may lie.
	ProposalDaysMax = 30
	// ProposalKeptDays is how long after its end a proposal can be read before it may be swept.
	ProposalKeptDays = 90
	// RebindDays is how long a confirmed rebind waits for an objection of the old key before it can be carried out.
	RebindDays = 7
	// RebindOpenDays is how long a rebind that was asked for can be confirmed, and one that has waited can be carried out.
	RebindOpenDays = 30
	// DisputeDaysMax bounds how long a stage of a dispute lasts.
	DisputeDaysMax     = 90
	DisputeFeeMinorMax = 1_000_000_000
	// DisputeKeptDays is how long after its end a dispute can be read before it may be swept.
	DisputeKeptDays = 90
	// VotersMin is how many merchants must be entitled to vote for a proposal to be made: one alone decides nothing by
	// vote.
	VotersMin              = 2
	TimeZoneOffsetsMax     = 512
	HoldDaysMax            = 30
	AcceptanceDaysMax      = 90
	PaymentDaysMax         = 90
	ConfirmationDaysMax    = 90
	RefundDaysMax          = 366
	ClassDaysMax           = 366
	ClawbackDaysDefault    = 30
	ValidityDaysMax        = 36500
	ValidityMonthsMax      = 1200
	DecimalsMax            = 8
	UnitValueMillionthsMax = 1_000_000_000_000
	MinorUnitMillionthsMax = 1_000_000
	EarnPointsMax          = 1_000_000
	EarnAmountMinorMax     = 1_000_000_000
	RateTermMax            = 1_000_000_000
	NameCharactersMax      = 64
	SymbolCharactersMax    = 12
	ReferenceCharactersMax = 128
	ReasonCharactersMax    = 200
	PageRowsMax            = 500
	PageRowsDefault        = 100
	// TimestampMax is 9999-12-31T23:59:59Z in Unix seconds.
	TimestampMax = 253_402_300_799
)
