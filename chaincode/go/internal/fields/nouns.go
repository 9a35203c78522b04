package fields

import (
	"slices"
	"strconv"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/limits"
	"jifen/internal/signatures"
)

// LegacyPrefix begins the custody accounts of legacy points: `legacy:` and the salted SHA-256 of the legacy reference in hex.
const LegacyPrefix = "legacy:"

// The forms of the ledger's nouns.
var (
	RequestID  = textual("request id of 1..64 characters A-Za-z0-9._-", isRequestID)
	ClassID    = textual("class id of 1..32 characters a-z0-9-", isClassID)
	MSPID      = textual("MSP id of 1..64 characters A-Za-z0-9.-", isMSPID)
	Hash       = textual("64 lower-case hex digits", func(text string) bool { return isHex(text, 64) })
	PublicKey  = textual("uncompressed P-256 public key in lower-case hex", isPublicKey)
	Signature  = textual("64-byte signature in lower-case hex", func(text string) bool { return isHex(text, 128) })
	Currency   = textual("currency code of 3 letters A-Z", isCurrency)
	Address    = textual("address", signatures.IsAddress)
	Account    = textual("account", isAccount)
	Authoriser = textual("MSP id or address", isAuthoriser)
	Date       = textual("date YYYY-MM-DD", calendar.IsDate)
	ObjectID   = textual("id <authoriser>/<request id>", isObjectID)
	ProposalID = textual("id <kind>/<msp id>/<proposer>/<request id>", isProposalID)
	Place      = textual("key of a balance, hold or redemption", isPlace)
	IssuanceID = textual("issuance id <request id>.<index>", isIssuanceID)
	Boolean    = simple("true or false", func(value any) bool { _, ok := value.(bool); return ok })
	Validity   = simple("validity NEVER, DAYS with days, MONTH_END with months or DATE with date", isValidity)
	Offsets    = simple("rising list of [from_seconds, offset_seconds]", isOffsets)

	EarnRate = Record(Map{
		"amount_minor": Integer(1, limits.EarnAmountMinorMax),
		"points":       Integer(0, limits.EarnPointsMax),
		"rounding":     Choice("STEPS", "DOWN", "HALF_UP"),
	})
	MinorUnit = simple("power of ten 1.."+strconv.Itoa(limits.MinorUnitMillionthsMax), isMinorUnit)

	// ProposalKind is what merchants vote on.
	ProposalKind = Choice(proposalKinds...)

	DisputeStatus = Choice("INQUIRY", "CONTESTED", "DISPUTED", "VOTING", "UPHELD", "REJECTED", "SPLIT", "WITHDRAWN")
	DisputeReason = Choice("FRAUD", "NOT_RECEIVED", "DUPLICATE", "AMOUNT", "CANCELLED", "EXPIRED")
	DisputeAnswer = Choice("CONCEDE", "CONTEST")
	DisputeVote   = Choice("UPHOLD", "REJECT", "SPLIT")

	Points             = Integer(0, limits.IntegerMax)
	PositivePoints     = Integer(1, limits.IntegerMax)
	Millionths         = Integer(0, limits.IntegerMax)
	PositiveMillionths = Integer(1, limits.IntegerMax)
	PositiveMinor      = Integer(1, limits.IntegerMax)
	BasisPoints        = Integer(0, limits.BasisPointsMax)
	CollateralAccount  = Choice("COVER", "FUND")
	Timestamp          = Integer(0, limits.TimestampMax)
	Epoch              = Integer(0, limits.IntegerMax) // the last day or month of points, as ERC-7818 counts them
	WindowID           = Integer(1, 99_999_999)
	Slice              = Integer(0, limits.SlicesMax-1) // the shard of a slice of a limit
	Name               = Text(limits.NameCharactersMax)
	Symbol             = Text(limits.SymbolCharactersMax)
	Reference          = Text(limits.ReferenceCharactersMax)
	Reason             = Text(limits.ReasonCharactersMax)
)

var proposalKinds = []string{"ADMIT", "SUSPEND", "REINSTATE", "DEFAULT"}

func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isLower(c byte) bool    { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool    { return c >= 'A' && c <= 'Z' }
func isAlphanum(c byte) bool { return isDigit(c) || isLower(c) || isUpper(c) }

func isMinorUnit(value any) bool {
	number, ok := value.(int64)
	for power := int64(1); ok && power <= limits.MinorUnitMillionthsMax; power *= 10 {
		if number == power {
			return true
		}
	}
	return false
}

func every(text string, accepts func(byte) bool) bool {
	for i := range len(text) {
		if !accepts(text[i]) {
			return false
		}
	}
	return true
}

func isHex(text string, digits int) bool {
	return len(text) == digits && every(text, func(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' })
}

func isRequestID(text string) bool {
	return len(text) >= 1 && len(text) <= 64 &&
		every(text, func(c byte) bool { return isAlphanum(c) || c == '.' || c == '_' || c == '-' })
}

func isClassID(text string) bool {
	return len(text) >= 1 && len(text) <= 32 && text[0] != '-' &&
		every(text, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' })
}

// isMSPID leaves out what could be taken for an address or a custody account.
func isMSPID(text string) bool {
	return len(text) >= 1 && len(text) <= 64 && isAlphanum(text[0]) &&
		!strings.HasPrefix(text, "jf1") && !strings.HasPrefix(text, "legacy") &&
		every(text, func(c byte) bool { return isAlphanum(c) || c == '.' || c == '-' })
}

func isPublicKey(text string) bool {
	return strings.HasPrefix(text, "04") && isHex(text, 130)
}

func isCurrency(text string) bool { return len(text) == 3 && every(text, isUpper) }

func isAccount(text string) bool {
	if hash, legacy := strings.CutPrefix(text, LegacyPrefix); legacy {
		return isHex(hash, 64)
	}
	return signatures.IsAddress(text)
}

func isAuthoriser(text string) bool { return isMSPID(text) || signatures.IsAddress(text) }

// isObjectID is `<authoriser>/<request_id>`: the id of a redemption or hold.
func isObjectID(text string) bool {
	authoriser, requestID, found := strings.Cut(text, "/")
	return found && isAuthoriser(authoriser) && isRequestID(requestID)
}

// isProposalID is `<kind>/<msp_id>/<proposer>/<request_id>`.
func isProposalID(text string) bool {
	parts := strings.Split(text, "/")
	return len(parts) == 4 && slices.Contains(proposalKinds, parts[0]) &&
		isMSPID(parts[1]) && isMSPID(parts[2]) && isRequestID(parts[3])
}

func isPlace(text string) bool {
	noun, rest, found := strings.Cut(text, "/")
	return found && (noun == "balance" || noun == "hold" || noun == "redemption") && len(rest) >= 1 && len(rest) <= 200 &&
		every(rest, func(c byte) bool { return isAlphanum(c) || strings.IndexByte("./:_-", c) >= 0 })
}

// isIssuanceID is `<request_id>.<index>`, with `<address>/` before it where a member made it.
func isIssuanceID(text string) bool {
	if slash := strings.LastIndexByte(text, '/'); slash >= 0 {
		if !signatures.IsAddress(text[:slash]) {
			return false
		}
		text = text[slash+1:]
	}
	point := strings.LastIndexByte(text, '.')
	if point < 0 || !isRequestID(text[:point]) {
		return false
	}
	index := text[point+1:]
	return len(index) >= 1 && len(index) <= 3 && every(index, isDigit) && (index == "0" || index[0] != '0')
}

func isValidity(value any) bool {
	object, ok := value.(*canonical.Object)
	if !ok {
		return false
	}
	only := func(name string) bool {
		_, found := object.Lookup(name)
		return found && len(object.Fields) == 2
	}
	switch object.Get("kind") {
	case "NEVER":
		return len(object.Fields) == 1
	case "DAYS":
		return only("days") && isCount(object.Get("days"), limits.ValidityDaysMax)
	case "MONTH_END":
		return only("months") && isCount(object.Get("months"), limits.ValidityMonthsMax)
	case "DATE":
		date, isText := object.Get("date").(string)
		return only("date") && isText && calendar.IsDate(date)
	}
	return false
}

func isCount(value any, high int64) bool {
	number, ok := value.(int64)
	return ok && 0 <= number && number <= high
}

func isOffsets(value any) bool {
	list, ok := value.([]any)
	if !ok || len(list) < 1 || len(list) > limits.TimeZoneOffsetsMax {
		return false
	}
	previous := int64(-limits.TimestampMax - 1)
	return !slices.ContainsFunc(list, func(entry any) bool {
		row, ok := entry.([]any)
		if !ok || len(row) != 2 {
			return true
		}
		from, fromOK := row[0].(int64)
		offset, offsetOK := row[1].(int64)
		rising := fromOK && previous < from && from <= limits.TimestampMax
		previous = from
		return !rising || !offsetOK || offset > calendar.SecondsPerDay || offset < -calendar.SecondsPerDay
	})
}
