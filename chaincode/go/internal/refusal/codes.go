package refusal

// Codes are public, for ever, and in their order: when several apply to one operation, the one that stands first is given, and
// a rule makes its checks in this order. OVERFLOW alone is given where the number arises.
const (
	Malformed                = "MALFORMED"                  // The argument is not a JSON document in the ledger's form.
	BatchTooLarge            = "BATCH_TOO_LARGE"            // The batch has too many bytes or operations.
	ShardOutOfRange          = "SHARD_OUT_OF_RANGE"         // The shard number is not one of the ledger's.
	UnknownOperation         = "UNKNOWN_OPERATION"          // No operation has this name.
	UnknownQuery             = "UNKNOWN_QUERY"              // No query has this name.
	InvalidArgument          = "INVALID_ARGUMENT"           // A field is missing, unknown or not of its form; the detail names it.
	SignatureUnexpected      = "SIGNATURE_UNEXPECTED"       // The operation is authorised by an organisation, not by a member's signature.
	SignatureRequired        = "SIGNATURE_REQUIRED"         // The operation needs the member's signature.
	SignatureInvalid         = "SIGNATURE_INVALID"          // The signature does not fit the key and the operation's bytes, channel, chaincode and network.
	RequestIDReused          = "REQUEST_ID_REUSED"          // This authoriser used the request_id before, about the same, for another content.
	RequestExpired           = "REQUEST_EXPIRED"            // The operation's valid_until has passed.
	ValidUntilTooFar         = "VALID_UNTIL_TOO_FAR"        // The operation's valid_until lies too far ahead.
	RoleRequired             = "ROLE_REQUIRED"              // The certificate's role may not do this.
	ConsortiumNotOpen        = "CONSORTIUM_NOT_OPEN"        // The consortium has not been opened yet.
	ConsortiumOpen           = "CONSORTIUM_OPEN"            // The consortium was opened before.
	NotOperator              = "NOT_OPERATOR"               // Only an operator of the consortium may do this.
	OperatorsDiffer          = "OPERATORS_DIFFER"           // The operators are not those that this organisation's chaincode server was told of.
	NetworkDiffers           = "NETWORK_DIFFERS"            // The network id is not the hash of the channel's first block.
	NotParticipant           = "NOT_PARTICIPANT"            // Only an operator, or a merchant that takes part, may do this.
	TimeBeforeWindow         = "TIME_BEFORE_WINDOW"         // The transaction's time lies before the opening of the current window.
	NotFound                 = "NOT_FOUND"                  // Nothing is stored under this name.
	UnknownDispute           = "UNKNOWN_DISPUTE"            // The issuer has not disputed this redemption.
	DisputeExists            = "DISPUTE_EXISTS"             // The issuer has disputed this redemption before; each is disputed once.
	DisputeStage             = "DISPUTE_STAGE"              // The dispute's stage does not allow this.
	DisputeStageOver         = "DISPUTE_STAGE_OVER"         // The time of the dispute's stage is over.
	DisputeStageNotOver      = "DISPUTE_STAGE_NOT_OVER"     // The time of the dispute's stage is not over yet.
	WindowClosing            = "WINDOW_CLOSING"             // The redemption's window is being netted; it can be disputed once that is done.
	DisputeTooLate           = "DISPUTE_TOO_LATE"           // The issuer's statement of the redemption's window is accepted, by it or by silence, or the window is settled.
	UnknownProposal          = "UNKNOWN_PROPOSAL"           // No proposal has this id.
	ProposalExists           = "PROPOSAL_EXISTS"            // The same is proposed about this merchant already, and open.
	ProposalTooLong          = "PROPOSAL_TOO_LONG"          // The proposal would end in the past or too far ahead.
	ProposalNotOpen          = "PROPOSAL_NOT_OPEN"          // The proposal is decided, or its time is over.
	TooFewVoters             = "TOO_FEW_VOTERS"             // Too few merchants are entitled to vote on this for a vote to decide it.
	NotVoter                 = "NOT_VOTER"                  // The organisation is not entitled to vote on this.
	AlreadyVoted             = "ALREADY_VOTED"              // The merchant has voted on this; a vote is not changed.
	NotAcceptor              = "NOT_ACCEPTOR"               // Only the accepting merchant may submit or do this.
	NotFeeParty              = "NOT_FEE_PARTY"              // Only the issuer and the acceptor have a say in their fee.
	UnknownMerchant          = "UNKNOWN_MERCHANT"           // The organisation is not a registered merchant.
	MerchantExists           = "MERCHANT_EXISTS"            // The merchant is invited or takes part already.
	TooManyMerchants         = "TOO_MANY_MERCHANTS"         // The consortium has as many merchants as it can have.
	MerchantNotActive        = "MERCHANT_NOT_ACTIVE"        // The merchant's status does not allow this.
	StatusTransition         = "STATUS_TRANSITION"          // The status cannot change so.
	InvitationLapsed         = "INVITATION_LAPSED"          // The invitation's time is over.
	RunOffDayOutOfRange      = "RUN_OFF_DAY_OUT_OF_RANGE"   // The last day of the run-off is too near or too far ahead, or before the one that was announced.
	RunOffNotOver            = "RUN_OFF_NOT_OVER"           // The last day of the merchant's run-off has not passed.
	MerchantNotSettled       = "MERCHANT_NOT_SETTLED"       // What the merchant owes and is owed is not all netted and paid.
	UnknownClass             = "UNKNOWN_CLASS"              // No point class has this id.
	ClassExists              = "CLASS_EXISTS"               // A point class with this id is defined already.
	NotIssuer                = "NOT_ISSUER"                 // Only the issuer of the class may do this.
	ClassStopped             = "CLASS_STOPPED"              // The class is stopped: no new points of it.
	ClassNotTransferable     = "CLASS_NOT_TRANSFERABLE"     // Points of the class cannot be sent.
	NotAccepted              = "NOT_ACCEPTED"               // The acceptor does not take points of the class.
	IssuerNotHonoured        = "ISSUER_NOT_HONOURED"        // The issuer's status does not allow its points to be spent, or no longer.
	NoEarnRate               = "NO_EARN_RATE"               // The class has no rate by which purchases earn points.
	NoRate                   = "NO_RATE"                    // There is no exchange rate in force between the two classes.
	RateChanged              = "RATE_CHANGED"               // The exchange rate has another version now.
	TermsChanged             = "TERMS_CHANGED"              // The terms of the points received are others now.
	UnknownMember            = "UNKNOWN_MEMBER"             // No member is enrolled with this address.
	MemberExists             = "MEMBER_EXISTS"              // The member is enrolled already.
	AddressMismatch          = "ADDRESS_MISMATCH"           // The address is not that of the public key.
	ConsentInvalid           = "CONSENT_INVALID"            // The member's key did not sign this consent.
	NotHomeMerchant          = "NOT_HOME_MERCHANT"          // Only the member's home merchant may do this.
	NotEnrolled              = "NOT_ENROLLED"               // The class is for enrolled members, and the account is not one.
	MemberNotActive          = "MEMBER_NOT_ACTIVE"          // The member's status does not allow this.
	UnknownRebind            = "UNKNOWN_REBIND"             // No rebind of this account to that one is asked for.
	RebindExists             = "REBIND_EXISTS"              // Another rebind of the member is asked for already.
	RebindLapsed             = "REBIND_LAPSED"              // The rebind's time is over; it must be asked for anew.
	NotRebindParty           = "NOT_REBIND_PARTY"           // The organisation or account has no say in this rebind.
	RebindConfirmed          = "REBIND_CONFIRMED"           // The rebind is confirmed already.
	RebindTooSoon            = "REBIND_TOO_SOON"            // The rebind is not confirmed yet, or the days in which its old key may object are not over.
	ControlTotalMismatch     = "CONTROL_TOTAL_MISMATCH"     // The entries do not add up to the control total.
	ReferenceUsed            = "REFERENCE_USED"             // The legacy reference was imported before.
	UnknownReference         = "UNKNOWN_REFERENCE"          // The legacy reference was never imported.
	UnknownIssuance          = "UNKNOWN_ISSUANCE"           // No points that were issued to the account with this id can be clawed back (any more).
	ReversalExceedsIssue     = "REVERSAL_EXCEEDS_ISSUE"     // More would be clawed back than is left of what was issued.
	AllowanceChanged         = "ALLOWANCE_CHANGED"          // The allowance is not the expected one.
	AllowanceExceeded        = "ALLOWANCE_EXCEEDED"         // The allowance is less than the points asked.
	EpochExpired             = "EPOCH_EXPIRED"              // The points of this epoch have expired.
	InsufficientPoints       = "INSUFFICIENT_POINTS"        // The account has fewer spendable points than asked.
	AmountTooSmall           = "AMOUNT_TOO_SMALL"           // The exchange would give less than one point.
	ExpiresBeforeAvailable   = "EXPIRES_BEFORE_AVAILABLE"   // The points would expire before they could be spent.
	TooManyBuckets           = "TOO_MANY_BUCKETS"           // The balance or redemption would have too many last days.
	UnknownRedemption        = "UNKNOWN_REDEMPTION"         // No redemption has this id.
	NotRefundable            = "NOT_REFUNDABLE"             // An exchange cannot be refunded, nor anything once the consortium's refund days are over.
	RefundExceedsRedemption  = "REFUND_EXCEEDS_REDEMPTION"  // More would be refunded than is left of the redemption.
	DisputeExceedsRedemption = "DISPUTE_EXCEEDS_REDEMPTION" // More would be disputed than the issuer owes of the redemption.
	RedemptionDisputed       = "REDEMPTION_DISPUTED"        // More would be refunded than is left of the redemption beside what is disputed.
	UnknownHold              = "UNKNOWN_HOLD"               // No hold has this id.
	HoldTooLong              = "HOLD_TOO_LONG"              // The hold would end in the past or too far ahead.
	HoldNotReserved          = "HOLD_NOT_RESERVED"          // The hold has ended already.
	HoldLapsed               = "HOLD_LAPSED"                // The hold's time is over.
	NotHoldParty             = "NOT_HOLD_PARTY"             // Only the member or the acceptor of the hold may release it before it lapses.
	CaptureExceedsHold       = "CAPTURE_EXCEEDS_HOLD"       // More would be captured than is held.
	LimitInUse               = "LIMIT_IN_USE"               // The cover would be less than what is owed and not paid, and reserved by holds and disputes.
	CapExceeded              = "CAP_EXCEEDED"               // The issuer's bilateral cap for the acceptor would be exceeded.
	CoverExceeded            = "COVER_EXCEEDED"             // The issuer's posted cover would be exceeded.
	WindowFull               = "WINDOW_FULL"                // The lane's figures for this issuer would grow too large for one settlement window; another lane or the next window takes it.
	CollateralMismatch       = "COLLATERAL_MISMATCH"        // The merchant asked for another amount to be returned.
	CollateralInUse          = "COLLATERAL_IN_USE"          // Less of the collateral is free.
	UnknownWindow            = "UNKNOWN_WINDOW"             // No window has this number.
	WindowNotOpen            = "WINDOW_NOT_OPEN"            // The window is not the open one.
	TooManyWindows           = "TOO_MANY_WINDOWS"           // Too many windows are not settled; no other can be cut before one of them is.
	WindowNotCut             = "WINDOW_NOT_CUT"             // The window is not in the state CUT or CLOSING.
	WindowNotClosed          = "WINDOW_NOT_CLOSED"          // The window is not in the state CLOSED.
	WindowSettled            = "WINDOW_SETTLED"             // The window is settled: nothing in it is corrected any more.
	WindowOutOfOrder         = "WINDOW_OUT_OF_ORDER"        // An earlier window must be done first.
	UnknownStatement         = "UNKNOWN_STATEMENT"          // The merchant has no statement in this window.
	StatementMismatch        = "STATEMENT_MISMATCH"         // The hash is not that of the statement.
	StatementAccepted        = "STATEMENT_ACCEPTED"         // The statement is accepted already.
	StatementsPending        = "STATEMENTS_PENDING"         // Statements of the window are still to be accepted.
	UnknownPayment           = "UNKNOWN_PAYMENT"            // The window has no payment between these merchants.
	NotPaymentParty          = "NOT_PAYMENT_PARTY"          // Only the payer and the payee have a say in this.
	PaymentNotDue            = "PAYMENT_NOT_DUE"            // The payment is not in the state DUE.
	PaymentNotPaid           = "PAYMENT_NOT_PAID"           // Nothing that is recorded of the payment is in the state PAID.
	PaymentNotConfirmed      = "PAYMENT_NOT_CONFIRMED"      // Nothing that is recorded of the payment with this reference is in the state CONFIRMED.
	PaymentReferenceMismatch = "PAYMENT_REFERENCE_MISMATCH" // The payment was recorded with another reference.
	TooManyRemittances       = "TOO_MANY_REMITTANCES"       // As many parts of the payment are recorded as can be.
	PaymentReferenceUsed     = "PAYMENT_REFERENCE_USED"     // The reference stands recorded of this payment already.
	PaymentExceedsDue        = "PAYMENT_EXCEEDS_DUE"        // More would be recorded than is due.
	ConfirmationTooSoon      = "CONFIRMATION_TOO_SOON"      // The payee's time to answer is not over.
	CorrectionEmpty          = "CORRECTION_EMPTY"           // It stands so already, and no correction is asked for that this could take back.
	NothingDue               = "NOTHING_DUE"                // Nothing of what the merchant owes in the window is due.
	DefaultTooSoon           = "DEFAULT_TOO_SOON"           // The merchant's time for paying is not over, and the merchants have not voted for it.
	DefaultContested         = "DEFAULT_CONTESTED"          // The merchant says that it paid, and the payee that it did not: the merchants decide by vote.
	Overflow                 = "OVERFLOW"                   // A number would leave the range that every reader keeps exact.
)

// Ordered is every code in its order of precedence.
var Ordered = []string{
	Malformed,
	BatchTooLarge,
	ShardOutOfRange,
	UnknownOperation,
	UnknownQuery,
	InvalidArgument,
	SignatureUnexpected,
	SignatureRequired,
	SignatureInvalid,
	RequestIDReused,
	RequestExpired,
	ValidUntilTooFar,
	RoleRequired,
	ConsortiumNotOpen,
	ConsortiumOpen,
	NotOperator,
	OperatorsDiffer,
	NetworkDiffers,
	NotParticipant,
	TimeBeforeWindow,
	NotFound,
	UnknownDispute,
	DisputeExists,
	DisputeStage,
	DisputeStageOver,
	DisputeStageNotOver,
	WindowClosing,
	DisputeTooLate,
	UnknownProposal,
	ProposalExists,
	ProposalTooLong,
	ProposalNotOpen,
	TooFewVoters,
	NotVoter,
	AlreadyVoted,
	NotAcceptor,
	NotFeeParty,
	UnknownMerchant,
	MerchantExists,
	TooManyMerchants,
	MerchantNotActive,
	StatusTransition,
	InvitationLapsed,
	RunOffDayOutOfRange,
	RunOffNotOver,
	MerchantNotSettled,
	UnknownClass,
	ClassExists,
	NotIssuer,
	ClassStopped,
	ClassNotTransferable,
	NotAccepted,
	IssuerNotHonoured,
	NoEarnRate,
	NoRate,
	RateChanged,
	TermsChanged,
	UnknownMember,
	MemberExists,
	AddressMismatch,
	ConsentInvalid,
	NotHomeMerchant,
	NotEnrolled,
	MemberNotActive,
	UnknownRebind,
	RebindExists,
	RebindLapsed,
	NotRebindParty,
	RebindConfirmed,
	RebindTooSoon,
	ControlTotalMismatch,
	ReferenceUsed,
	UnknownReference,
	UnknownIssuance,
	ReversalExceedsIssue,
	AllowanceChanged,
	AllowanceExceeded,
	EpochExpired,
	InsufficientPoints,
	AmountTooSmall,
	ExpiresBeforeAvailable,
	TooManyBuckets,
	UnknownRedemption,
	NotRefundable,
	RefundExceedsRedemption,
	DisputeExceedsRedemption,
	RedemptionDisputed,
	UnknownHold,
	HoldTooLong,
	HoldNotReserved,
	HoldLapsed,
	NotHoldParty,
	CaptureExceedsHold,
	LimitInUse,
	CapExceeded,
	CoverExceeded,
	WindowFull,
	CollateralMismatch,
	CollateralInUse,
	UnknownWindow,
	WindowNotOpen,
	TooManyWindows,
	WindowNotCut,
	WindowNotClosed,
	WindowSettled,
	WindowOutOfOrder,
	UnknownStatement,
	StatementMismatch,
	StatementAccepted,
	StatementsPending,
	UnknownPayment,
	NotPaymentParty,
	PaymentNotDue,
	PaymentNotPaid,
	PaymentNotConfirmed,
	PaymentReferenceMismatch,
	TooManyRemittances,
	PaymentReferenceUsed,
	PaymentExceedsDue,
	ConfirmationTooSoon,
	CorrectionEmpty,
	NothingDue,
	DefaultTooSoon,
	DefaultContested,
	Overflow,
}
