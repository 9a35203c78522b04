package rules

import (
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// recipient is one address and the points it gets.
type recipient struct {
	address string
	points  int64
}

// transferableClass gives the class. UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE.
func transferableClass(view *ledger.View, classID string) (*ledger.Class, error) {
	found, err := PointClass(view, classID)
	if err == nil && !found.Transferable {
		err = refusal.New(refusal.ClassNotTransferable, classID)
	}
	return found, err
}

// send moves points of the class from sender to each recipient in turn and gives their sum: the common part of Transfer and TransferFrom.
// UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE, NOT_ENROLLED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
func send(view *ledger.View, context *Context, classID, sender string, recipients []recipient) (int64, error) {
	found, err := transferableClass(view, classID)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, to := range recipients {
		if err := requireReceiving(view, found, to.address); err != nil {
			return 0, err
		}
		total += to.points
	}
	if err := requireSpending(view, sender); err != nil {
		return 0, err
	}
	source := ledger.LoadBalance(view, classID, sender, context.Today)
	if err := ledger.CheckSufficient(source.Spendable(), total); err != nil {
		return 0, err
	}
	moved := false
	for _, to := range recipients {
		if to.points == 0 || to.address == sender {
			continue
		}
		if err := move(view, context, source, to.address, to.points); err != nil {
			return 0, err
		}
		moved = true
	}
	if moved {
		if err := save(view, context, source); err != nil {
			return 0, err
		}
	}
	return ledger.Exact(total)
}

// move moves points from the source, which the caller saves, to the account, which is saved here: each draw with its last day, one posting out
// for one in. INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
func move(view *ledger.View, context *Context, source *ledger.Balance, account string, points int64) error {
	target := ledger.LoadBalance(view, source.ClassID, account, context.Today)
	parts, err := source.Draw(points)
	if err != nil {
		return err
	}
	for _, part := range parts {
		target.Change(part.ExpiresOn, part.Points, 0)
	}
	return save(view, context, target)
}
