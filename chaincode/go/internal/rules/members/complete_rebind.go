package members

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// completeRebind carries out a rebind that nobody objected to: the new key's account is enrolled in the place of the old
// one, which is closed for good and names its successor; and what the old one has of the named classes moves there.
//
// It can be asked again, for other classes and for what comes later: points move with their last days, what is pending
// with its days, and what is owed; of any class, since two organisations vouch that it is one person's. What holds pin
// stays until they end: an acceptor captures as it was promised, and what comes free moves then. Allowances end with the
// old account; who was frozen stays so. Requires: the home merchant, the second organisation, or the new key's own
// signature; for the first time limits.DateMarginSeconds after ready_at, however far ahead the submitter dated, while the
// home merchant answers. Refuses: MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, MEMBER_EXISTS (the new account was enrolled
// meanwhile), NOT_HOME_MERCHANT, MEMBER_NOT_ACTIVE, UNKNOWN_REBIND, REBIND_LAPSED, NOT_REBIND_PARTY, REBIND_TOO_SOON,
// TOO_MANY_BUCKETS, OVERFLOW.
var completeRebind = rules.Operation{
	Name:      "CompleteRebind",
	Authority: rules.Either,
	Roles:     []string{rules.Admin, rules.Gateway},
	Arguments: fields.Of(fields.Map{
		"address":     fields.Address,
		"class_ids":   fields.Unique(fields.Array(fields.ClassID, 0, limits.ClassesPerRedemptionMax)),
		"new_address": fields.Address,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		address, newAddress := args.Text("address"), args.Text("new_address")
		keys := []string{ledger.RebindKey(address), ledger.MemberKey(address), ledger.MemberKey(newAddress)}
		for _, classID := range args.Texts("class_ids") {
			keys = append(keys,
				ledger.ClassKey(classID),
				ledger.BalanceKey(classID, address),
				ledger.BalanceKey(classID, newAddress))
		}
		return keys
	},
	Apply: applyCompleteRebind,
}

func applyCompleteRebind(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	address, newAddress := args.Text("address"), args.Text("new_address")
	old := ledger.Read[ledger.Member](view, ledger.MemberKey(address))
	var asked *ledger.Rebind
	if old == nil || old.Successor != newAddress {
		found, err := rebind(view, args)
		if err != nil {
			return nil, err
		}
		if err := rules.RequireMerchant(view, found.HomeMSP, rules.Answering); err != nil {
			return nil, err
		}
		asked = found
	}
	for _, classID := range args.Texts("class_ids") {
		if _, err := rules.PointClass(view, classID); err != nil {
			return nil, err
		}
	}
	member, err := successor(view, context, old, newAddress, asked)
	if err != nil {
		return nil, err
	}
	moved := []any{}
	for _, classID := range args.Texts("class_ids") {
		source := ledger.LoadBalance(view, classID, address, context.Today)
		target := ledger.LoadBalance(view, classID, newAddress, context.Today)
		points, pending, debt := source.MoveInto(target)
		if err := rules.Save(view, context, target); err != nil {
			return nil, err
		}
		if err := rules.Save(view, context, source); err != nil {
			return nil, err
		}
		moved = append(moved, map[string]any{"class_id": classID, "debt": debt, "pending": pending, "points": points})
	}
	return rules.Result{"classes": moved, "member": member}, nil
}

// successor gives the member in the place of the old one, which it takes now where a rebind is still asked for.
func successor(
	view *ledger.View, context *rules.Context, old *ledger.Member, newAddress string, asked *ledger.Rebind,
) (*ledger.Member, error) {
	if asked != nil {
		return takeOver(view, context, asked)
	}
	member := ledger.Read[ledger.Member](view, ledger.MemberKey(newAddress))
	return member, requireRebindParty(context, newAddress, old.HomeMSP, member.HomeMSP)
}

// takeOver gives the new member, in the place of the old one.
func takeOver(view *ledger.View, context *rules.Context, found *ledger.Rebind) (*ledger.Member, error) {
	old, err := rebound(view, context, found)
	if err != nil {
		return nil, err
	}
	if err := requireRebindParty(context, found.NewAddress, found.HomeMSP, found.ConfirmedBy); err != nil {
		return nil, err
	}
	if found.ReadyAt == nil {
		return nil, refusal.New(refusal.RebindTooSoon, "no second organisation has confirmed it")
	}
	if context.Now <= *found.ReadyAt+limits.DateMarginSeconds {
		return nil, refusal.Newf(refusal.RebindTooSoon, "now %d, ready at %d", context.Now, *found.ReadyAt)
	}
	member := &ledger.Member{
		Address:    found.NewAddress,
		EnrolledOn: context.Today.Date(),
		HomeMSP:    found.HomeMSP,
		PublicKey:  found.PublicKey,
		Status:     old.Status,
	}
	old.Status, old.Successor = "CLOSED", found.NewAddress
	view.Put(ledger.MemberKey(found.Address), old)
	view.Put(ledger.MemberKey(found.NewAddress), member)
	view.Delete(ledger.RebindKey(found.Address))
	return member, nil
}
