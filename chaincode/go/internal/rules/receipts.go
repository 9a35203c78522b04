package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// What has the id of the request that made it. A redemption and a hold have keys of their own, so the stored result of their receipt has
// null in their place; new points are what their issuance says, so the stored result has [class_id, debt_paid] in its place. A repetition
// reads all three there. When a receipt is swept whose operation made something that outlives it, {"made": [noun ...]} stays: so a request
// id that named an issuance, redemption or hold once names no other, and whoever makes one need not look whether it is there already.
const (
	holdNoun       = "hold"
	issuanceNoun   = "issuance"
	redemptionNoun = "redemption"
)

// makes names the operations that make what has the request's id, and so say themselves which of it is there (ISSUANCE_EXISTS,
// REDEMPTION_EXISTS, HOLD_EXISTS).
var makes = map[string][]string{
	"Accrue":         {issuanceNoun},
	"Capture":        {redemptionNoun},
	"Exchange":       {issuanceNoun, redemptionNoun},
	"Hold":           {holdNoun},
	"ImportBalances": {issuanceNoun},
	"Issue":          {issuanceNoun},
	"Redeem":         {redemptionNoun},
}

// classIssued names the argument with the class of the issuance in an operation's result.
var classIssued = map[string]string{"Accrue": "class_id", "Exchange": "to_class_id", "Issue": "class_id"}

// membersIssuance names the operations of members whose issuance's id has the address before it.
var membersIssuance = map[string]bool{"Exchange": true}

// makesLike says whether the operation makes one of the nouns.
func makesLike(operation string, nouns []string) bool {
	return slices.ContainsFunc(makes[operation], func(noun string) bool { return slices.Contains(nouns, noun) })
}

// kept is what the receipt stores of a result, whose canonical bytes are given.
func kept(operation string, args *canonical.Object, result Result, encoded canonical.Raw) canonical.Raw {
	issuance, _ := result[issuanceNoun].(*ledger.Issued)
	if result[redemptionNoun] == nil && result[holdNoun] == nil && issuance == nil {
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
	if issuance != nil {
		stored[issuanceNoun] = []any{args.Text(classIssued[operation]), issuance.DebtPaid}
	}
	return canonical.Encode(stored)
}

// ToldResult is the result that a stored receipt tells, as it was given first: nothing was refunded yet, nothing captured or
// released. What a hold pinned it tells while the hold is open.
func ToldResult(view *ledger.View, receipt *ledger.Receipt, authoriser, requestID string) canonical.Raw {
	result := storedResult(receipt)
	newID := authoriser + "/" + requestID
	if issued := result.List(issuanceNoun); issued != nil {
		issuanceID := requestID + ".0"
		if membersIssuance[receipt.Op] {
			issuanceID = newID + ".0"
		}
		issuance := ledger.LoadIssuance(view, issued[0].(string), issuanceID)
		result = result.With(issuanceNoun, issuance.Told(issuanceID, issued[1].(int64)))
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
	if result.Has(issuanceNoun) || len(result.List("issuances")) > 0 {
		nouns = append(nouns, issuanceNoun)
	}
	if _, there := result.Lookup(redemptionNoun); there {
		nouns = append(nouns, redemptionNoun)
	}
	return nouns
}
