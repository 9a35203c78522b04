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
// UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE, NOT_ENROLLED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, TOO_MANY_LOTS, OVERFLOW.
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
	source := ledger.LoadBalance(view, classID, sender)
	if err := ledger.CheckSufficient(source.Spendable(context.Today), total); err != nil {
		return 0, err
	}
	moved := false
	for _, to := range recipients {
		if to.points == 0 || to.address == sender {
			continue
		}
		if err := moveLots(view, context, source, to.address, to.points); err != nil {
			return 0, err
		}
		moved = true
	}
	if moved {
		source.Save()
	}
	return ledger.Exact(total)
}

// moveLots draws points from source and brings them, lots as they are, into the account, which it stores. INSUFFICIENT_POINTS,
// TOO_MANY_LOTS, OVERFLOW.
func moveLots(view *ledger.View, context *Context, source *ledger.Balance, account string, points int64) error {
	target := ledger.LoadBalance(view, source.ClassID, account)
	parts, err := source.Draw(points, context.Today)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := target.Credit(part.Lot, part.Points); err != nil {
			return err
		}
	}
	target.Save()
	return nil
}
