package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/limits"
)

var place = ledger.BalanceKey(class, account)

func request(name string, issued *ledger.Clawable) *ledger.Request {
	return &ledger.Request{Requester: "m/" + name, Content: "c0ffee", Until: now + 9, TxID: "f00d", Issued: issued}
}

// remembering gives the balance that is stored with these entries, and until when there may be more under keys of their own.
func remembering(spilledUntil int64, entries ...string) (*ledger.View, *ledger.Balance) {
	return of(fmt.Sprintf(`[[],[],0,[%s],%d]`, strings.Join(entries, ","), spilledUntil))
}

func save(t *testing.T, view *ledger.View, balance *ledger.Balance) string {
	t.Helper()
	if err := balance.Save(now); err != nil {
		t.Fatal(err)
	}
	return string(view.Get(place))
}

// What lives stays, byte for byte; what its issuance alone keeps is blank in the middle; what has been clawed back whole, or can no longer
// be, is none.
func TestWhatLivesNoMoreIsForgotten(t *testing.T) {
	for entry, wanted := range map[string]string{
		`["m/r","c0ffee",1728000000,"f00d",null]`:                      `["m/r","c0ffee",1728000000,"f00d",null]`,
		`["m/r","c0ffee",1727999999,"f00d",null]`:                      ``,
		`["m/r","c0ffee",1728000000,"f00d",[5,1,2,20000]]`:             `["m/r","c0ffee",1728000000,"f00d",[5,1,2,20000]]`,
		`["m/r","c0ffee",1728000000,"f00d",[5,1,2,19999]]`:             `["m/r","c0ffee",1728000000,"f00d",null]`,
		`["m/r","c0ffee",1728000000,"f00d",[0,1,2,20000]]`:             `["m/r","c0ffee",1728000000,"f00d",null]`,
		`["m/r","c0ffee",1727999999,"f00d",[5,1,null,20000]]`:          `["m/r","",0,"",[5,1,null,20000]]`,
		`["m/r","",0,"",[5,1,null,20000]]`:                             `["m/r","",0,"",[5,1,null,20000]]`,
		`["m/r","",0,"",[5,1,null,19999]]`:                             ``,
		`["m/r","c0ffee",1727999999,"a \"quoted\" one",[5,1,2,19999]]`: ``,
	} {
		view, balance := remembering(now-1, entry, `["m/s","c0ffee",1728000001,"f00d",null]`)
		others := `["m/s","c0ffee",1728000001,"f00d",null]`
		if wanted != "" {
			others = wanted + "," + others
		}
		equal(t, entry, save(t, view, balance), `[[],[],0,[`+others+`],0]`)
	}
}

func TestAFurtherRequestGetsAKeyOfItsOwn(t *testing.T) {
	view, balance := remembering(0)
	for number := range limits.MemoryEntriesMax + 2 {
		balance.Remember(request(fmt.Sprint(number), nil), now)
	}
	issued := &ledger.Clawable{Points: 5, AvailableOn: today, ExpiresOn: today + 1, LastDay: today + 30}
	balance.Remember(request("issued", issued), now)
	stored := save(t, view, balance)
	if count := strings.Count(stored, `"c0ffee"`); count != limits.MemoryEntriesMax || !strings.HasSuffix(stored, `,1730764800]`) {
		t.Errorf("%d entries in %s", count, stored)
	}
	equal(t, "spilled", string(view.Get(ledger.MemoryKey(place, "m/17"))), `["c0ffee",1728000009,"f00d",null]`)
	equal(t, "issued", string(view.Get(ledger.MemoryKey(place, "m/issued"))), `["c0ffee",1728000009,"f00d",[5,20000,20001,20030]]`)
	for name, wanted := range map[string]bool{"0": true, "15": true, "16": true, "17": true, "issued": true, "18": false, "1.": false, "": false} {
		found := ledger.Recall(view, place, "m/"+name, now)
		if (found != nil) != wanted || found != nil && (found.Requester != "m/"+name || found.TxID != "f00d") {
			t.Errorf("%s: %+v", name, found)
		}
		if ledger.Recall(view, place, "m/"+name, now+10) != nil {
			t.Errorf("%s is remembered too long", name)
		}
	}
}

// A key of its own is looked at only as long as there may be one, and only for who is not in line: else read sets would grow.
func TestWhatIsReadForARequest(t *testing.T) {
	read := []string{}
	for _, spilledUntil := range []int64{now - 1, now} {
		stored := fmt.Sprintf(`[[[20001,5,0]],[],0,[["m/r","c0ffee",1728000000,"f00d",null]],%d]`, spilledUntil)
		reader := recorder{ledger.Memory{place: []byte(stored)}, &read}
		for _, requester := range []string{"m/r", "m/s"} {
			ledger.Recall(ledger.NewView(reader), place, requester, now)
		}
	}
	if wanted := strings.Repeat(place+" ", 4) + ledger.MemoryKey(place, "m/s"); strings.Join(read, " ") != wanted {
		t.Errorf("read %v", read)
	}
}

// recorder notes what is read.
type recorder struct {
	ledger.Memory
	read *[]string
}

func (r recorder) Get(key string) []byte {
	*r.read = append(*r.read, key)
	return r.Memory.Get(key)
}

// What an older request of the same name left must not hide the new one.
func TestANameIsUsedAgain(t *testing.T) {
	left := `["m/r","",0,"",[5,1,null,20009]]`
	view, balance := remembering(0, left)
	balance.Remember(request("r", nil), now)
	equal(t, "in line", save(t, view, balance), `[[],[],0,[["m/r","c0ffee",1728000009,"f00d",[5,1,null,20009]]],0]`)

	view, balance = remembering(0, left)
	balance.Remember(request("r", &ledger.Clawable{Points: 7, AvailableOn: 1, ExpiresOn: 2, LastDay: today}), now)
	equal(t, "issued anew", save(t, view, balance), `[[],[],0,[["m/r","c0ffee",1728000009,"f00d",[7,1,2,20000]]],0]`)

	view, balance = remembering(now + 9)
	key := ledger.MemoryKey(place, "m/r")
	view.Put(key, canonical.Raw(`["c0ffee",1,"f00d",[5,1,null,20009]]`))
	balance.Remember(request("r", nil), now)
	equal(t, "spilled", save(t, view, balance), `[[],[],0,[["m/r","c0ffee",1728000009,"f00d",[5,1,null,20009]]],1728000009]`)
	if view.Has(key) {
		t.Error("the older one can still be clawed back under its key")
	}
}

// A request that made a redemption or a hold is remembered as long as that stands; what was done about it later is not.
func TestWhatMadeADocumentIsRememberedWithIt(t *testing.T) {
	const redemption = `["m",[],"PURCHASE","a",[[["a/r","c0ffee",1,"f00d",null],["m/s","c0ffee",1,"f00d",null]],0],"[\"m/t\",","2024-10-04",0,0,1]`
	const held = `{"acceptor_msp":"m","amounts":[],"captured_points":0,"expires_at":1,"hold_id":"a/r","member":"a",` +
		`"memory":[[["a/r","c0ffee",1,"f00d",null],["m/s","c0ffee",1,"f00d",null]],0],"order_ref":"[\"m/t\",","pins":[],"points":1,` +
		`"redemption_id":null,"shard":0,"status":"RESERVED"}`
	for key, stored := range map[string]string{ledger.RedemptionKey("a/r"): redemption, ledger.HoldKey("a/r"): held} {
		view := ledger.NewView(ledger.Memory{key: []byte(stored)})
		for requester, wanted := range map[string]bool{"a/r": true, "m/s": false, "m/t": false} {
			if found := ledger.Recall(view, key, requester, now); (found != nil) != wanted {
				t.Errorf("%s of %s: %+v", key, requester, found)
			}
		}
		if found := ledger.RequestsAt(view, key).Find("m/s", now); found == nil || found.Until != 1 {
			t.Errorf("%s: %+v", key, found)
		}
	}
	view := ledger.NewView(ledger.Memory{ledger.RedemptionKey("a/r"): []byte(redemption), ledger.HoldKey("a/r"): []byte(held)})
	found := ledger.LoadRedemption(view, "a/r")
	found.Remember(request("u", nil), now, today)
	found.Save(view)
	wanted := strings.Replace(redemption, `["m/s","c0ffee",1,"f00d",null]`, `["m/u","c0ffee",1728000009,"f00d",null]`, 1)
	equal(t, "redemption", string(view.Get(ledger.RedemptionKey("a/r"))), wanted)
	hold := ledger.LoadHold(view, "a/r")
	hold.Save(view)
	equal(t, "hold", string(view.Get(ledger.HoldKey("a/r"))), held)
	if hold.Ended(now) {
		t.Error("an open hold has ended")
	}
	hold.Status = "RELEASED"
	hold.Remember(request("u", nil))
	if hold.Ended(now+9) || !hold.Ended(now+10) {
		t.Error("a hold is not needed as long as the last request about it is remembered")
	}
}

// FuzzBalance: whatever is taken for a balance is written back byte for byte.
func FuzzBalance(f *testing.F) {
	f.Add([]byte(`[[[19999,5,5],[null,1,0]],[[20001,null,4]],7,[["m/r","c0ffee",1728000000,"f00d",[5,1,null,20000]]],1728000001]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var balance *ledger.Balance
		func() {
			defer func() { _ = recover() }()
			balance = ledger.BalanceAt(place, data)
		}()
		if balance == nil {
			return
		}
		found := string(canonical.Encode(balance))
		again := ledger.BalanceAt(place, []byte(found))
		equal(t, "again", string(canonical.Encode(again)), found)
	})
}
