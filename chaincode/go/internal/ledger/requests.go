package ledger

import (
	"bytes"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/limits"
)

// What was lately done about a balance, a redemption or a hold is remembered in its own document, so that no request is carried out twice:
// the state grows with accounts and with what is open, never with how much has happened. A document has limits.MemoryEntriesMax entries in
// line. A further one gets a key of its own, and the document keeps until when there may be such: so an operation reads and writes one small
// key more, whatever the day brought. What is about none of these keeps a receipt each, under a key of its own.

// Clawable is points that were issued and can still be clawed back, until the end of LastDay.
type Clawable struct {
	Points      int64
	AvailableOn calendar.Day
	ExpiresOn   calendar.Day
	LastDay     calendar.Day
}

// Request is one entry of a memory. Requester is `<authoriser>/<request_id>`, Content what makes two requests equal, Until the last second
// at which it is remembered, TxID the transaction that carried it out. Of one that is kept for what it issued alone the middle is blank.
type Request struct {
	Requester string
	Content   string
	Until     int64
	TxID      string
	Issued    *Clawable
}

// Clawable says whether points of it can still be clawed back.
func (r *Request) Clawable(today calendar.Day) bool {
	return r.Issued != nil && r.Issued.Points > 0 && r.Issued.LastDay >= today
}

// Living is what is kept of it: itself, what it issued alone, or nothing.
func (r *Request) Living(now int64, today calendar.Day) *Request {
	kept := *r
	if !r.Clawable(today) {
		kept.Issued = nil
	}
	switch {
	case r.Content != "" && now <= r.Until:
		return &kept
	case kept.Issued == nil:
		return nil
	}
	return &Request{Requester: r.Requester, Issued: kept.Issued}
}

// end is a second after which it lives no more, in any time zone.
func (r *Request) end() int64 {
	if r.Issued == nil {
		return r.Until
	}
	return max(r.Until, (int64(r.Issued.LastDay)+2)*calendar.SecondsPerDay)
}

// AppendCanonical writes [requester, content, until, tx_id, issued], issued being [points, available_day, expires_day, last clawback day]
// or null.
func (r *Request) AppendCanonical(out []byte) []byte {
	out = canonical.AppendText(append(out, '['), r.Requester)
	return r.appendIssued(r.appendMiddle(append(out, ',')))
}

func (r *Request) appendMiddle(out []byte) []byte {
	out = canonical.AppendText(out, r.Content)
	out = appendInteger(append(out, ','), r.Until)
	return canonical.AppendText(append(out, ','), r.TxID)
}

func (r *Request) appendIssued(out []byte) []byte {
	if r.Issued == nil {
		return append(out, ",null]"...)
	}
	out = appendInteger(append(out, ',', '['), r.Issued.Points)
	out = appendDay(append(out, ','), r.Issued.AvailableOn)
	out = appendDay(append(out, ','), r.Issued.ExpiresOn)
	return append(appendDay(append(out, ','), r.Issued.LastDay), ']', ']')
}

func (s *scanner) request() *Request {
	found := &Request{}
	s.step('[')
	found.Requester = s.text()
	s.step(',')
	s.middle(found)
	s.step(',')
	found.Issued = s.clawable()
	s.step(']')
	return found
}

func (s *scanner) middle(into *Request) {
	into.Content = s.text()
	s.step(',')
	into.Until = s.integer()
	s.step(',')
	into.TxID = s.text()
}

func (s *scanner) clawable() *Clawable {
	if s.null() {
		return nil
	}
	found := &Clawable{}
	s.values(
		func() { found.Points = s.integer() },
		func() { found.AvailableOn = s.day() },
		func() { found.ExpiresOn = s.day() },
		func() { found.LastDay = s.day() },
	)
	return found
}

// spilled is an entry under a key of its own, which names its requester.
type spilled Request

// AppendCanonical writes [content, until, tx_id, issued].
func (r *spilled) AppendCanonical(out []byte) []byte {
	entry := (*Request)(r)
	return entry.appendIssued(entry.appendMiddle(append(out, '[')))
}

// LoadSpilled gives the entry of a requester that the document at place had no room for, or nil.
func LoadSpilled(view *View, place, requester string) *Request {
	key := MemoryKey(place, requester)
	data := view.Get(key)
	if data == nil {
		return nil
	}
	found := &Request{Requester: requester}
	s := scanner{key: key, data: data}
	s.step('[')
	s.middle(found)
	s.step(',')
	found.Issued = s.clawable()
	s.step(']')
	s.end()
	return found
}

// receipt is the memory of an operation that is about no balance, redemption or hold.
type receipt Request

// AppendCanonical writes [content, until, tx_id].
func (r *receipt) AppendCanonical(out []byte) []byte {
	return append((*Request)(r).appendMiddle(append(out, '[')), ']')
}

// PutReceipt remembers a request under the receipt key.
func PutReceipt(view *View, key string, request *Request) { view.Put(key, (*receipt)(request)) }

// LoadReceipt gives what is remembered under a receipt key, or nil.
func LoadReceipt(view *View, key string) *Request {
	data := view.Get(key)
	if data == nil {
		return nil
	}
	found := &Request{}
	s := scanner{key: key, data: data}
	s.step('[')
	s.middle(found)
	s.step(']')
	s.end()
	return found
}

// remembered is an entry in line. Most are carried along as they stand, so no more is read of them than says whether they live.
type remembered struct {
	raw       []byte
	until     int64 // 0 where it is kept for what it issued alone
	hasIssued bool
	points    int64
	lastDay   calendar.Day
}

func (r *remembered) clawable(today calendar.Day) bool {
	return r.hasIssued && r.points > 0 && r.lastDay >= today
}

func (r *remembered) request(place string) *Request {
	s := scanner{key: place, data: r.raw}
	return s.request()
}

func inLine(request *Request) remembered {
	found := remembered{raw: request.AppendCanonical(nil), until: request.Until}
	if issued := request.Issued; issued != nil {
		found.hasIssued, found.points, found.lastDay = true, issued.Points, issued.LastDay
	}
	return found
}

func (s *scanner) remembered() (found remembered) {
	start := s.at
	s.step('[')
	s.skipText()
	s.step(',')
	s.skipText()
	s.step(',')
	found.until = s.integer()
	s.step(',')
	s.skipText()
	s.step(',')
	if found.hasIssued = !s.null(); found.hasIssued {
		s.step('[')
		found.points = s.integer()
		s.step(',')
		s.day()
		s.step(',')
		s.day()
		s.step(',')
		found.lastDay = s.day()
		s.step(']')
	}
	s.step(']')
	found.raw = s.data[start:s.at]
	return found
}

// Requests is the memory in the document at a place. own is the requester that made the document, whose entry lives as long as it.
type Requests struct {
	view         *View
	place        string
	own          string
	entries      []remembered
	spilledUntil int64
}

// scan reads `entries,spilled_until`.
func (r *Requests) scan(s *scanner) {
	if count := bytes.Count(s.data[s.at:], entryStart); count > 0 {
		r.entries = make([]remembered, 0, min(count, limits.MemoryEntriesMax)+1) // with room for one more
	}
	s.list(func() { r.entries = append(r.entries, s.remembered()) })
	s.step(',')
	r.spilledUntil = s.integer()
}

// entryStart begins each entry in line, and nothing else that comes after it in a document.
var entryStart = []byte(`["`)

func (r *Requests) appendStored(out []byte) []byte {
	out = append(out, '[')
	for i := range r.entries {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, r.entries[i].raw...)
	}
	return appendInteger(append(out, ']', ','), r.spilledUntil)
}

func (r *Requests) isEmpty() bool { return len(r.entries) == 0 && r.spilledUntil == 0 }

// isOf says whether it is the entry of a requester.
func (r *remembered) isOf(requester string) bool { return beginsWith(r.raw[1:], requester) }

// beginsWith says whether a name in quotes comes first. (No name has a character that is escaped.)
func beginsWith(data []byte, name string) bool {
	end := len(name) + 1
	return len(data) > end && data[0] == '"' && data[end] == '"' && string(data[1:end]) == name
}

// entryIn is where the entry of a requester stands in a document, -1 for nowhere: no other list in it begins with a text that has a `/` in it.
func entryIn(data []byte, requester string) int {
	for at := 0; ; {
		step := bytes.IndexByte(data[at:], '[')
		if step < 0 {
			return -1
		}
		at += step + 1
		if beginsWith(data[at:], requester) {
			return at - 1
		}
	}
}

// index is where the entry of a requester stands in line, -1 for nowhere.
func (r *Requests) index(requester string) int {
	for i := range r.entries {
		if r.entries[i].isOf(requester) {
			return i
		}
	}
	return -1
}

// Find gives the entry of a requester, in line or under its own key, or nil.
func (r *Requests) Find(requester string, now int64) *Request {
	if place := r.index(requester); place >= 0 {
		return r.entries[place].request(r.place)
	}
	if r.spilledUntil < now {
		return nil
	}
	return LoadSpilled(r.view, r.place, requester)
}

// Add takes in a new entry. What is left of an older request of the same name goes; what it issued can still be clawed back, unless the new
// one issues too.
func (r *Requests) Add(request *Request, now int64, today calendar.Day) {
	r.Prune(now, today)
	if left := r.Find(request.Requester, now); left != nil {
		if request.Issued == nil && left.Clawable(today) {
			request.Issued = left.Issued
		}
		r.forget(left.Requester)
	}
	if len(r.entries) < limits.MemoryEntriesMax {
		r.entries = append(r.entries, inLine(request))
		return
	}
	r.view.Put(MemoryKey(r.place, request.Requester), (*spilled)(request))
	r.spilledUntil = max(r.spilledUntil, request.end())
}

// forget drops the entry of a requester that was found.
func (r *Requests) forget(requester string) {
	if place := r.index(requester); place >= 0 {
		r.entries = append(r.entries[:place], r.entries[place+1:]...)
	} else {
		r.view.Delete(MemoryKey(r.place, requester))
	}
}

// Replace stores a found entry that was changed.
func (r *Requests) Replace(request *Request) {
	if place := r.index(request.Requester); place >= 0 {
		r.entries[place] = inLine(request)
	} else {
		r.view.Put(MemoryKey(r.place, request.Requester), (*spilled)(request))
	}
}

// Prune forgets what lives no more, and says whether there was any.
func (r *Requests) Prune(now int64, today calendar.Day) (changed bool) {
	kept := r.entries[:0]
	for i := range r.entries {
		entry := r.entries[i]
		isRemembered, isClawable := entry.until > 0 && now <= entry.until, entry.clawable(today)
		switch {
		case isRemembered && isClawable == entry.hasIssued, isClawable && entry.until == 0, entry.isOf(r.own):
			kept = append(kept, entry)
			continue
		case isRemembered, isClawable:
			kept = append(kept, inLine(entry.request(r.place).Living(now, today)))
		}
		changed = true
	}
	r.entries = kept
	if 0 < r.spilledUntil && r.spilledUntil < now {
		r.spilledUntil, changed = 0, true
	}
	return changed
}

// Ended says whether none of the entries in line is remembered any longer.
func (r *Requests) Ended(now int64) bool {
	for i := range r.entries {
		if r.entries[i].until >= now {
			return false
		}
	}
	return true
}

// RequestsAt gives the memory in a balance's, a redemption's or a hold's document; an empty one where there is no document.
func RequestsAt(view *View, place string) *Requests {
	found := &Requests{}
	if data := view.Get(place); data != nil {
		switch {
		case strings.HasPrefix(place, BalancePrefix):
			found = &BalanceAt(place, data).Requests
		case strings.HasPrefix(place, RedemptionPrefix):
			found = &RedemptionOf(place, data).requests
		default:
			found = &HoldOf(place, data).requests
		}
	}
	found.view, found.place = view, place
	return found
}

// Recall gives what is remembered at a place of the same requester's request, or nil. A request that made a document is remembered as long
// as it stands.
//
// The rest of the document is not read for this: that comes when the operation works with it.
func Recall(view *View, place, requester string, now int64) *Request {
	if strings.HasPrefix(place, ReceiptPrefix) {
		return LoadReceipt(view, place)
	}
	data := view.Get(place)
	if data == nil {
		return nil
	}
	var found *Request
	if at := entryIn(data, requester); at >= 0 {
		s := scanner{key: place, data: data, at: at}
		found = s.request()
	} else if spilledUntil(place, data) >= now {
		found = LoadSpilled(view, place, requester)
	}
	if found == nil || found.Until < now && place != RedemptionPrefix+requester && place != HoldPrefix+requester {
		return nil
	}
	return found
}

// spilledUntil is until when requests about a document may be remembered under keys of their own. A hold has none such.
func spilledUntil(place string, data []byte) int64 {
	switch {
	case strings.HasPrefix(place, BalancePrefix): // its last value
		s := scanner{key: place, data: data, at: bytes.LastIndexByte(data, ',') + 1}
		return s.integer()
	case strings.HasPrefix(place, RedemptionPrefix):
		return RedemptionOf(place, data).requests.spilledUntil
	}
	return 0
}
