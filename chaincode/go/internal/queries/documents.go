package queries

import (
	"fmt"
	"strings"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// document is a query for one stored document as it is; code, with the arguments in the order of their names, where there is none.
func document(name string, arguments fields.Map, code string, key func(args *canonical.Object) string) *Query {
	return shapedDocument(name, arguments, code, key, asStored)
}

// shapedDocument is a query for one document, shown in another shape than it is stored in.
func shapedDocument(
	name string, arguments fields.Map, code string, key func(args *canonical.Object) string, shape shape,
) *Query {
	return &Query{fields.Of(arguments), func(view *ledger.View, moment Moment, args *canonical.Object) (any, error) {
		entry := ledger.Entry{Key: key(args)}
		if entry.Value = view.Get(entry.Key); entry.Value != nil {
			return shape(entry, moment), nil
		}
		var asked []string
		for _, field := range args.Fields {
			asked = append(asked, fmt.Sprint(field.Value))
		}
		if asked == nil {
			asked = []string{name}
		}
		return nil, refusal.New(code, strings.Join(asked, " "))
	}}
}

// shape is what a query shows of a stored document at a moment.
type shape func(entry ledger.Entry, moment Moment) any

func asStored(entry ledger.Entry, _ Moment) any { return canonical.Raw(entry.Value) }

func redemptionShown(entry ledger.Entry, _ Moment) any {
	return ledger.RedemptionOf(entry.Key, entry.Value)
}

// holdShown is a hold without what is remembered of requests about it.
func holdShown(entry ledger.Entry, _ Moment) any { return ledger.HoldOf(entry.Key, entry.Value) }

// proposalShown is a proposal as it is at the moment.
func proposalShown(entry ledger.Entry, moment Moment) any {
	var proposal ledger.Proposal
	ledger.Decode(entry.Key, entry.Value, &proposal)
	proposal.Status = proposal.StatusAt(moment.Now)
	return &proposal
}

func byText(name string, key func(string) string) func(*canonical.Object) string {
	return func(args *canonical.Object) string { return key(args.Text(name)) }
}

func at(key string) func(*canonical.Object) string {
	return func(*canonical.Object) string { return key }
}

// documents are the questions that give one document, most of them as it is stored.
var documents = map[string]*Query{
	"GetConsortium":    document("GetConsortium", nil, refusal.ConsortiumNotOpen, at(ledger.ConsortiumKey)),
	"GetCurrentWindow": document("GetCurrentWindow", nil, refusal.UnknownWindow, at(ledger.CurrentWindowKey)),
	"GetMerchant": document("GetMerchant", fields.Map{"msp_id": fields.MSPID}, refusal.UnknownMerchant,
		byText("msp_id", ledger.MerchantKey)),
	"GetProposal": shapedDocument("GetProposal", fields.Map{"proposal_id": fields.ProposalID}, refusal.UnknownProposal,
		byText("proposal_id", ledger.ProposalKey), proposalShown),
	"GetClass": document("GetClass", fields.Map{"class_id": fields.ClassID}, refusal.UnknownClass,
		byText("class_id", ledger.ClassKey)),
	"GetMember": document("GetMember", fields.Map{"address": fields.Address}, refusal.UnknownMember,
		byText("address", ledger.MemberKey)),
	"GetRebind": document("GetRebind", fields.Map{"address": fields.Address}, refusal.UnknownRebind,
		byText("address", ledger.RebindKey)),
	"GetRate": document("GetRate", fields.Map{"from_class_id": fields.ClassID, "to_class_id": fields.ClassID}, refusal.NoRate,
		func(args *canonical.Object) string {
			return ledger.RateKey(args.Text("from_class_id"), args.Text("to_class_id"))
		}),
	"GetCover": document("GetCover", fields.Map{"issuer_msp": fields.MSPID}, refusal.NotFound,
		byText("issuer_msp", ledger.CoverKey)),
	"GetAcceptanceFee": document("GetAcceptanceFee",
		fields.Map{"acceptor_msp": fields.MSPID, "issuer_msp": fields.MSPID}, refusal.NotFound,
		func(args *canonical.Object) string {
			return ledger.FeeKey(args.Text("issuer_msp"), args.Text("acceptor_msp"))
		}),
	"GetFundShare": document("GetFundShare", fields.Map{"msp_id": fields.MSPID}, refusal.NotFound,
		byText("msp_id", ledger.FundKey)),
	"GetRedemption": shapedDocument("GetRedemption", fields.Map{"redemption_id": fields.ObjectID}, refusal.UnknownRedemption,
		byText("redemption_id", ledger.RedemptionKey), redemptionShown),
	"GetDispute": document("GetDispute",
		fields.Map{"issuer_msp": fields.MSPID, "redemption_id": fields.ObjectID}, refusal.UnknownDispute,
		func(args *canonical.Object) string {
			return ledger.DisputeKey(args.Text("redemption_id"), args.Text("issuer_msp"))
		}),
	"GetHold": shapedDocument("GetHold", fields.Map{"hold_id": fields.ObjectID}, refusal.UnknownHold,
		byText("hold_id", ledger.HoldKey), holdShown),
	"GetStatement": document("GetStatement",
		fields.Map{"msp_id": fields.MSPID, "window_id": fields.WindowID}, refusal.UnknownStatement,
		func(args *canonical.Object) string {
			return ledger.StatementKey(args.Integer("window_id"), args.Text("msp_id"))
		}),
	"GetMatrix": document("GetMatrix",
		fields.Map{"issuer_msp": fields.MSPID, "window_id": fields.WindowID}, refusal.NotFound,
		func(args *canonical.Object) string {
			return ledger.MatrixKey(args.Integer("window_id"), args.Text("issuer_msp"))
		}),
	"GetReceipt": {
		fields.Of(fields.Map{
			"about": fields.Optional(fields.Place), "authoriser": fields.Authoriser, "request_id": fields.RequestID,
		}), receipt,
	},
	"GetWindow": {fields.Of(fields.Map{"window_id": fields.WindowID}), window},
	"GetPosition": {
		fields.Of(fields.Map{"acceptor_msp": fields.MSPID, "issuer_msp": fields.MSPID, "window_id": fields.WindowID}), position,
	},
}

// receipt says which transaction carried out a request, and until when that is remembered: about a balance, redemption or hold, by its key,
// or (without) about none of these. NOT_FOUND.
func receipt(view *ledger.View, moment Moment, args *canonical.Object) (any, error) {
	authoriser, requestID := args.Text("authoriser"), args.Text("request_id")
	requester := authoriser + "/" + requestID
	var found *ledger.Request
	if args.Has("about") {
		found = ledger.RequestsAt(view, args.Text("about")).Find(requester, moment.Now)
	} else {
		found = ledger.LoadReceipt(view, ledger.ReceiptKey(authoriser, requestID))
	}
	if found == nil || found.Content == "" {
		return nil, refusal.New(refusal.NotFound, requester)
	}
	return map[string]any{
		"about":      args.Get("about"),
		"authoriser": authoriser,
		"request_id": requestID,
		"tx_id":      found.TxID,
		"until":      found.Until,
	}, nil
}

// window gives an ended window, or the open one with status OPEN. UNKNOWN_WINDOW.
func window(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	windowID := args.Integer("window_id")
	if found := view.Get(ledger.WindowKey(windowID)); found != nil {
		return canonical.Raw(found), nil
	}
	current := ledger.Read[ledger.CurrentWindow](view, ledger.CurrentWindowKey)
	if current.WindowID != windowID {
		return nil, refusal.Newf(refusal.UnknownWindow, "%d", windowID)
	}
	return map[string]any{"opened_at": current.OpenedAt, "status": "OPEN", "window_id": windowID}, nil
}

// position gives what an issuer owes an acceptor in a window, over all shards.
func position(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	windowID, issuerMSP, acceptorMSP := args.Integer("window_id"), args.Text("issuer_msp"), args.Text("acceptor_msp")
	var sum ledger.Position
	for _, entry := range view.Range(ledger.IssuerPositionPrefix(windowID, issuerMSP) + acceptorMSP + "/") {
		var found ledger.Position
		ledger.Decode(entry.Key, entry.Value, &found)
		sum.Add(&found)
	}
	return map[string]any{
		"acceptor_msp":        acceptorMSP,
		"adjusted_millionths": sum.AdjustedMillionths,
		"issuer_msp":          issuerMSP,
		"redeemed_millionths": sum.RedeemedMillionths,
		"refunded_millionths": sum.RefundedMillionths,
		"value_millionths":    sum.Value(),
		"window_id":           windowID,
	}, nil
}
