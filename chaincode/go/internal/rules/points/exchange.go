package points

import (
	"strconv"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// exchange: a member gives points of one class for new points of another, at the rate version and on the terms she saw.
//
// The points given are redeemed at the issuer of the points received, so their issuer comes to owe it their value; the
// points received are floor(points * numerator / denominator), issued as issuance `<address>/<request_id>.0`, which
// nobody can claw back by itself (what is clawed back of another issuance to the account may be taken from these
// points: ReverseIssue). terms_hash is termsHash of the class received: how long its points last, where they are taken,
// whether they can be sent on, what one is worth; so its issuer, who relays, cannot change them after the signature.
// Requires: the issuer of the points received relays. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_CLASS, NOT_ACCEPTOR,
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, CLASS_STOPPED, NOT_ACCEPTED, ISSUER_NOT_HONOURED, NO_RATE, RATE_CHANGED,
// TERMS_CHANGED, NOT_ENROLLED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, AMOUNT_TOO_SMALL, EXPIRES_BEFORE_AVAILABLE,
// TOO_MANY_BUCKETS, CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var exchange = rules.Operation{
	Name:      "Exchange",
	Authority: rules.ByMember,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"from_class_id": fields.ClassID,
		"points":        fields.PositivePoints,
		"rate_version":  fields.Integer(1, limits.IntegerMax),
		"terms_hash":    fields.Hash,
		"to_class_id":   fields.ClassID,
	}),
	About: rules.AboutNewRedemption,
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		from, to := args.Text("from_class_id"), args.Text("to_class_id")
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.MemberKey(context.Authoriser),
			ledger.RateKey(from, to),
			ledger.ClassKey(from),
			ledger.ClassKey(to),
			ledger.BalanceKey(from, context.Authoriser),
			ledger.BalanceKey(to, context.Authoriser),
			ledger.SupplyKey(from, context.MSPID(), context.Shard),
			ledger.SupplyKey(to, context.MSPID(), context.Shard),
		}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		window, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		given, received, rate, err := exchangeTerms(view, context, args)
		if err != nil {
			return nil, err
		}
		draws, err := drawGiven(view, context, given, args.Integer("points"))
		if err != nil {
			return nil, err
		}
		points, err := ledger.Share(args.Integer("points"), rate.Numerator, rate.Denominator)
		if err != nil {
			return nil, err
		}
		if points == 0 {
			return nil, refusal.Newf(refusal.AmountTooSmall, "%d points give 0", args.Integer("points"))
		}
		issuance, err := rules.IssuePoints(view, context, received, rules.NewPoints{
			Account:     context.Authoriser,
			Points:      points,
			AvailableOn: context.Today,
			ExpiresOn:   received.Validity.Expiry(context.Today),
			Kind:        rules.Exchanged,
		})
		if err != nil {
			return nil, err
		}
		reference := "exchange " + received.ClassID + " version " + strconv.FormatInt(rate.Version, 10)
		purchase := rules.Order{
			Window:    window,
			Member:    context.Authoriser,
			Reference: reference,
			Kind:      rules.ExchangeKind,
		}
		redemption, err := rules.RedeemDraws(view, context, purchase, draws)
		return rules.Result{"issuance": issuance, "redemption": redemption}, err
	},
}

// exchangeTerms gives both classes and the rate, after every check that comes before the points are counted.
func exchangeTerms(
	view *ledger.View, context *rules.Context, args *canonical.Object,
) (given, received *ledger.Class, rate *ledger.Rate, err error) {
	if received, err = rules.PointClass(view, args.Text("to_class_id")); err != nil {
		return
	}
	if err = rules.RequireAcceptor(context, received.IssuerMSP); err != nil {
		return
	}
	if err = rules.RequireMerchant(view, context.MSPID(), rules.Issuing); err != nil {
		return
	}
	if given, err = rules.PointClass(view, args.Text("from_class_id")); err != nil {
		return
	}
	if err = rules.RequireRunning(received); err != nil {
		return
	}
	if _, err = rules.SpendableClasses(view, context, []string{given.ClassID}, context.MSPID()); err != nil {
		return
	}
	rate = ledger.Read[ledger.Rate](view, ledger.RateKey(given.ClassID, received.ClassID))
	if rate == nil || !rate.Active {
		err = refusal.New(refusal.NoRate, given.ClassID+" to "+received.ClassID)
		return
	}
	if expected := args.Integer("rate_version"); rate.Version != expected {
		err = refusal.Newf(refusal.RateChanged, "version %d, expected %d", rate.Version, expected)
		return
	}
	if terms, expected := termsHash(received), args.Text("terms_hash"); terms != expected {
		err = refusal.Newf(refusal.TermsChanged, "%s has %s, expected %s", received.ClassID, terms, expected)
		return
	}
	if err = rules.RequireReceiving(view, received, context.Authoriser); err != nil {
		return
	}
	err = rules.RequireSpending(view, context.Authoriser)
	return
}

// drawGiven takes points of the class given out of the member's balance. INSUFFICIENT_POINTS, OVERFLOW.
func drawGiven(view *ledger.View, context *rules.Context, given *ledger.Class, points int64) ([]ledger.Draw, error) {
	balance := ledger.LoadBalance(view, given.ClassID, context.Authoriser, context.Today)
	parts, err := balance.Draw(points, ledger.Everything)
	if err != nil {
		return nil, err
	}
	draws := make([]ledger.Draw, len(parts))
	for i, part := range parts {
		if draws[i], err = rules.DrawRecord(given, part.ExpiresOn, part.Points); err != nil {
			return nil, err
		}
	}
	return draws, rules.Save(view, context, balance)
}
