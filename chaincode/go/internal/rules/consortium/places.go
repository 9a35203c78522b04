package consortium

import (
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// requirePlace refuses TOO_MANY_MERCHANTS unless the others leave a place for mspID.
func requirePlace(view *ledger.View, context *rules.Context, mspID string) error {
	others := 0
	for _, entry := range view.Range(ledger.MerchantPrefix) {
		var found ledger.Merchant
		ledger.Decode(entry.Key, entry.Value, &found)
		if found.MSPID != mspID && found.Status != "EXITED" && !found.Lapsed(context.Now) {
			others++
		}
	}
	if others >= limits.MerchantsMax {
		return refusal.Newf(refusal.TooManyMerchants, "%d merchants", limits.MerchantsMax)
	}
	return nil
}
