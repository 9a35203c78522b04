package ledger_test

import (
	"slices"
	"testing"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

const (
	account = "jf1account"
	class   = "tea"
	today   = calendar.Day(20_000)
	now     = 20_000 * calendar.SecondsPerDay
)

// of gives the balance that is stored as text, as it is today.
func of(text string) (*ledger.View, *ledger.Balance) {
	view := ledger.NewView(ledger.Memory{ledger.BalanceKey(class, account): []byte(text)})
	view.Begin()
	return view, ledger.LoadBalance(view, class, account, today)
}

func postings(view *ledger.View) string { return string(canonical.Encode(view.Postings)) }

func equal(t *testing.T, what, found, wanted string) {
	t.Helper()
	if found != wanted {
		t.Errorf("%s\n   found %s\nexpected %s", what, found, wanted)
	}
}

func TestABalanceIsReadAsItIsWritten(t *testing.T) {
	for _, text := range []string{
		`[[[19999,5,5],[20000,9007199254740991,0],[null,1,0]],[[20001,20001,3],[20001,null,4]],7,[],0]`,
		`[[],[],1,[],0]`,
		`[[[null,1,0]],[],0,[],1728000001]`,
		`[[],[],0,[["m/r","c0ffee",1728000000,"f00d",null],["m/s","",0,"",[5,20000,null,20030]]],0]`,
	} {
		balance := ledger.BalanceAt("balance/tea/a", []byte(text))
		equal(t, text, string(canonical.Encode(balance)), text)
	}
}

func TestWhatIsNoBalancePanics(t *testing.T) {
	for _, text := range []string{
		``, `{}`, `[[],[]]`, `[[],[],0]`, `[[],[],0,[],0]0`, `[[],[],-1,[],0]`, `[[[1,2]],[],0,[],0]`, `[[[1,2,3],],[],0,[],0]`,
		`[[[1,2,3][2,2,3]],[],0,[],0]`, `[[["1",2,3]],[],0,[],0]`, `[[],[],9007199254740992,[],0]`, `[[],[],null,[],0]`,
		`[[],[],99999999999999999999999999,[],0]`, `[[[nul,2,3]],[],0,[],0]`, `[[],[],0,[["m/r","c",1,"t"]],0]`,
		`[[],[],0,[["m/r","c",1,"t",[1,2,3]]],0]`, `[[],[],0,[["m/r,"c",1,"t",null]],0]`, `[[],[],0,[["m/r`,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken for a balance", text)
				}
			}()
			ledger.BalanceAt("balance/tea/a", []byte(text))
		}()
	}
}

func TestWhatIsDueJoinsAndWhatHasPassedIsBooked(t *testing.T) {
	view, balance := of(`[[[19998,3,3],[19999,5,2],[20001,9,0]],[[19990,19999,4],[20000,20001,2],[20001,20001,8]],0,[],0]`)
	if spendable, expired, points := balance.Spendable(ledger.Everything), balance.Expired(today), balance.Points(); spendable != 11 || expired != 7 || points != 31 {
		t.Errorf("%d spendable, %d expired, %d points", spendable, expired, points)
	}
	if booked := balance.BookExpired(today); booked != 7 || balance.BookExpired(today) != 0 {
		t.Errorf("%d booked", booked)
	}
	if len(view.Postings) != 0 {
		t.Error("postings before the balance was saved")
	}
	if err := balance.Save(now); err != nil {
		t.Fatal(err)
	}
	equal(t, "postings", postings(view), `[["tea","jf1account",19999,-4,0,19990],["tea","jf1account",19999,4,0,null],`+
		`["tea","jf1account",20001,-2,0,20000],["tea","jf1account",20001,2,0,null],["tea","jf1account",19999,-7,0,null]]`)
	equal(t, "state", string(view.Get(ledger.BalanceKey(class, account))), `[[[19998,3,3],[19999,2,2],[20001,11,0]],[[20001,20001,8]],0,[],0]`)
}

func TestWhatIsClawedBackFirst(t *testing.T) {
	const stored = `[[[19999,9,0],[20005,4,1],[20009,6,0],[null,2,0]],[[20001,20005,5],[20002,20009,3],[20002,null,1]],0,[],0]`
	for points, wanted := range map[int64]string{
		6:  `[["tea","jf1account",20009,-3,0,20002],["tea","jf1account",20009,-3,0,null]]`,
		10: `[["tea","jf1account",20009,-3,0,20002],["tea","jf1account",20009,-6,0,null],["tea","jf1account",null,-1,0,null]]`,
		100: `[["tea","jf1account",20009,-3,0,20002],["tea","jf1account",20009,-6,0,null],["tea","jf1account",null,-2,0,null],` +
			`["tea","jf1account",20005,-3,0,null],["tea","jf1account",null,-1,0,20002],["tea","jf1account",20005,-5,0,20001]]`,
	} {
		view, balance := of(stored)
		if taken := balance.ClawBack(20_002, 20_009, points); taken != min(points, 20) {
			t.Errorf("%d taken of %d", taken, points)
		}
		if err := balance.Save(now); err != nil {
			t.Fatal(err)
		}
		equal(t, "postings", postings(view), wanted)
	}
}

func TestDrawsAreOrderedOverSeveralBalances(t *testing.T) {
	_, first := of(`[[[19999,9,0],[20005,4,1],[null,2,0]],[],0,[],0]`)
	_, second := of(`[[[20004,1,0],[20005,4,0],[null,2,0]],[],0,[],0]`)
	parts, err := ledger.Choose([]*ledger.Balance{second, first}, 9, ledger.Everything)
	if err != nil {
		t.Fatal(err)
	}
	found := make([]any, len(parts))
	for i, part := range parts {
		found[i] = []any{slices.Index([]*ledger.Balance{first, second}, part.Balance), int64(part.ExpiresOn), part.Points}
	}
	equal(t, "draws", string(canonical.Encode(found[:3])), `[[1,20004,1],[1,20005,4],[0,20005,3]]`)
	if last := parts[3]; len(parts) != 4 || last.Balance != second || last.ExpiresOn != calendar.Never || last.Points != 1 {
		t.Errorf("%d draws, the last %+v", len(parts), last)
	}
	if _, err := ledger.Choose([]*ledger.Balance{second, first}, 13, ledger.Everything); err == nil || err.Error() != "INSUFFICIENT_POINTS: balance 12, asked 13" {
		t.Error(err)
	}
}

func TestAnEmptiedBalanceGoes(t *testing.T) {
	view, balance := of(`[[[20000,4,0]],[],2,[],0]`)
	balance.Change(20_000, -4, 0)
	balance.ChangeDebt(-2)
	if err := balance.Save(now); err != nil {
		t.Fatal(err)
	}
	equal(t, "postings", postings(view), `[["tea","jf1account",20000,-4,0,null],["tea","jf1account",-2]]`)
	if view.Has(ledger.BalanceKey(class, account)) {
		t.Error("an empty balance is stored")
	}
}
