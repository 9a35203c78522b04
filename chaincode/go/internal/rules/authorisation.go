package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/signatures"
)

// envelope is the form of an operation: {op, args, request_id, valid_until, authorization?}; authorization is a
// member's.
var envelope = fields.Of(fields.Map{
	"args": fields.AnyObject,
	"authorization": fields.Optional(fields.Record(fields.Map{
		"public_key": fields.PublicKey,
		"signature":  fields.Signature,
	})),
	"op":          fields.Text(64),
	"request_id":  fields.RequestID,
	"valid_until": fields.Timestamp,
})

// checkForm gives the operation that an entry of a batch names, and the entry. UNKNOWN_OPERATION wherever op is a text
// at all, INVALID_ARGUMENT for the envelope, then for the arguments.
func (o Operations) checkForm(value any) (*Operation, *canonical.Object, error) {
	entry, _ := value.(*canonical.Object)
	if entry != nil {
		if name, ok := entry.Get("op").(string); ok && o[name] == nil {
			return nil, nil, refusal.New(refusal.UnknownOperation, refusal.Shown(name))
		}
	}
	if err := envelope.Check(value, fields.Root("operation")); err != nil {
		return nil, nil, err
	}
	operation := o[entry.Text("op")]
	if err := operation.Arguments.Check(entry.Get("args"), fields.Root("")); err != nil {
		return nil, nil, err
	}
	return operation, entry, nil
}

// authenticate says who authorises the entry, by its own word, to which requireSignature holds it: the member whose key
// it names; or the submitter, an organisation by its certificate's role, or a member who is a Fabric client of her own,
// with a certificate without a role over her own key. SIGNATURE_UNEXPECTED, SIGNATURE_REQUIRED.
func authenticate(operation *Operation, entry *canonical.Object, transaction *Transaction) (*Context, error) {
	context := &Context{
		Transaction: transaction,
		RequestID:   entry.Text("request_id"),
		ValidUntil:  entry.Integer("valid_until"),
		Authoriser:  transaction.Creator.MSPID,
	}
	creator := &transaction.Creator
	if authorization := entry.Object("authorization"); authorization != nil {
		if operation.Authority == Organisation {
			return nil, refusal.New(refusal.SignatureUnexpected, operation.Name)
		}
		context.Member = signatures.AddressOf(authorization.Text("public_key"))
	} else if operation.Authority != Organisation && creator.Role == "" && creator.PublicKey != "" {
		context.Member = signatures.AddressOf(creator.PublicKey)
	} else if operation.Authority == ByMember {
		return nil, refusal.New(refusal.SignatureRequired, operation.Name)
	}
	if context.Member != "" {
		context.Authoriser = context.Member
	}
	context.NewID = context.Authoriser + "/" + context.RequestID
	context.Content = contentOf(entry)
	return context, nil
}

// requireSignature refuses SIGNATURE_INVALID unless the entry's authorization, if it has one, is its key's signature
// for this place.
func requireSignature(entry *canonical.Object, context *Context) error {
	authorization := entry.Object("authorization")
	if authorization == nil {
		return nil
	}
	message := signatures.OperationMessage(entry, context.Place())
	if !signatures.Verify(authorization.Text("public_key"), authorization.Text("signature"), message) {
		return refusal.New(refusal.SignatureInvalid, entry.Text("op"))
	}
	return nil
}

// contentOf is what makes two requests equal: the first 128 bits of the SHA-256 of the canonical op and args, but for a
// proof: like an authorization it says who asks, and until when.
func contentOf(entry *canonical.Object) string {
	args := entry.Object("args")
	if _, proved := args.Lookup("proof"); proved {
		args = &canonical.Object{Fields: slices.DeleteFunc(slices.Clone(args.Fields), func(field canonical.Field) bool {
			return field.Name == "proof"
		})}
	}
	digest := sha256.Sum256(canonical.Encode(&canonical.Object{Fields: []canonical.Field{
		{Name: "args", Value: args},
		{Name: "op", Value: entry.Get("op")},
	}}))
	return hex.EncodeToString(digest[:16])
}

// placeOf is the key at which the operation is remembered: that of the balance, redemption or hold that it is about, or
// of its own receipt.
func placeOf(operation *Operation, context *Context, args *canonical.Object) string {
	if operation.About == nil {
		return ledger.ReceiptKey(context.Authoriser, context.RequestID)
	}
	return operation.About(context, args)
}

// seenBefore gives what is remembered of the same request, or nil. REQUEST_ID_REUSED when the content was another.
func seenBefore(view *ledger.View, place string, context *Context) (*ledger.Request, error) {
	found := ledger.Recall(view, place, context.NewID, context.Now)
	if found != nil && found.Content != context.Content {
		return nil, refusal.New(refusal.RequestIDReused, context.RequestID)
	}
	return found, nil
}

// authorise gives the context its consortium and date. REQUEST_EXPIRED, VALID_UNTIL_TOO_FAR, ROLE_REQUIRED,
// CONSORTIUM_NOT_OPEN.
func authorise(view *ledger.View, operation *Operation, context *Context) error {
	now, validUntil := context.Now, context.ValidUntil
	if validUntil < now {
		return refusal.Newf(refusal.RequestExpired, "now %d, valid_until %d", now, validUntil)
	}
	if validUntil > now+limits.ValidUntilDaysMax*calendar.SecondsPerDay {
		return refusal.Newf(refusal.ValidUntilTooFar, "now %d, valid_until %d", now, validUntil)
	}
	byRole := len(operation.Roles) > 0 && (operation.Authority != Either || context.Member == "")
	if byRole && !slices.Contains(operation.Roles, context.Creator.Role) {
		return refusal.New(refusal.RoleRequired, strings.Join(operation.Roles, " or "))
	}
	context.Consortium = ledger.Read[ledger.Consortium](view, ledger.ConsortiumKey)
	if context.Consortium == nil {
		if operation.Opens {
			return nil
		}
		return refusal.New(refusal.ConsortiumNotOpen, "no consortium has been opened")
	}
	context.Today = calendar.DayOf(now, &context.Consortium.TimeZone)
	context.BookingDay = calendar.DayOf(now-limits.DateMarginSeconds, &context.Consortium.TimeZone)
	return nil
}
