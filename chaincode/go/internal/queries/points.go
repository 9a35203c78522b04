package queries

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// points are the questions about balances with their lots, supply, allowances and issuances.
var points = map[string]*Query{
	"GetBalance": {fields.Of(fields.Map{"account": fields.Account, "class_id": fields.ClassID}), balance},
	"GetSupply":  {fields.Of(fields.Map{"class_id": fields.ClassID}), supply},
	"GetAllowance": {
		fields.Of(fields.Map{"class_id": fields.ClassID, "owner": fields.Address, "spender": fields.Address}), allowance,
	},
	"GetIssuance": {fields.Of(fields.Map{"class_id": fields.ClassID, "lot_id": fields.LotID}), issuance},
}

// Balance is a balance with its sums on a day: points = spendable + held + pending + expired (each point once; held counts first).
type Balance struct {
	Account   string       `json:"account"`
	ClassID   string       `json:"class_id"`
	Expired   int64        `json:"expired"`
	Held      int64        `json:"held"`
	Lots      []ledger.Lot `json:"lots"`
	Pending   int64        `json:"pending"`
	Points    int64        `json:"points"`
	Spendable int64        `json:"spendable"`
}

// BalanceOf gives the lots and sums of a balance on today.
func BalanceOf(view *ledger.View, classID, account, today string) *Balance {
	found := &Balance{Account: account, ClassID: classID, Lots: ledger.LoadBalance(view, classID, account).Lots}
	if found.Lots == nil {
		found.Lots = []ledger.Lot{}
	}
	for i := range found.Lots {
		lot := &found.Lots[i]
		found.Points += lot.Points
		found.Held += lot.Held
		switch free := lot.Points - lot.Held; {
		case lot.IsExpired(today):
			found.Expired += free
		case lot.AvailableOn > today:
			found.Pending += free
		default:
			found.Spendable += free
		}
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
		} {
			sum, err := ledger.Exact(*flow.sum + *flow.part)
			if err != nil {
				return nil, err
			}
			*flow.sum = sum
		}
	}
	gone := total.RedeemedOwn + total.RedeemedElsewhere + total.Expired + total.Reversed
	total.Outstanding = total.Issued + total.Restored - gone
	return total, nil
}

func balance(view *ledger.View, today string, args *canonical.Object) (any, error) {
	if _, err := rules.PointClass(view, args.Text("class_id")); err != nil {
		return nil, err
	}
	return BalanceOf(view, args.Text("class_id"), args.Text("account"), today), nil
}

func supply(view *ledger.View, _ string, args *canonical.Object) (any, error) {
	if _, err := rules.PointClass(view, args.Text("class_id")); err != nil {
		return nil, err
	}
	return SupplyOf(view, args.Text("class_id"))
}

func allowance(view *ledger.View, _ string, args *canonical.Object) (any, error) {
	classID, owner, spender := args.Text("class_id"), args.Text("owner"), args.Text("spender")
	if _, err := rules.PointClass(view, classID); err != nil {
		return nil, err
	}
	return args.With("points", rules.AllowanceOf(view, classID, owner, spender)), nil
}

func issuance(view *ledger.View, _ string, args *canonical.Object) (any, error) {
	classID, lotID := args.Text("class_id"), args.Text("lot_id")
	found := ledger.Read[ledger.Issuance](view, ledger.IssuanceKey(classID, lotID))
	if found == nil {
		return nil, refusal.New(refusal.UnknownIssuance, classID+" "+lotID)
	}
	return &issuanceAnswer{
		Account: found.Account,
		ClassID: classID,
		LotDates: ledger.LotDates{
			AvailableOn: found.AvailableOn,
			ExpiresOn:   found.ExpiresOn,
			IssuedOn:    found.IssuedOn,
			LotID:       lotID,
		},
		Points:   found.Points,
		Reversed: found.Reversed,
	}, nil
}

// issuanceAnswer is where a lot began.
type issuanceAnswer struct {
	Account string `json:"account"`
	ClassID string `json:"class_id"`
	ledger.LotDates
	Points   int64 `json:"points"`
	Reversed int64 `json:"reversed"`
}
