package legacy

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// importBalances: the issuer brings balances of a legacy system onto the ledger, each into the custody account
// `legacy:<reference_hash>`.
//
// reference_hash is the salted SHA-256 of the legacy reference; each is imported once a class. The entries must add up
// to control_total_points. All or nothing. expires_on defaults to the class's validity. Refuses: UNKNOWN_MERCHANT,
// MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER, CLASS_STOPPED, CONTROL_TOTAL_MISMATCH, REFERENCE_USED,
// EXPIRES_BEFORE_AVAILABLE, OVERFLOW.
var importBalances = rules.Operation{
	Name:      "ImportBalances",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"class_id":             fields.ClassID,
		"control_total_points": fields.PositivePoints,
		"entries": fields.Array(fields.Record(fields.Map{
			"expires_on":     fields.Optional(fields.Date),
			"points":         fields.PositivePoints,
			"reference_hash": fields.Hash,
		}), 1, limits.EntriesPerImportMax),
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		keys := []string{
			ledger.MerchantKey(context.MSPID()),
			ledger.ClassKey(classID),
			ledger.SupplyKey(classID, context.MSPID(), context.Shard),
		}
		for _, entry := range args.Objects("entries") {
			hash := entry.Text("reference_hash")
			keys = append(keys,
				ledger.LegacyKey(classID, hash),
				ledger.BalanceKey(classID, fields.LegacyPrefix+hash))
		}
		return keys
	},
	Apply: applyImportBalances,
}

func applyImportBalances(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	found, err := rules.IssuingClass(view, context, args.Text("class_id"))
	if err != nil {
		return nil, err
	}
	entries := args.Objects("entries")
	var total int64
	for _, entry := range entries {
		total += entry.Integer("points")
	}
	if control := args.Integer("control_total_points"); total != control {
		return nil, refusal.Newf(refusal.ControlTotalMismatch, "entries %d, control total %d", total, control)
	}
	for _, entry := range entries {
		key := ledger.LegacyKey(found.ClassID, entry.Text("reference_hash"))
		if view.Has(key) {
			return nil, refusal.New(refusal.ReferenceUsed, entry.Text("reference_hash"))
		}
		view.Put(key, &ledger.Import{ImportedOn: context.Today.Date(), Points: entry.Integer("points")})
	}
	issuances := make([]*ledger.Issued, len(entries))
	for index, entry := range entries {
		wanted := rules.NewPoints{
			Account:     fields.LegacyPrefix + entry.Text("reference_hash"),
			Points:      entry.Integer("points"),
			Index:       index,
			AvailableOn: context.Today,
			ExpiresOn:   found.Validity.Expiry(context.Today),
			Kind:        rules.Imported,
		}
		if entry.Has("expires_on") {
			wanted.ExpiresOn = calendar.DayNumber(entry.Text("expires_on"))
		}
		if issuances[index], err = rules.IssuePoints(view, context, found, wanted); err != nil {
			return nil, err
		}
	}
	return rules.Result{"class_id": found.ClassID, "issuances": issuances, "points": total}, nil
}
