package rules

import (
	"bytes"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// What has the id of the request that made it. A redemption has a key of its own, so the stored result of its receipt has null in its
// place, and a repetition reads it there. When a receipt is swept whose operation made something that outlives it, {"made": [noun ...]}
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

// makesLike says whether the operation makes one of the nouns.
func makesLike(operation string, nouns []string) bool {
	return slices.ContainsFunc(makes[operation], func(noun string) bool { return slices.Contains(nouns, noun) })
}

// kept is what the receipt stores of a result, whose canonical bytes are given.
func kept(result Result, encoded canonical.Raw) canonical.Raw {
	if result[redemptionNoun] == nil {
		return encoded
	}
	stored := make(Result, len(result))
	for name, value := range result {
		stored[name] = value
	}
	stored[redemptionNoun] = nil
	return canonical.Encode(stored)
}

// ToldResult is the result that a stored receipt tells, as it was given first: nothing was refunded yet. newID is the id of what the
// request made.
func ToldResult(view *ledger.View, receipt *ledger.Receipt, newID string) canonical.Raw {
	if !bytes.Contains(receipt.Result, []byte(`"redemption":null`)) {
		return receipt.Result
	}
	redemption := ledger.Load[ledger.Redemption](view, ledger.RedemptionKey(newID))
	redemption.Refunded = 0
	for i := range redemption.Draws {
		redemption.Draws[i].Refunded = 0
	}
	return canonical.Encode(storedResult(receipt).With(redemptionNoun, redemption))
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
