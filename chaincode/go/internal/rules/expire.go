package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
)

// expire sweeps the expired lots of one class out of the named accounts. Held points stay until their hold ends.
//
// An expired lot cannot be spent whether swept or not; the sweep only books it. Any organisation may do it. Refuses: UNKNOWN_CLASS,
// OVERFLOW.
var expire = Operation{
	Name:      "Expire",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Finance},
	Arguments: fields.Of(fields.Map{
		"accounts": fields.Unique(fields.Array(fields.Account, 1, limits.AccountsPerExpireMax)),
		"class_id": fields.ClassID,
	}),
	Prefetch: func(context *Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		keys := []string{ledger.ClassKey(classID), ledger.SupplyKey(classID, context.MSPID(), context.Shard)}
		for _, account := range args.Texts("accounts") {
			keys = append(keys, ledger.BalanceKey(classID, account))
		}
		return keys
	},
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		classID := args.Text("class_id")
		if _, err := PointClass(view, classID); err != nil {
			return nil, err
		}
		sweeps := []swept{}
		var total int64
		for _, account := range args.Texts("accounts") {
			points, err := sweep(ledger.LoadBalance(view, classID, account), context.Today)
			if err != nil {
				return nil, err
			}
			if points != 0 {
				sweeps = append(sweeps, swept{account, points})
				total += points
			}
		}
		if err := count(view, context, classID, expired, total); err != nil {
			return nil, err
		}
		return Result{"class_id": classID, "points": total, "swept": sweeps}, nil
	},
}

// swept is the points that expired in one account.
type swept struct {
	Account string `json:"account"`
	Points  int64  `json:"points"`
}

// sweep takes the expired points that are not held out of a balance, stores it where there were any, and gives their sum. OVERFLOW.
func sweep(balance *ledger.Balance, today string) (int64, error) {
	var points int64
	for _, lot := range slices.Clone(balance.Lots) {
		part := lot.Points - lot.Held
		if !lot.IsExpired(today) || part == 0 {
			continue
		}
		if err := balance.Change(lot.LotDates, -part, 0); err != nil {
			return 0, err
		}
		points += part
	}
	if points != 0 {
		balance.Save()
	}
	return points, nil
}
