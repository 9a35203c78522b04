package queries

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/rules/points"
)

// aboutPoints are the questions about balances with their buckets, supply, allowances and issuances.
var aboutPoints = map[string]*Query{
	"GetBalance": {fields.Of(fields.Map{"account": fields.Account, "class_id": fields.ClassID}), balance},
	"GetSupply":  {fields.Of(fields.Map{"class_id": fields.ClassID}), supply},
	"GetAllowance": {
		fields.Of(fields.Map{"class_id": fields.ClassID, "owner": fields.Address, "spender": fields.Address}), allowance,
	},
	"GetIssuance": {
		fields.Of(fields.Map{"account": fields.Account, "class_id": fields.ClassID, "issuance_id": fields.IssuanceID}), issuance,
	},
}

// Balance is a balance with its sums on a day: points = spendable + held + pending + expired (each point once; held counts first).
type Balance struct {
	Account        string                 `json:"account"`
	Buckets        []ledger.Bucket        `json:"buckets"`
	ClassID        string                 `json:"class_id"`
	Debt           int64                  `json:"debt"`
	Expired        int64                  `json:"expired"`
	Held           int64                  `json:"held"`
	Pending        int64                  `json:"pending"`
	PendingBuckets []ledger.PendingPoints `json:"pending_buckets"`
	Points         int64                  `json:"points"`
	Spendable      int64                  `json:"spendable"`
}

// BalanceOf gives a balance as it stands today, with what became available by then in its buckets, and its sums. What has expired is still
// shown, until someone changes the balance.
func BalanceOf(view *ledger.View, classID, account string, today calendar.Day) *Balance {
	stored := ledger.LoadBalance(view, classID, account, today)
	found := &Balance{
		Account:        account,
		Buckets:        stored.Buckets,
		ClassID:        classID,
		Debt:           stored.Debt,
		Expired:        stored.Expired(today),
		PendingBuckets: stored.Pending,
		Points:         stored.Points(),
		Spendable:      stored.Spendable(ledger.Everything),
	}
	for i := range stored.Buckets {
		found.Held += stored.Buckets[i].Held
	}
	for i := range stored.Pending {
		found.Pending += stored.Pending[i].Points
	}
	return found
}

// Supply is a class's flows over all gateways and shards, and what is outstanding.
type Supply struct {
	ledger.Supply
	ClassID     string `json:"class_id"`
	Outstanding int64  `json:"outstanding"`
}

// SupplyOf adds up a class's flows. OVERFLOW.
func SupplyOf(view *ledger.View, classID string) (*Supply, error) {
	total := &Supply{ClassID: classID}
	for _, entry := range view.Range("supply/" + classID + "/") {
		var part ledger.Supply
		ledger.Decode(entry.Key, entry.Value, &part)
		for _, flow := range []struct{ sum, part *int64 }{
			{&total.Issued, &part.Issued},
			{&total.RedeemedOwn, &part.RedeemedOwn},
			{&total.RedeemedElsewhere, &part.RedeemedElsewhere},
			{&total.Expired, &part.Expired},
			{&total.Reversed, &part.Reversed},
			{&total.Restored, &part.Restored},
			{&total.Indebted, &part.Indebted},
			{&total.Repaid, &part.Repaid},
		} {
			sum, err := ledger.Exact(*flow.sum + *flow.part)
			if err != nil {
				return nil, err
			}
			*flow.sum = sum
		}
	}
	gone := total.RedeemedOwn + total.RedeemedElsewhere + total.Expired + total.Reversed + total.Repaid
	total.Outstanding = total.Issued + total.Restored + total.Indebted - gone
	return total, nil
}

func balance(view *ledger.View, moment Moment, args *canonical.Object) (any, error) {
	if _, err := rules.PointClass(view, args.Text("class_id")); err != nil {
		return nil, err
	}
	return BalanceOf(view, args.Text("class_id"), args.Text("account"), moment.Today), nil
}

func supply(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	if _, err := rules.PointClass(view, args.Text("class_id")); err != nil {
		return nil, err
	}
	return SupplyOf(view, args.Text("class_id"))
}

func allowance(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	classID, owner, spender := args.Text("class_id"), args.Text("owner"), args.Text("spender")
	if _, err := rules.PointClass(view, classID); err != nil {
		return nil, err
	}
	return args.With("points", points.AllowanceOf(view, classID, owner, spender)), nil
}

// issuance gives what can still be clawed back of points that were issued, as the account's memory has it. UNKNOWN_CLASS, UNKNOWN_ISSUANCE.
func issuance(view *ledger.View, moment Moment, args *canonical.Object) (any, error) {
	classID, account, issuanceID := args.Text("class_id"), args.Text("account"), args.Text("issuance_id")
	balance := ledger.LoadBalance(view, classID, account, moment.Today)
	class, err := rules.PointClass(view, classID)
	if err != nil {
		return nil, err
	}
	found := points.FindIssuance(&balance.Requests, class.IssuerMSP, args, moment.Now, moment.Today)
	if found == nil {
		return nil, refusal.New(refusal.UnknownIssuance, classID+" "+issuanceID)
	}
	return map[string]any{
		"account":        account,
		"available_on":   found.Issued.AvailableOn,
		"class_id":       classID,
		"clawback_until": found.Issued.LastDay,
		"expires_on":     found.Issued.ExpiresOn,
		"issuance_id":    issuanceID,
		"points":         found.Issued.Points,
	}, nil
}
