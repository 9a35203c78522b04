package invoke

import (
	"slices"
	"strconv"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/queries"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/rules/points"
)

// The ERC-20 side of every class (EIP-20), and its ERC-7818 side (expirable ERC-20): contract `<class_id>`, function `<class_id>:<Method>`,
// text arguments and answers. The writing methods act for the submitter, whose certificate is over the account's own key, with the
// transaction id as request_id. TotalSupply is what is outstanding; BalanceOf is what can be spent now. Values are decimal text.
// EpochLength is in seconds, ValidityDuration in epochs; what an epoch is says rules/points/epochs.go.
var (
	tokenReads = map[string][]string{
		"Name":             {},
		"Symbol":           {},
		"Decimals":         {},
		"TotalSupply":      {},
		"BalanceOf":        {"owner"},
		"Allowance":        {"owner", "spender"},
		"BalanceOfAtEpoch": {"epoch", "account"},
		"CurrentEpoch":     {},
		"EpochLength":      {},
		"EpochType":        {},
		"IsEpochExpired":   {"epoch"},
		"ValidityDuration": {},
	}
	tokenWrites = map[string][]string{
		"Transfer":            {"to", "value"},
		"Approve":             {"spender", "value"},
		"TransferFrom":        {"from", "to", "value"},
		"TransferAtEpoch":     {"epoch", "to", "value"},
		"TransferFromAtEpoch": {"epoch", "from", "to", "value"},
	}
)

// timeBased is the place of TIME_BASED in ERC-7818's EPOCH_TYPE.
const timeBased = "1"

// splitToken gives class id and method of an ERC-20 function name, and whether it is one.
func splitToken(function string) (classID, method string, found bool) {
	return strings.Cut(function, ":")
}

func erc20(reader ledger.Reader, transaction *rules.Transaction, classID, method string, arguments [][]byte) (*Response, error) {
	texts := make([]string, len(arguments))
	for i, argument := range arguments {
		texts[i] = strings.ToValidUTF8(string(argument), "�")
	}
	if names, writes := tokenWrites[method]; writes {
		args, err := tokenArguments(method, names, texts)
		if err != nil {
			return nil, err
		}
		response, err := applyOperation(reader, transaction, tokenOperation(transaction, classID, method, args))
		if err != nil {
			return nil, err
		}
		response.Payload = []byte("true")
		return response, nil
	}
	answer, err := tokenAnswer(reader, transaction.Now, classID, method, texts)
	if err != nil {
		return nil, err
	}
	return &Response{Payload: []byte(answer)}, nil
}

// tokenArguments gives the arguments by name. INVALID_ARGUMENT.
func tokenArguments(method string, names, texts []string) (map[string]string, error) {
	if len(texts) != len(names) {
		return nil, refusal.Argument(method, strconv.Itoa(len(names))+" arguments")
	}
	found := make(map[string]string, len(names))
	for i, name := range names {
		found[name] = texts[i]
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		form, value := fields.Address, any(found[name])
		if name == "value" || name == "epoch" {
			form, value = fields.Points, tokenValue(found[name])
		}
		if err := form.Check(value, fields.Root(name)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// tokenValue is the number in a decimal text without leading zeros, nil where it is none.
func tokenValue(text string) any {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(number, 10) != text || number > limits.IntegerMax {
		return nil
	}
	return number
}

// tokenAnswer is the answer of a reading method. UNKNOWN_QUERY, INVALID_ARGUMENT, CONSORTIUM_NOT_OPEN, UNKNOWN_CLASS.
func tokenAnswer(reader ledger.Reader, now int64, classID, method string, texts []string) (string, error) {
	names, ok := tokenReads[method]
	if !ok {
		return "", refusal.New(refusal.UnknownQuery, refusal.Shown(method))
	}
	args, err := tokenArguments(method, names, texts)
	if err != nil {
		return "", err
	}
	view := ledger.NewView(reader)
	consortium, err := queries.OpenConsortium(view)
	if err != nil {
		return "", err
	}
	found, err := rules.PointClass(view, classID)
	if err != nil {
		return "", err
	}
	switch method {
	case "Name":
		return found.Name, nil
	case "Symbol":
		return found.Symbol, nil
	case "Decimals":
		return decimal(found.Decimals), nil
	case "TotalSupply":
		supply, err := queries.SupplyOf(view, classID)
		if err != nil {
			return "", err
		}
		return decimal(supply.Outstanding), nil
	case "Allowance":
		return decimal(points.AllowanceOf(view, classID, args["owner"], args["spender"])), nil
	case "EpochType":
		return timeBased, nil
	}
	today := calendar.DayOf(now, &consortium.TimeZone)
	switch method {
	case "CurrentEpoch":
		return decimal(points.CurrentEpoch(found, today)), nil
	case "EpochLength":
		return decimal(points.EpochSeconds(found, today)), nil
	case "ValidityDuration":
		return decimal(points.ValidityEpochs(found, today)), nil
	case "IsEpochExpired":
		return strconv.FormatBool(points.IsEpochExpired(found, tokenValue(args["epoch"]).(int64), today)), nil
	case "BalanceOfAtEpoch":
		balance := ledger.LoadBalance(view, classID, args["account"], today)
		return decimal(balance.Spendable(points.InEpoch(found, tokenValue(args["epoch"]).(int64)))), nil
	}
	return decimal(ledger.LoadBalance(view, classID, args["owner"], today).Spendable(ledger.Everything)), nil
}

func decimal(number int64) string { return strconv.FormatInt(number, 10) }

// tokenOperation is the ledger's operation for a writing method.
func tokenOperation(transaction *rules.Transaction, classID, method string, args map[string]string) *canonical.Object {
	body := []canonical.Field{{Name: "class_id", Value: classID}}
	value := tokenValue(args["value"])
	var name string
	switch method {
	case "Transfer", "TransferAtEpoch":
		name = "Transfer"
		to := canonical.NewObject(canonical.Field{Name: "address", Value: args["to"]}, canonical.Field{Name: "points", Value: value})
		body = append(body, canonical.Field{Name: "recipients", Value: []any{to}})
	case "Approve":
		name = "Approve"
		body = append(body, canonical.Field{Name: "points", Value: value}, canonical.Field{Name: "spender", Value: args["spender"]})
	default:
		name = "TransferFrom"
		body = append(body,
			canonical.Field{Name: "owner", Value: args["from"]},
			canonical.Field{Name: "points", Value: value},
			canonical.Field{Name: "recipient", Value: args["to"]})
	}
	if epoch, named := args["epoch"]; named {
		body = append(body, canonical.Field{Name: "epoch", Value: tokenValue(epoch)})
	}
	return canonical.NewObject(
		canonical.Field{Name: "args", Value: canonical.NewObject(body...)},
		canonical.Field{Name: "op", Value: name},
		canonical.Field{Name: "request_id", Value: transaction.TxID},
		canonical.Field{Name: "valid_until", Value: transaction.Now},
	)
}
