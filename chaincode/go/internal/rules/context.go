// Package rules is the kernel of the law of the ledger: what operations of several subjects share, and what runs them.
// The operations stand in the folders of their subjects, one file each. A rule is pure: what it needs comes from the
// view, what it changes goes into it, and it refuses with a refusal.Refusal or does its work whole.
package rules

import (
	"strconv"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/signatures"
)

// Roles of an organisation's certificates (attribute `jifen.role`; a NodeOU admin is admin).
const (
	Admin     = "admin"
	Gateway   = "gateway"
	Cashier   = "cashier"
	Marketing = "marketing"
	Finance   = "finance"
	Auditor   = "auditor"
)

// Authority is who may authorise an operation.
type Authority int

// An operation is authorised by an organisation, by a member, or by either.
const (
	Organisation Authority = iota
	ByMember
	Either
)

// Creator is the submitter, from the transaction's certificate: Role is empty for none, PublicKey (hex) for a key that
// is not on P-256.
type Creator struct {
	MSPID     string
	Role      string
	PublicKey string
}

// Transaction is one Fabric transaction: Now in Unix seconds is its proposal's timestamp, Shard the submitting
// gateway's lane.
type Transaction struct {
	Channel   string
	Chaincode string
	TxID      string
	Now       int64
	Creator   Creator
	Shard     int64
	// Operators are those that this organisation's own chaincode server was told of by its declaration; none where
	// there is no such server.
	Operators []string
	// NetworkID is the hash of the channel's first block, as that server was told it, or as it is in a replay; empty
	// where nobody knows it. ApplyBatch puts that of the consortium's document in its place once there is one, so that
	// all judge signatures alike.
	NetworkID string
}

// Place is where a member's signature in this transaction must be good.
func (t *Transaction) Place() signatures.Place {
	return signatures.Place{Channel: t.Channel, Chaincode: t.Chaincode, Network: t.NetworkID}
}

// Context is one operation in its transaction: who speaks, when, and where.
type Context struct {
	*Transaction
	RequestID  string
	ValidUntil int64
	// Content is what makes two requests equal.
	Content string
	// Authoriser is the member's address or the organisation's MSP id.
	Authoriser string
	// NewID is the requester, `<authoriser>/<request_id>`, and so the id of the redemption or hold that this operation
	// makes.
	NewID string
	// Member is the authorising address, empty where the organisation speaks.
	Member string
	// ProofValid says whether the proof that the arguments carry is good (operations with a Proof).
	ProofValid bool
	// Today is the consortium's day.
	Today calendar.Day
	// BookingDay is the day that it surely is, however far ahead the submitter dated (limits.DateMarginSeconds): what
	// lasted until the day before it is booked as expired.
	BookingDay calendar.Day
	Consortium *ledger.Consortium
}

// MSPID is the submitting organisation: the authoriser, or the one that relays a member's operation.
func (c *Context) MSPID() string { return c.Creator.MSPID }

// issuancePrefix stands before `.<index>` in the ids of issuances that this operation makes.
func (c *Context) issuancePrefix() string {
	if c.Member == "" {
		return c.RequestID
	}
	return c.NewID
}

// Result is what a receipt tells of an accepted operation.
type Result = map[string]any

// Request is what is to be remembered of the operation, and of what it issued: whoever has no answer may sign the same
// request anew with a later valid_until, as long as the first is still valid, and both signatures must have passed
// before its memory goes.
func (c *Context) Request(issued *ledger.Clawable) *ledger.Request {
	return &ledger.Request{
		Requester: c.NewID,
		Content:   c.Content,
		Until:     c.ValidUntil + limits.RequestGraceSeconds,
		TxID:      c.TxID,
		Issued:    issued,
	}
}

// Operation is one kind of operation. About gives the key of the balance, redemption or hold that it is about, in whose
// document it is remembered; without it a receipt is kept. Roles are those that may authorise it, or, for a member's
// operation, relay it; none named: anyone may relay. Opens says that it may come before there is a consortium. Prefetch
// names keys that the rule is known to want; it may want more. Apply changes the view and gives the result, or refuses.
type Operation struct {
	Name      string
	Authority Authority
	Roles     []string
	Opens     bool
	Arguments fields.Fields
	About     func(context *Context, args *canonical.Object) string
	Prefetch  func(context *Context, args *canonical.Object) []string
	Proof     func(context *Context, args *canonical.Object) bool
	Apply     func(view *ledger.View, context *Context, args *canonical.Object) (Result, error)
}

func decimal(number int64) string { return strconv.FormatInt(number, 10) }
