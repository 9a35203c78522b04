package rules

import (
	"jifen/internal/canonical"
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

// sending is points of a class, of one epoch where it is named, on their way from a sender to each recipient in turn. Remembers says
// whether the operation is remembered in the sender's balance.
type sending struct {
	classID    string
	sender     string
	recipients []recipient
	epoch      *int64
	remembers  bool
}

// epochAsked is the optional argument of this name.
func epochAsked(args *canonical.Object) *int64 {
	if epoch, named := args.Get("epoch").(int64); named {
		return &epoch
	}
	return nil
}

// send moves the points and gives their sum: the common part of Transfer and TransferFrom. UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE,
// NOT_ENROLLED, MEMBER_NOT_ACTIVE, EPOCH_EXPIRED, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
func send(view *ledger.View, context *Context, asked sending) (int64, error) {
	classID, sender, recipients := asked.classID, asked.sender, asked.recipients
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
	within := ledger.Within(ledger.Everything)
	if asked.epoch != nil {
		if err := requireEpoch(found, *asked.epoch, context.Today); err != nil {
			return 0, err
		}
		within = InEpoch(found, *asked.epoch)
	}
	if err := ledger.CheckSufficient(source.Spendable(within), total); err != nil {
		return 0, err
	}
	moved := false
	for _, to := range recipients {
		if to.points == 0 || to.address == sender {
			continue
		}
		if err := move(view, context, source, to.address, to.points, within); err != nil {
			return 0, err
		}
		moved = true
	}
	if asked.remembers {
		source.Remember(context.Request(nil), context.Now)
	}
	if moved || asked.remembers {
		if err := save(view, context, source); err != nil {
			return 0, err
		}
	}
	return ledger.Exact(total)
}

// move moves points of the last days that are within from the source, which the caller saves, to the account, which is saved here: each draw
// with its last day, one posting out for one in. INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
func move(
	view *ledger.View, context *Context, source *ledger.Balance, account string, points int64, within ledger.Within,
) error {
	target := ledger.LoadBalance(view, source.ClassID, account, context.Today)
	parts, err := source.Draw(points, within)
	if err != nil {
		return err
	}
	for _, part := range parts {
		target.Change(part.ExpiresOn, part.Points, 0)
	}
	return save(view, context, target)
}
