package collateral

import (
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// account is one of the two that a merchant has, its cover or its share of the mutual fund, which gives out no limits.
type account struct {
	ledger.Cover
	name, mspID string
}

// keyOf is where an account stands.
func keyOf(name, mspID string) string {
	if name == "COVER" {
		return ledger.CoverKey(mspID)
	}
	return ledger.FundKey(mspID)
}

// accountOf is the account; one of nothing when nothing was posted.
func accountOf(view *ledger.View, name, mspID string) *account {
	found := &account{name: name, mspID: mspID}
	if name == "COVER" {
		found.Cover = *rules.LoadOr[ledger.Cover](view, ledger.CoverKey(mspID))
		return found
	}
	share := rules.LoadOr[ledger.FundShare](view, ledger.FundKey(mspID))
	found.PostedMillionths, found.ReturningMillionths = share.PostedMillionths, share.ReturningMillionths
	return found
}

// document is the account as it is stored.
func (a *account) document() any {
	if a.name == "COVER" {
		return &a.Cover
	}
	return &ledger.FundShare{PostedMillionths: a.PostedMillionths, ReturningMillionths: a.ReturningMillionths}
}

func (a *account) put(view *ledger.View) { view.Put(keyOf(a.name, a.mspID), a.document()) }

// requireFree gives COLLATERAL_IN_USE unless so much of the account is free.
func (a *account) requireFree(millionths int64) error {
	if millionths > a.Free() {
		return refusal.Newf(refusal.CollateralInUse, "%s %s: free %d, asked %d", a.mspID, a.name, a.Free(), millionths)
	}
	return nil
}
