package ledger_test

import (
	"testing"

	"jifen/internal/ledger"
)

// nothing is a state without documents.
type nothing struct{}

func (nothing) Get(string) []byte                               { return nil }
func (nothing) GetMany(keys []string) [][]byte                  { return make([][]byte, len(keys)) }
func (nothing) Range(string, string, func(string, []byte) bool) {}

// What a refused operation replaced is as it was before, for those that look only and for those that change a copy.
func TestADroppedReplacementIsForgotten(t *testing.T) {
	const key = "supply/tea/north/00"
	view := ledger.NewView(nothing{})
	view.Begin()
	ledger.Replace(view, key, &ledger.Supply{Issued: 1})
	view.Drop()
	if found := ledger.Read[ledger.Supply](view, key); found != nil {
		t.Fatalf("%+v where nothing was accepted", *found)
	}
	view.Begin()
	ledger.Replace(view, key, &ledger.Supply{Issued: 2})
	view.Accept()
	view.Begin()
	ledger.Replace(view, key, &ledger.Supply{Issued: 3})
	if found := ledger.Read[ledger.Supply](view, key); found.Issued != 3 {
		t.Fatalf("the operation at work reads %d, not 3", found.Issued)
	}
	view.Drop()
	if found := ledger.Read[ledger.Supply](view, key); found.Issued != 2 {
		t.Fatalf("%d, not the accepted 2", found.Issued)
	}
}
