package points

import (
	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// recipient is one address and the points it gets.
type recipient struct {
	address string
	points  int64
}

// transferableClass gives the class. UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE.
func transferableClass(view *ledger.View, classID string) (*ledger.Class, error) {
	found, err := rules.PointClass(view, classID)
	if err == nil && !found.Transferable {
		err = refusal.New(refusal.ClassNotTransferable, classID)
	}
	return found, err
}

// sending is points of a class, of one epoch where it is named, on their way from a sender to each recipient in turn.
// Remembers says whether the operation is remembered in the sender's balance.
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

// send moves the points and gives their sum: the common part of Transfer and TransferFrom. UNKNOWN_CLASS,
// CLASS_NOT_TRANSFERABLE, NOT_ENROLLED, MEMBER_NOT_ACTIVE, EPOCH_EXPIRED, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS,
// OVERFLOW.
func send(view *ledger.View, context *rules.Context, asked sending) (int64, error) {
	classID, sender, recipients := asked.classID, asked.sender, asked.recipients
	found, err := transferableClass(view, classID)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, to := range recipients {
		if err := rules.RequireReceiving(view, found, to.address); err != nil {
			return 0, err
		}
		total += to.points
	}
	if err := rules.RequireSpending(view, sender); err != nil {
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
		if err := rules.Move(view, context, source, to.address, to.points, within); err != nil {
			return 0, err
		}
		moved = true
	}
	if asked.remembers {
		source.Remember(context.Request(nil), context.Now)
	}
	if moved || asked.remembers {
		if err := rules.Save(view, context, source); err != nil {
			return 0, err
		}
	}
	return ledger.Exact(total)
}
