package rules

import (
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// The two accounts of a merchant's collateral.
const (
	CoverAccount = "COVER"
	FundAccount  = "FUND"
)

// Collateral is one of a merchant's two accounts, its cover or its share of the mutual fund, which gives out no limits.
type Collateral struct {
	ledger.Cover
	account, mspID string
}

// CollateralKey is where an account stands.
func CollateralKey(account, mspID string) string {
	if account == CoverAccount {
		return ledger.CoverKey(mspID)
	}
	return ledger.FundKey(mspID)
}

// CollateralOf is the account; one of nothing when nothing was posted.
func CollateralOf(view *ledger.View, account, mspID string) *Collateral {
	found := &Collateral{account: account, mspID: mspID}
	if account == CoverAccount {
		found.Cover = *LoadOr[ledger.Cover](view, ledger.CoverKey(mspID))
		return found
	}
	share := LoadOr[ledger.FundShare](view, ledger.FundKey(mspID))
	found.PostedMillionths, found.ReturningMillionths = share.PostedMillionths, share.ReturningMillionths
	return found
}

// Document is the account as it is stored.
func (c *Collateral) Document() any {
	if c.account == CoverAccount {
		return &c.Cover
	}
	return &ledger.FundShare{PostedMillionths: c.PostedMillionths, ReturningMillionths: c.ReturningMillionths}
}

// Put stores the account.
func (c *Collateral) Put(view *ledger.View) {
	view.Put(CollateralKey(c.account, c.mspID), c.Document())
}

// RequireFree refuses COLLATERAL_IN_USE unless so much of the account is free.
func (c *Collateral) RequireFree(millionths int64) error {
	if millionths > c.Free() {
		return refusal.Newf(refusal.CollateralInUse, "%s %s: free %d, asked %d", c.mspID, c.account, c.Free(), millionths)
	}
	return nil
}
