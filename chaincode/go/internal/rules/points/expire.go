package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/rules"
)

// expire books what has expired of one class in the named accounts, limits.DateMarginSeconds after its last day: the
// submitter chooses a transaction's date. Held points stay until their hold ends.
//
// Expired points cannot be spent whether booked or not, and whoever changes a balance books them: this is for balances
// that nobody touches. Any organisation may do it. Refuses: UNKNOWN_CLASS, OVERFLOW.
var expire = rules.Operation{
	Name:      "Expire",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"accounts": fields.Unique(fields.Array(fields.Account, 1, limits.AccountsPerExpireMax)),
		"class_id": fields.ClassID,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		keys := []string{ledger.ClassKey(classID), ledger.SupplyKey(classID, context.MSPID(), context.Shard)}
		for _, account := range args.Texts("accounts") {
			keys = append(keys, ledger.BalanceKey(classID, account))
		}
		return keys
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		classID := args.Text("class_id")
		if _, err := rules.PointClass(view, classID); err != nil {
			return nil, err
		}
		sweeps := []swept{}
		var total int64
		for _, account := range args.Texts("accounts") {
			balance := ledger.LoadBalance(view, classID, account, context.Today)
			points := balance.Expired(context.BookingDay)
			if points == 0 {
				continue
			}
			if err := rules.Save(view, context, balance); err != nil {
				return nil, err
			}
			sweeps = append(sweeps, swept{account, points})
			total += points
		}
		return rules.Result{"class_id": classID, "points": total, "swept": sweeps}, nil
	},
}

// swept is the points that expired in one account.
type swept struct {
	Account string `json:"account"`
	Points  int64  `json:"points"`
}
