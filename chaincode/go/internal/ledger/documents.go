package ledger

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/limits"
)

// Consortium is fixed when it is opened.
type Consortium struct {
	AcceptanceDays   int64             `json:"acceptance_days"`
	ConfirmationDays int64             `json:"confirmation_days"`
	Currency         Currency          `json:"currency"`
	Disputes         DisputeTerms      `json:"disputes"`
	Name             string            `json:"name"`
	NetworkID        string            `json:"network_id"`
	Operators        []string          `json:"operators"`
	PaymentDays      int64             `json:"payment_days"`
	RefundDays       int64             `json:"refund_days"`
	TimeZone         calendar.TimeZone `json:"time_zone"`
}

// Currency is what settlement is in.
type Currency struct {
	Code                string `json:"code"`
	MinorUnitMillionths int64  `json:"minor_unit_millionths"`
}

// DisputeTerms say how long each stage of a dispute lasts, in days, and what its loser pays.
type DisputeTerms struct {
	AnswerDays     int64 `json:"answer_days"`
	EscalationDays int64 `json:"escalation_days"`
	FeeMinor       int64 `json:"fee_minor"`
	InquiryDays    int64 `json:"inquiry_days"`
	VoteDays       int64 `json:"vote_days"`
}

// CurrentWindow is the open window. Unsettled are the windows whose payments are not all confirmed, in their order.
// What Discharged merchants owe in windows of them counts no more.
type CurrentWindow struct {
	Discharged []Discharge `json:"discharged"`
	OpenedAt   int64       `json:"opened_at"`
	Unsettled  []int64     `json:"unsettled"`
	WindowID   int64       `json:"window_id"`
}

// Discharge is of what a merchant owed in a window: its default was declared, and others bear it.
type Discharge struct {
	MSPID    string `json:"msp_id"`
	WindowID int64  `json:"window_id"`
}

// Merchant is an organisation of the consortium, or one that is invited. InvitedUntil is nil once it joined; RunOffUntil
// is the last day of its run-off, empty unless it is RUN_OFF; SuspendedBy is the proposal by which it was suspended, empty
// unless it was by vote.
type Merchant struct {
	InvitedUntil *int64 `json:"invited_until"`
	MSPID        string `json:"msp_id"`
	Name         string `json:"name"`
	RegisteredAt int64  `json:"registered_at"`
	RunOffUntil  string `json:"run_off_until" canonical:"null"`
	Status       string `json:"status"`
	SuspendedBy  string `json:"suspended_by" canonical:"null"`
}

// Lapsed says whether the merchant is no more than an invitation that was withdrawn or has lapsed.
func (m *Merchant) Lapsed(now int64) bool {
	return m.InvitedUntil != nil && (m.Status == "EXITED" || *m.InvitedUntil < now)
}

// RunOffOver says whether the merchant's points can never be spent again: it has left, or the last day of its run-off is
// over.
func (m *Merchant) RunOffOver(today calendar.Day) bool {
	if m.Status == "RUN_OFF" {
		return today > calendar.DayNumber(m.RunOffUntil)
	}
	return m.Status == "EXITED"
}

// Proposal is what merchants vote on. Voters may vote, as it was when it was made; Needed of them must be in favour.
type Proposal struct {
	DecidedAt      *int64   `json:"decided_at"`
	DefinitionHash string   `json:"definition_hash" canonical:"null"`
	ExpiresAt      int64    `json:"expires_at"`
	Kind           string   `json:"kind"`
	MSPID          string   `json:"msp_id"`
	Name           string   `json:"name" canonical:"null"`
	Needed         int64    `json:"needed"`
	ProposalID     string   `json:"proposal_id"`
	ProposedAt     int64    `json:"proposed_at"`
	ProposerMSP    string   `json:"proposer_msp"`
	Reason         string   `json:"reason"`
	Status         string   `json:"status"`
	Voters         []string `json:"voters"`
	Votes          []Vote   `json:"votes"`
}

// Vote is the vote of a merchant, which is not changed.
type Vote struct {
	Approve bool   `json:"approve"`
	MSPID   string `json:"msp_id"`
	VotedAt int64  `json:"voted_at"`
}

// StatusAt is the status at now: an open proposal whose time is over is LAPSED, which nothing needs to write.
func (p *Proposal) StatusAt(now int64) string {
	if p.Status == "OPEN" && p.ExpiresAt < now {
		return "LAPSED"
	}
	return p.Status
}

// KeptUntil is the last second, in Unix seconds, before the proposal may be swept.
func (p *Proposal) KeptUntil() int64 {
	return p.ExpiresAt + limits.ProposalKeptDays*calendar.SecondsPerDay
}

// Class is a point class. AcceptedBy nil is everyone.
type Class struct {
	AcceptedBy          []string          `json:"accepted_by"`
	Category            string            `json:"category"`
	ClassID             string            `json:"class_id"`
	ClawbackDays        int64             `json:"clawback_days"`
	Debt                bool              `json:"debt"`
	Decimals            int64             `json:"decimals"`
	EarnRate            EarnRate          `json:"earn_rate"`
	EnrolledOnly        bool              `json:"enrolled_only"`
	GraceDays           int64             `json:"grace_days"`
	IssuerMSP           string            `json:"issuer_msp"`
	Name                string            `json:"name"`
	Status              string            `json:"status"`
	Symbol              string            `json:"symbol"`
	Transferable        bool              `json:"transferable"`
	UnitValueMillionths int64             `json:"unit_value_millionths"`
	Validity            calendar.Validity `json:"validity"`
	WaitingDays         int64             `json:"waiting_days"`
}

// EarnRate is how many points a purchase earns, for each AmountMinor of it.
type EarnRate struct {
	AmountMinor int64  `json:"amount_minor"`
	Points      int64  `json:"points"`
	Rounding    string `json:"rounding"`
}

// Rate is a one-way exchange rate in its newest version.
type Rate struct {
	Active      bool   `json:"active"`
	Denominator int64  `json:"denominator"`
	FromClassID string `json:"from_class_id"`
	Numerator   int64  `json:"numerator"`
	ToClassID   string `json:"to_class_id"`
	Version     int64  `json:"version"`
}

// Member is an enrolled account. Successor is the account that took its place, empty unless its key was lost.
type Member struct {
	Address    string `json:"address"`
	EnrolledOn string `json:"enrolled_on"`
	HomeMSP    string `json:"home_msp"`
	PublicKey  string `json:"public_key"`
	Status     string `json:"status"`
	Successor  string `json:"successor" canonical:"null"`
}

// Rebind is another account that is to take the place of a member's whose key is lost; gone once it is carried out,
// objected to or withdrawn. ConfirmedAt, ConfirmedBy and ReadyAt are null until a second organisation confirmed it.
type Rebind struct {
	Address     string `json:"address"`
	AskedAt     int64  `json:"asked_at"`
	ConfirmedAt *int64 `json:"confirmed_at"`
	ConfirmedBy string `json:"confirmed_by" canonical:"null"`
	HomeMSP     string `json:"home_msp"`
	LapsesAt    int64  `json:"lapses_at"`
	NewAddress  string `json:"new_address"`
	PublicKey   string `json:"public_key"`
	ReadyAt     *int64 `json:"ready_at"`
}

// Issued is what a receipt says of an issuance. DebtPaid of the points went into what the account owed.
type Issued struct {
	AvailableOn calendar.Day `json:"available_on"`
	DebtPaid    int64        `json:"debt_paid"`
	ExpiresOn   calendar.Day `json:"expires_on"`
	IssuanceID  string       `json:"issuance_id"`
	IssuedOn    calendar.Day `json:"issued_on"`
	Points      int64        `json:"points"`
}

// Allowance is what a spender may still take.
type Allowance struct {
	Points int64 `json:"points"`
}

// Import is the record of a legacy reference that was imported.
type Import struct {
	ImportedOn string `json:"imported_on"`
	Points     int64  `json:"points"`
}

// Draw is points of one bucket spent in a redemption.
type Draw struct {
	ClassID         string       `json:"class_id"`
	ExpiresOn       calendar.Day `json:"expires_on"`
	IssuerMSP       string       `json:"issuer_msp"`
	Points          int64        `json:"points"`
	Refunded        int64        `json:"refunded"`
	ValueMillionths int64        `json:"value_millionths"`
}

// Redemption is points spent at an acceptor for an order. Shard is the lane of whose position it is, and its refunds are.
type Redemption struct {
	AcceptorMSP     string `json:"acceptor_msp"`
	Draws           []Draw `json:"draws"`
	Kind            string `json:"kind"`
	Member          string `json:"member"`
	OrderRef        string `json:"order_ref"`
	Points          int64  `json:"points"`
	RedeemedOn      string `json:"redeemed_on"`
	RedemptionID    string `json:"redemption_id"`
	Refunded        int64  `json:"refunded"`
	Shard           int64  `json:"shard"`
	ValueMillionths int64  `json:"value_millionths"`
	WindowID        int64  `json:"window_id"`
	requests        Requests
}

// Pin is points of one bucket reserved by a hold.
type Pin struct {
	ClassID   string       `json:"class_id"`
	ExpiresOn calendar.Day `json:"expires_on"`
	Points    int64        `json:"points"`
}

// HoldAmount is what a hold pins of one class, its value, and what was captured of it.
type HoldAmount struct {
	CapturedPoints  int64  `json:"captured_points"`
	ClassID         string `json:"class_id"`
	IssuerMSP       string `json:"issuer_msp"`
	Points          int64  `json:"points"`
	ValueMillionths int64  `json:"value_millionths"`
}

// Hold is points reserved for an acceptor. Shard names the slice of the issuers' limits in which it reserves while it is open; one that has
// ended pins nothing.
type Hold struct {
	AcceptorMSP    string       `json:"acceptor_msp"`
	Amounts        []HoldAmount `json:"amounts"`
	CapturedPoints int64        `json:"captured_points"`
	ExpiresAt      int64        `json:"expires_at"`
	HoldID         string       `json:"hold_id"`
	Member         string       `json:"member"`
	OrderRef       string       `json:"order_ref"`
	Pins           []Pin        `json:"pins"`
	Points         int64        `json:"points"`
	RedemptionID   string       `json:"redemption_id" canonical:"null"`
	Shard          int64        `json:"shard"`
	Status         string       `json:"status"`
	requests       Requests
}

// Supply is the flow counters of a class in one gateway's shard.
type Supply struct {
	Expired           int64 `json:"expired"`
	Indebted          int64 `json:"indebted"`
	Issued            int64 `json:"issued"`
	RedeemedElsewhere int64 `json:"redeemed_elsewhere"`
	RedeemedOwn       int64 `json:"redeemed_own"`
	Repaid            int64 `json:"repaid"`
	Restored          int64 `json:"restored"`
	Reversed          int64 `json:"reversed"`
}

// Limit is one slice of an issuer's limit for an acceptor, and what open holds and disputes have reserved of it.
type Limit struct {
	CapMillionths      int64 `json:"cap_millionths"`
	CoverMillionths    int64 `json:"cover_millionths"`
	ReservedMillionths int64 `json:"reserved_millionths"`
}

// Cover is what an issuer has posted, how much of it stands in slices, how much it asked to have returned, and what
// defaults took of it.
type Cover struct {
	AllocatedMillionths int64 `json:"allocated_millionths"`
	DrawnMillionths     int64 `json:"drawn_millionths"`
	PostedMillionths    int64 `json:"posted_millionths"`
	ReturningMillionths int64 `json:"returning_millionths"`
}

// Free is what nothing rests on, in millionths.
func (c *Cover) Free() int64 {
	return c.PostedMillionths - c.AllocatedMillionths - c.ReturningMillionths
}

// AcceptanceFee is what an acceptor pays an issuer for accepting its points: as agreed, in the order of windows, and as
// one of the two asks for.
type AcceptanceFee struct {
	Agreed []AgreedFee `json:"agreed"`
	Asked  *AskedFee   `json:"asked"`
}

// AgreedFee holds from a window on.
type AgreedFee struct {
	BasisPoints int64 `json:"basis_points"`
	FromWindow  int64 `json:"from_window"`
}

// AskedFee holds once the other asks for the same.
type AskedFee struct {
	AskedBy     string `json:"asked_by"`
	BasisPoints int64  `json:"basis_points"`
}

// FundShare is what a merchant contributed to the mutual fund.
type FundShare struct {
	PostedMillionths    int64 `json:"posted_millionths"`
	ReturningMillionths int64 `json:"returning_millionths"`
}

// Position is what was redeemed and refunded of an issuer's points at an acceptor in a window, in one shard, and what
// disputes moved there, or away from there.
type Position struct {
	AdjustedMillionths int64 `json:"adjusted_millionths"`
	RedeemedMillionths int64 `json:"redeemed_millionths"`
	RefundedMillionths int64 `json:"refunded_millionths"`
}

// Value is what the issuer owes the acceptor, in millionths. Negative when refunds outweigh.
func (p *Position) Value() int64 {
	return p.RedeemedMillionths + p.AdjustedMillionths - p.RefundedMillionths
}

// Gross is what a window's bound is asked of, with what is reserved: redeemed, and moved there by disputes.
func (p *Position) Gross() int64 { return p.RedeemedMillionths + max(p.AdjustedMillionths, 0) }

// Add adds another lane's.
func (p *Position) Add(other *Position) {
	p.AdjustedMillionths += other.AdjustedMillionths
	p.RedeemedMillionths += other.RedeemedMillionths
	p.RefundedMillionths += other.RefundedMillionths
}

// Carry is the remainder that rounding left between two merchants.
type Carry struct {
	Millionths int64 `json:"millionths"`
}

// Window is an ended window; Settlement is there once it was closed.
type Window struct {
	CutAt    int64  `json:"cut_at"`
	OpenedAt int64  `json:"opened_at"`
	Status   string `json:"status"`
	WindowID int64  `json:"window_id"`
	*Settlement
}

// Settlement is what closing adds to a window.
type Settlement struct {
	AcceptBy          int64         `json:"accept_by"`
	ClosedAt          int64         `json:"closed_at"`
	GrossMinor        int64         `json:"gross_minor"`
	Net               []NetPosition `json:"net"`
	PayBy             int64         `json:"pay_by"`
	Payments          []Payment     `json:"payments"`
	PendingStatements int64         `json:"pending_statements"`
}

// Netting is how far CloseWindow has come with a window that it takes several calls for.
type Netting struct {
	GrossMinor int64   `json:"gross_minor"`
	NettedTo   string  `json:"netted_to"`
	Tallies    []Tally `json:"tallies"`
}

// Tally is what the rows of one merchant come to: its net position, their number and the chain of their hashes.
type Tally struct {
	MSPID      string `json:"msp_id"`
	NetMinor   int64  `json:"net_minor"`
	Rows       int64  `json:"rows"`
	RowsSHA256 string `json:"rows_sha256"`
}

// Matrix is the rows of one issuer in a window, by acceptor.
type Matrix struct {
	Rows []MatrixRow `json:"rows"`
}

// MatrixRow is what one issuer owes one acceptor.
type MatrixRow struct {
	Position
	AcceptorMSP          string `json:"acceptor_msp"`
	CarriedInMillionths  int64  `json:"carried_in_millionths"`
	CarriedOutMillionths int64  `json:"carried_out_millionths"`
	FeeBasisPoints       int64  `json:"fee_basis_points"`
	FeeMinor             int64  `json:"fee_minor"`
	IssuerMSP            string `json:"issuer_msp"`
	OwedMinor            int64  `json:"owed_minor"`
}

// NetPosition is a merchant's multilateral position: positive receives.
type NetPosition struct {
	MSPID    string `json:"msp_id"`
	NetMinor int64  `json:"net_minor"`
}

// PaymentDue is who pays whom how much.
type PaymentDue struct {
	AmountMinor int64  `json:"amount_minor"`
	PayeeMSP    string `json:"payee_msp"`
	PayerMSP    string `json:"payer_msp"`
}

// Payment is a payment, what is recorded of it in its order, and what is left: DueMinor.
type Payment struct {
	PaymentDue
	DueMinor    int64        `json:"due_minor"`
	Remittances []Remittance `json:"remittances"`
	Status      string       `json:"status"`
}

// Default is what became of what a merchant owed in a window and did not pay.
type Default struct {
	CoverMinor int64            `json:"cover_minor"`
	DeclaredAt int64            `json:"declared_at"`
	DeclaredBy string           `json:"declared_by"`
	DefaultID  string           `json:"default_id"`
	Fund       []MerchantAmount `json:"fund"`
	Haircuts   []MerchantAmount `json:"haircuts"`
	Losses     []MerchantAmount `json:"losses"`
	MSPID      string           `json:"msp_id"`
	Owed       []MerchantAmount `json:"owed"`
	Payments   []PaymentDue     `json:"payments"`
	SetOff     []SetOff         `json:"set_off"`
	WindowID   int64            `json:"window_id"`
}

// MerchantAmount is what a merchant is owed, gives or bears.
type MerchantAmount struct {
	AmountMinor int64  `json:"amount_minor"`
	MSPID       string `json:"msp_id"`
}

// SetOff is what a merchant owes a defaulter in a window, and pays others instead.
type SetOff struct {
	MerchantAmount
	WindowID int64 `json:"window_id"`
}

// Remittance is what a payer recorded that it paid. ConfirmedBy is ANSWER, SILENCE or CORRECTION, empty until it is
// CONFIRMED; EndedAt is null while it counts; Reason says why it is REJECTED.
type Remittance struct {
	AmountMinor int64       `json:"amount_minor"`
	ConfirmBy   int64       `json:"confirm_by"`
	ConfirmedAt *int64      `json:"confirmed_at"`
	ConfirmedBy string      `json:"confirmed_by" canonical:"null"`
	Correction  *Correction `json:"correction"`
	EndedAt     *int64      `json:"ended_at"`
	PaidAt      int64       `json:"paid_at"`
	Reason      string      `json:"reason" canonical:"null"`
	Reference   string      `json:"reference"`
	Status      string      `json:"status"`
}

// Correction is what one side asks for, or both made, in the place of a remittance that is CONFIRMED; an amount of 0 is
// nothing.
type Correction struct {
	AmountMinor int64  `json:"amount_minor"`
	AskedBy     string `json:"asked_by"`
	Reference   string `json:"reference"`
}

// Statement is a merchant's statement of a window.
type Statement struct {
	AcceptedAt *int64        `json:"accepted_at"`
	Content    canonical.Raw `json:"content"`
	SHA256     string        `json:"sha256"`
	Status     string        `json:"status"`
}

// StatementContent is what a statement says; its canonical bytes are hashed. DisputedMinor is what disputes after the
// netting changed the net position by.
type StatementContent struct {
	Tally
	DisputedMinor  int64  `json:"disputed_minor"`
	Disputes       int64  `json:"disputes"`
	DisputesSHA256 string `json:"disputes_sha256"`
	WindowID       int64  `json:"window_id"`
}

// Dispute is an issuer that does not want to pay for a redemption, whole or in part.
type Dispute struct {
	AcceptorMSP  string        `json:"acceptor_msp"`
	AmountMinor  int64         `json:"amount_minor"`
	BookedMinor  *int64        `json:"booked_minor"`
	BookedWindow *int64        `json:"booked_window"`
	ClosedAt     *int64        `json:"closed_at"`
	DueAt        *int64        `json:"due_at"`
	Evidence     []Evidence    `json:"evidence"`
	FeeMinor     int64         `json:"fee_minor"`
	FeePayerMSP  string        `json:"fee_payer_msp" canonical:"null"`
	IssuerMSP    string        `json:"issuer_msp"`
	Netted       bool          `json:"netted"`
	OpenedAt     int64         `json:"opened_at"`
	Reason       string        `json:"reason"`
	RedemptionID string        `json:"redemption_id"`
	Shard        int64         `json:"shard"`
	Status       string        `json:"status"`
	Voters       []string      `json:"voters"`
	Votes        []DisputeVote `json:"votes"`
	WindowID     int64         `json:"window_id"`
}

// Evidence is what one side showed at a stage; the ledger has the hash alone.
type Evidence struct {
	MSPID   string `json:"msp_id"`
	SHA256  string `json:"sha256"`
	ShownAt int64  `json:"shown_at"`
	Stage   string `json:"stage"`
}

// DisputeVote is the vote of a merchant, which is not changed.
type DisputeVote struct {
	MSPID   string `json:"msp_id"`
	Vote    string `json:"vote"`
	VotedAt int64  `json:"voted_at"`
}

// Withheld is what of the redemption the issuer does not pay, or not yet, in minor units.
func (d *Dispute) Withheld() int64 {
	if d.BookedMinor == nil {
		return d.AmountMinor
	}
	return d.AmountMinor - *d.BookedMinor
}

// KeptUntil is the last second, in Unix seconds, before a dispute that has ended may be swept.
func (d *Dispute) KeptUntil() int64 {
	return *d.ClosedAt + limits.DisputeKeptDays*calendar.SecondsPerDay
}
