package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// State keys: one prefix for each noun, parts joined by `/`. No part can hold a `/` but the last, so no two nouns or names collide.
const (
	ConsortiumKey    = "consortium"
	CurrentWindowKey = "current_window"
	MerchantPrefix   = "merchant/"
	ProposalPrefix   = "proposal/"
	BalancePrefix    = "balance/"
	RedemptionPrefix = "redemption/"
	HoldPrefix       = "hold/"
	ReceiptPrefix    = "receipt/"
	// LastKey is above every state key.
	LastKey = "~"
)

func padded(number int64, digits int) string {
	text := strconv.FormatInt(number, 10)
	for len(text) < digits {
		text = "0" + text
	}
	return text
}

// MerchantKey holds a Merchant.
func MerchantKey(mspID string) string { return MerchantPrefix + mspID }

// ProposalKey holds a Proposal.
func ProposalKey(proposalID string) string { return ProposalPrefix + proposalID }

// ClassKey holds a Class.
func ClassKey(classID string) string { return "class/" + classID }

// RateKey holds a Rate.
func RateKey(fromClassID, toClassID string) string { return "rate/" + fromClassID + "/" + toClassID }

// MemberKey holds a Member.
func MemberKey(address string) string { return "member/" + address }

// RebindPrefix begins the keys of rebinds.
const RebindPrefix = "rebind/"

// RebindKey holds a Rebind.
func RebindKey(address string) string { return RebindPrefix + address }

// BalanceKey holds a Balance.
func BalanceKey(classID, account string) string { return BalancePrefix + classID + "/" + account }

// AllowanceKey holds an Allowance.
func AllowanceKey(classID, owner, spender string) string {
	return "allowance/" + classID + "/" + owner + "/" + spender
}

// RedemptionKey holds a Redemption.
func RedemptionKey(redemptionID string) string { return RedemptionPrefix + redemptionID }

// DisputePrefix begins the keys of disputes.
const DisputePrefix = "dispute/"

// DisputeKey holds a Dispute.
func DisputeKey(redemptionID, issuerMSP string) string {
	return DisputePrefix + redemptionID + "/" + issuerMSP
}

// HoldKey holds a Hold.
func HoldKey(holdID string) string { return HoldPrefix + holdID }

// LegacyKey holds an Import.
func LegacyKey(classID, referenceHash string) string {
	return "legacy/" + classID + "/" + referenceHash
}

// ReceiptKey holds what is remembered of a request that is about no balance, redemption or hold. The request's id stands first: ids that
// begin with the time then lie together, and a look for one that is not there yet costs a peer little.
func ReceiptKey(authoriser, requestID string) string {
	return ReceiptPrefix + requestID + "/" + authoriser
}

// MemoryKey holds what is remembered of one request about what stands at place, where that has no room for it.
func MemoryKey(place, requester string) string { return "memory/" + place + "/" + requester }

// SupplyKey holds flow counters of a class, written by the gateway of mspID alone.
func SupplyKey(classID, mspID string, shard int64) string {
	return "supply/" + classID + "/" + mspID + "/" + padded(shard, 2)
}

// LimitKey holds a Limit.
func LimitKey(issuerMSP, acceptorMSP string, shard int64) string {
	return PairLimitPrefix(issuerMSP, acceptorMSP) + padded(shard, 2)
}

// IssuerLimitPrefix begins the keys of an issuer's slices.
func IssuerLimitPrefix(issuerMSP string) string { return "limit/" + issuerMSP + "/" }

// PairLimitPrefix begins the keys of a pair's slices.
func PairLimitPrefix(issuerMSP, acceptorMSP string) string {
	return IssuerLimitPrefix(issuerMSP) + acceptorMSP + "/"
}

// SliceOf gives the acceptor and the shard that the key of a Limit names.
func SliceOf(key string) (acceptorMSP string, shard int64) {
	parts := strings.Split(key, "/")
	shard, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		panic(fmt.Sprintf("ledger: %s: %v", key, err))
	}
	return parts[2], shard
}

// DefaultPrefix begins the keys of a window's defaults.
func DefaultPrefix(windowID int64) string { return "default/" + padded(windowID, 8) + "/" }

// DefaultKey holds a Default.
func DefaultKey(windowID int64, mspID, defaultID string) string {
	return DefaultPrefix(windowID) + mspID + "/" + defaultID
}

// FeePrefix begins the keys of an issuer's acceptance fees.
func FeePrefix(issuerMSP string) string { return "fee/" + issuerMSP + "/" }

// FeeKey holds an AcceptanceFee.
func FeeKey(issuerMSP, acceptorMSP string) string { return FeePrefix(issuerMSP) + acceptorMSP }

// FundPrefix begins the keys of all shares of the mutual fund.
const FundPrefix = "fund/"

// FundKey holds what a merchant contributed to the mutual fund, a Collateral.
func FundKey(mspID string) string { return FundPrefix + mspID }

// CoverKey holds a Cover.
func CoverKey(issuerMSP string) string { return "cover/" + issuerMSP }

// PositionPrefix begins the keys of a window's positions.
func PositionPrefix(windowID int64) string { return "position/" + padded(windowID, 8) + "/" }

// IssuerPositionPrefix begins the keys of a window's positions of one issuer.
func IssuerPositionPrefix(windowID int64, issuerMSP string) string {
	return PositionPrefix(windowID) + issuerMSP + "/"
}

// PositionKey holds a Position.
func PositionKey(windowID int64, issuerMSP, acceptorMSP string, shard int64) string {
	return IssuerPositionPrefix(windowID, issuerMSP) + acceptorMSP + "/" + padded(shard, 2)
}

// CarryKey holds a Carry.
func CarryKey(issuerMSP, acceptorMSP string) string { return "carry/" + issuerMSP + "/" + acceptorMSP }

// WindowKey holds a Window.
func WindowKey(windowID int64) string { return "window/" + padded(windowID, 8) }

// NettingKey holds a Netting.
func NettingKey(windowID int64) string { return "netting/" + padded(windowID, 8) }

// MatrixPrefix begins the keys of a window's matrix.
func MatrixPrefix(windowID int64) string { return "matrix/" + padded(windowID, 8) + "/" }

// MatrixKey holds a Matrix.
func MatrixKey(windowID int64, issuerMSP string) string { return MatrixPrefix(windowID) + issuerMSP }

// StatementPrefix begins the keys of a window's statements.
func StatementPrefix(windowID int64) string { return "statement/" + padded(windowID, 8) + "/" }

// StatementKey holds a Statement.
func StatementKey(windowID int64, mspID string) string { return StatementPrefix(windowID) + mspID }
