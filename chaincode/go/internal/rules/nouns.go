package rules

import (
	"slices"
	"strings"

	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Statuses of a merchant in which it may do something.
var (
	// Issuing are those in which new points may be made.
	Issuing = []string{"ACTIVE"}
	// Accepting are those in which others' points may be taken.
	Accepting = []string{"ACTIVE", "ISSUE_STOPPED"}
	// Honoured are those in which an issuer's points can be spent; in RUN_OFF until its last day is over.
	Honoured = []string{"ACTIVE", "ISSUE_STOPPED", "RUN_OFF"}
	// Answering are those in which a home merchant answers for its members.
	Answering = Honoured
	// Present are those of a merchant that has joined and not left.
	Present = []string{"ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF"}
)

// RequireOperator refuses NOT_OPERATOR unless the submitting organisation is an operator of the consortium.
func RequireOperator(context *Context) error {
	if !slices.Contains(context.Consortium.Operators, context.MSPID()) {
		return refusal.New(refusal.NotOperator, context.MSPID())
	}
	return nil
}

// RequireMerchant refuses UNKNOWN_MERCHANT, and MERCHANT_NOT_ACTIVE when its status is not among statuses.
func RequireMerchant(view *ledger.View, mspID string, statuses []string) error {
	found := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(mspID))
	if found == nil {
		return refusal.New(refusal.UnknownMerchant, mspID)
	}
	if !slices.Contains(statuses, found.Status) {
		return refusal.New(refusal.MerchantNotActive, mspID+" "+found.Status)
	}
	return nil
}

// PointClass gives the class, for looking only. UNKNOWN_CLASS.
func PointClass(view *ledger.View, classID string) (*ledger.Class, error) {
	found := ledger.Read[ledger.Class](view, ledger.ClassKey(classID))
	if found == nil {
		return nil, refusal.New(refusal.UnknownClass, classID)
	}
	return found, nil
}

// OwnClass gives the class, whose issuer must be the submitting organisation. UNKNOWN_CLASS, NOT_ISSUER.
func OwnClass(view *ledger.View, context *Context, classID string) (*ledger.Class, error) {
	found, err := PointClass(view, classID)
	if err == nil && found.IssuerMSP != context.MSPID() {
		err = refusal.New(refusal.NotIssuer, classID+" is issued by "+found.IssuerMSP)
	}
	return found, err
}

// IssuingClass gives the submitter's own class, open for new points. UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE,
// UNKNOWN_CLASS, NOT_ISSUER, CLASS_STOPPED.
func IssuingClass(view *ledger.View, context *Context, classID string) (*ledger.Class, error) {
	if err := RequireMerchant(view, context.MSPID(), Issuing); err != nil {
		return nil, err
	}
	found, err := OwnClass(view, context, classID)
	if err != nil {
		return nil, err
	}
	return found, RequireRunning(found)
}

// RequireRunning refuses CLASS_STOPPED unless new points of the class may be made.
func RequireRunning(found *ledger.Class) error {
	if found.Status != "ACTIVE" {
		return refusal.New(refusal.ClassStopped, found.ClassID)
	}
	return nil
}

// RequireHonoured refuses ISSUER_NOT_HONOURED unless the issuer's status lets its points be spent today.
func RequireHonoured(view *ledger.View, context *Context, found *ledger.Class) error {
	issuer := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(found.IssuerMSP))
	if !slices.Contains(Honoured, issuer.Status) {
		return refusal.New(refusal.IssuerNotHonoured, found.IssuerMSP+" "+issuer.Status)
	}
	return RequireNotOver(issuer, context)
}

// RequireNotOver refuses ISSUER_NOT_HONOURED when the issuer's points can never be spent again.
func RequireNotOver(issuer *ledger.Merchant, context *Context) error {
	if !issuer.RunOffOver(context.Today) {
		return nil
	}
	said := issuer.MSPID + " " + issuer.Status
	if issuer.RunOffUntil != "" {
		said += " until " + issuer.RunOffUntil
	}
	return refusal.New(refusal.IssuerNotHonoured, said)
}

// SpendableClasses gives the classes, each of which the acceptor takes and its issuer honours. UNKNOWN_CLASS,
// NOT_ACCEPTED, ISSUER_NOT_HONOURED, each over all classes before the next.
func SpendableClasses(
	view *ledger.View, context *Context, classIDs []string, acceptorMSP string,
) (map[string]*ledger.Class, error) {
	classes := make(map[string]*ledger.Class, len(classIDs))
	for _, classID := range classIDs {
		found, err := PointClass(view, classID)
		if err != nil {
			return nil, err
		}
		classes[classID] = found
	}
	for _, classID := range classIDs {
		takers := classes[classID].AcceptedBy
		if takers != nil && !slices.Contains(takers, acceptorMSP) {
			return nil, refusal.New(refusal.NotAccepted, classID+" at "+acceptorMSP)
		}
	}
	for _, classID := range classIDs {
		if err := RequireHonoured(view, context, classes[classID]); err != nil {
			return nil, err
		}
	}
	return classes, nil
}

// RequireAcceptor refuses NOT_ACCEPTOR unless the acceptor itself submits.
func RequireAcceptor(context *Context, acceptorMSP string) error {
	if context.MSPID() != acceptorMSP {
		return refusal.New(refusal.NotAcceptor, context.MSPID()+" is not "+acceptorMSP)
	}
	return nil
}

// RequireReceiving refuses NOT_ENROLLED when the class is for enrolled members and account is none, MEMBER_NOT_ACTIVE
// when it is closed.
func RequireReceiving(view *ledger.View, found *ledger.Class, account string) error {
	var member *ledger.Member
	if !strings.HasPrefix(account, fields.LegacyPrefix) {
		member = ledger.Read[ledger.Member](view, ledger.MemberKey(account))
	}
	if member == nil && found.EnrolledOnly {
		return refusal.New(refusal.NotEnrolled, account)
	}
	if member != nil && member.Status == "CLOSED" {
		return refusal.New(refusal.MemberNotActive, account+" CLOSED")
	}
	return nil
}

// RequireSpending refuses MEMBER_NOT_ACTIVE when the account is an enrolled member that is frozen or closed.
func RequireSpending(view *ledger.View, account string) error {
	member := ledger.Read[ledger.Member](view, ledger.MemberKey(account))
	if member != nil && member.Status != "ACTIVE" {
		return refusal.New(refusal.MemberNotActive, account+" "+member.Status)
	}
	return nil
}

// CurrentWindow gives the open window. TIME_BEFORE_WINDOW when now lies before its opening.
func CurrentWindow(view *ledger.View, context *Context) (*ledger.CurrentWindow, error) {
	found := ledger.Read[ledger.CurrentWindow](view, ledger.CurrentWindowKey)
	if context.Now < found.OpenedAt {
		return nil, refusal.Newf(refusal.TimeBeforeWindow,
			"now %d, window %d opened %d", context.Now, found.WindowID, found.OpenedAt)
	}
	return found, nil
}
