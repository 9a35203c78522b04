package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// What has the id of the request that made it. A redemption and a hold have keys of their own, so the stored result of their receipt has
// null in their place; a new lot is what its issuance says, so the stored result has its class in its place. A repetition reads both there. When a receipt is swept whose operation made something that outlives it, {"made": [noun ...]}
// stays: so a request id that named a lot, redemption or hold once names no other, and whoever makes one need not look whether it is
// there already.
const (
	holdNoun       = "hold"
	lotNoun        = "lot"
	redemptionNoun = "redemption"
)

// makes names the operations that make what has the request's id, and so say themselves which of it is there (LOT_EXISTS,
// REDEMPTION_EXISTS, HOLD_EXISTS).
var makes = map[string][]string{
	"Accrue":         {lotNoun},
	"Capture":        {redemptionNoun},
	"Exchange":       {lotNoun, redemptionNoun},
	"Hold":           {holdNoun},
	"ImportBalances": {lotNoun},
	"Issue":          {lotNoun},
	"Redeem":         {redemptionNoun},
}

// classOfLot names the argument with the class of the lot in an operation's result.
var classOfLot = map[string]string{"Accrue": "class_id", "Exchange": "to_class_id", "Issue": "class_id"}

// membersLot names the operations of members whose lot's id has the address before it.
var membersLot = map[string]bool{"Exchange": true}

// makesLike says whether the operation makes one of the nouns.
func makesLike(operation string, nouns []string) bool {
	return slices.ContainsFunc(makes[operation], func(noun string) bool { return slices.Contains(nouns, noun) })
}

// kept is what the receipt stores of a result, whose canonical bytes are given.
func kept(operation string, args *canonical.Object, result Result, encoded canonical.Raw) canonical.Raw {
	lot, isLot := result[lotNoun].(*ledger.IssuedLot)
	isLot = isLot && lot != nil
	if result[redemptionNoun] == nil && result[holdNoun] == nil && !isLot {
		return encoded
	}
	stored := make(Result, len(result))
	for name, value := range result {
		stored[name] = value
	}
	for _, noun := range []string{holdNoun, redemptionNoun} {
		if result[noun] != nil {
			stored[noun] = nil
		}
	}
	if isLot {
		stored[lotNoun] = args.Text(classOfLot[operation])
	}
	return canonical.Encode(stored)
}

// ToldResult is the result that a stored receipt tells, as it was given first: nothing was refunded yet, nothing captured or
// released. What a hold pinned it tells while the hold is open.
func ToldResult(view *ledger.View, receipt *ledger.Receipt, authoriser, requestID string) canonical.Raw {
	result := storedResult(receipt)
	newID := authoriser + "/" + requestID
	if class, isClass := result.Get(lotNoun).(string); isClass {
		lotID := requestID + ".0"
		if membersLot[receipt.Op] {
			lotID = newID + ".0"
		}
		issuance := ledger.Load[ledger.Issuance](view, ledger.IssuanceKey(class, lotID))
		result = result.With(lotNoun, &ledger.IssuedLot{
			LotDates: ledger.LotDates{
				AvailableOn: issuance.AvailableOn,
				ExpiresOn:   issuance.ExpiresOn,
				IssuedOn:    issuance.IssuedOn,
				LotID:       lotID,
			},
			Points: issuance.Points,
		})
	}
	if _, there := result.Lookup(redemptionNoun); there {
		redemption := ledger.LoadRedemption(view, newID)
		redemption.Refunded = 0
		for i := range redemption.Draws {
			redemption.Draws[i].Refunded = 0
		}
		result = result.With(redemptionNoun, redemption)
	}
	if _, there := result.Lookup(holdNoun); there {
		held := ledger.Load[ledger.Hold](view, ledger.HoldKey(newID))
		for i := range held.Amounts {
			held.Amounts[i].CapturedPoints = 0
		}
		held.CapturedPoints, held.RedemptionID, held.Status = 0, "", holdReserved
		result = result.With(holdNoun, held)
	}
	return canonical.Encode(result)
}

func storedResult(receipt *ledger.Receipt) *canonical.Object {
	document, err := canonical.Decode(receipt.Result)
	if err != nil {
		panic("rules: a stored result is no document: " + err.Error())
	}
	return document.(*canonical.Object)
}

// made gives the nouns that stand under the request's id because of it, in the order of their names.
func made(receipt *ledger.Receipt) []string {
	result := storedResult(receipt)
	var nouns []string
	if _, there := result.Lookup(holdNoun); there {
		nouns = append(nouns, holdNoun)
	}
	if result.Has("lot") || len(result.List("lots")) > 0 {
		nouns = append(nouns, lotNoun)
	}
	if _, there := result.Lookup(redemptionNoun); there {
		nouns = append(nouns, redemptionNoun)
	}
	return nouns
}
