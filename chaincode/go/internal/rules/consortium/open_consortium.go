package consortium

import (
	"slices"
	"strings"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// openConsortium is the first operation. It fixes name, operators, network, currency, time zone and deadlines, and opens
// window 1 at now. For refund_days after its day a redemption can be refunded; then Sweep may delete it. disputes
// says how long each stage of a dispute lasts, and what its loser pays the winner.
//
// So that no organisation on the channel makes itself the operator, each organisation's chaincode server is told of the
// operators by that organisation's own declaration, and endorses no others. network_id is the hash of the channel's
// first block, which each such server was told, too: what members sign names it, and is good on no other network.
// Requires: an admin of one of the operators it names. Refuses: CONSORTIUM_OPEN, NOT_OPERATOR, OPERATORS_DIFFER,
// NETWORK_DIFFERS.
var openConsortium = rules.Operation{
	Name:      "OpenConsortium",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Opens:     true,
	Arguments: fields.Of(fields.Map{
		"acceptance_days":   fields.Integer(0, limits.AcceptanceDaysMax),
		"confirmation_days": fields.Integer(1, limits.ConfirmationDaysMax),
		"currency": fields.Record(fields.Map{
			"code":                  fields.Currency,
			"minor_unit_millionths": fields.MinorUnit,
		}),
		"disputes": fields.Record(fields.Map{
			"answer_days":     fields.Integer(0, limits.DisputeDaysMax),
			"escalation_days": fields.Integer(0, limits.DisputeDaysMax),
			"fee_minor":       fields.Integer(0, limits.DisputeFeeMinorMax),
			"inquiry_days":    fields.Integer(0, limits.DisputeDaysMax),
			"vote_days":       fields.Integer(0, limits.DisputeDaysMax),
		}),
		"name":         fields.Name,
		"network_id":   fields.Hash,
		"operators":    fields.Unique(fields.Array(fields.MSPID, 1, limits.OperatorsMax)),
		"payment_days": fields.Integer(1, limits.PaymentDaysMax),
		"refund_days":  fields.Integer(1, limits.RefundDaysMax),
		"time_zone":    fields.Record(fields.Map{"name": fields.Name, "offsets": fields.Offsets}),
	}),
	Prefetch: func(*rules.Context, *canonical.Object) []string { return []string{ledger.ConsortiumKey} },
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if view.Has(ledger.ConsortiumKey) {
			return nil, refusal.New(refusal.ConsortiumOpen, "the consortium was opened before")
		}
		if !slices.Contains(args.Texts("operators"), context.MSPID()) {
			return nil, refusal.New(refusal.NotOperator, context.MSPID())
		}
		told := slices.Sorted(slices.Values(context.Operators))
		if told != nil && !slices.Equal(told, slices.Sorted(slices.Values(args.Texts("operators")))) {
			return nil, refusal.New(refusal.OperatorsDiffer, "this organisation was told of "+strings.Join(told, ", "))
		}
		if context.NetworkID != "" && context.NetworkID != args.Text("network_id") {
			return nil, refusal.New(refusal.NetworkDiffers, "the channel's first block is "+context.NetworkID)
		}
		view.Put(ledger.ConsortiumKey, args)
		view.Put(ledger.CurrentWindowKey, &ledger.CurrentWindow{
			Discharged: []ledger.Discharge{}, OpenedAt: context.Now, Unsettled: []int64{}, WindowID: 1,
		})
		return rules.Result{"window_id": 1}, nil
	},
}
