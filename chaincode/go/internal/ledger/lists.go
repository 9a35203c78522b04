package ledger

import (
	"slices"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
)

// Documents of which every operation writes one or two are stored as the list of their values: the names were a third of them, of a
// redemption with its draws more than half.

// storedRedemption is a redemption as the state has it, without what follows: the id, which is its key, and the sums over its draws.
// As Redemption itself it stands in results.
type storedRedemption Redemption

// AppendCanonical writes [acceptor_msp, draws, kind, member, memory, order_ref, redeemed_on, refunded, shard, window_id], each draw as
// [class_id, expires_day, issuer_msp, points, refunded, value_millionths], the memory as [entries, spilled_until].
func (r *storedRedemption) AppendCanonical(out []byte) []byte {
	out = append(canonical.AppendText(append(out, '['), r.AcceptorMSP), ',', '[')
	for i := range r.Draws {
		if i > 0 {
			out = append(out, ',')
		}
		out = r.Draws[i].appendStored(out)
	}
	out = append(out, ']')
	out = canonical.AppendText(append(out, ','), r.Kind)
	out = canonical.AppendText(append(out, ','), r.Member)
	out = append(r.requests.appendStored(append(out, ',', '[')), ']')
	out = canonical.AppendText(append(out, ','), r.OrderRef)
	out = canonical.AppendText(append(out, ','), r.RedeemedOn)
	out = appendInteger(append(out, ','), r.Refunded)
	out = appendInteger(append(out, ','), r.Shard)
	return append(appendInteger(append(out, ','), r.WindowID), ']')
}

func (d *Draw) appendStored(out []byte) []byte {
	out = canonical.AppendText(append(out, '['), d.ClassID)
	out = appendDay(append(out, ','), d.ExpiresOn)
	out = canonical.AppendText(append(out, ','), d.IssuerMSP)
	out = appendInteger(append(out, ','), d.Points)
	out = appendInteger(append(out, ','), d.Refunded)
	return append(appendInteger(append(out, ','), d.ValueMillionths), ']')
}

// RedemptionOf gives the redemption that is stored at key, with the sums over its draws. Bytes that are none are an impossibility.
func RedemptionOf(key string, data []byte) *Redemption {
	found := &Redemption{RedemptionID: strings.TrimPrefix(key, RedemptionPrefix), Draws: []Draw{}}
	found.requests.own = found.RedemptionID
	s := scanner{key: key, data: data}
	s.values(
		func() { found.AcceptorMSP = s.text() },
		func() { s.list(func() { found.Draws = append(found.Draws, s.draw()) }) },
		func() { found.Kind = s.text() },
		func() { found.Member = s.text() },
		func() { s.memory(&found.requests) },
		func() { found.OrderRef = s.text() },
		func() { found.RedeemedOn = s.text() },
		func() { found.Refunded = s.integer() },
		func() { found.Shard = s.integer() },
		func() { found.WindowID = s.integer() },
	)
	s.end()
	for i := range found.Draws {
		found.Points += found.Draws[i].Points
		found.ValueMillionths += found.Draws[i].ValueMillionths
	}
	return found
}

func (s *scanner) draw() (found Draw) {
	s.values(
		func() { found.ClassID = s.text() },
		func() { found.ExpiresOn = s.day() },
		func() { found.IssuerMSP = s.text() },
		func() { found.Points = s.integer() },
		func() { found.Refunded = s.integer() },
		func() { found.ValueMillionths = s.integer() },
	)
	return found
}

// LoadRedemption gives a redemption, which the caller may change, or nil.
func LoadRedemption(view *View, redemptionID string) *Redemption {
	key := RedemptionKey(redemptionID)
	data := view.Get(key)
	if data == nil {
		return nil
	}
	found := RedemptionOf(key, data)
	found.requests.view, found.requests.place = view, key
	return found
}

// Remember takes a request about the redemption into its memory.
func (r *Redemption) Remember(request *Request, now int64, today calendar.Day) {
	r.requests.Add(request, now, today)
}

// LastRefundDay is the last day on which it can be refunded. (An exchange cannot be at all, and is kept as long.)
func (r *Redemption) LastRefundDay(consortium *Consortium) calendar.Day {
	return calendar.DayNumber(r.RedeemedOn).After(consortium.RefundDays)
}

// OwedOf is what its draws of an issuer are worth, less what was refunded, in millionths.
func (r *Redemption) OwedOf(issuerMSP string) (millionths int64) {
	for i := range r.Draws {
		if draw := &r.Draws[i]; draw.IssuerMSP == issuerMSP {
			millionths += draw.ValueMillionths / draw.Points * (draw.Points - draw.Refunded)
		}
	}
	return millionths
}

// DisputeKeys are the keys of the disputes that there can be about it.
func (r *Redemption) DisputeKeys() (keys []string) {
	for i := range r.Draws {
		key := DisputeKey(r.RedemptionID, r.Draws[i].IssuerMSP)
		if r.Draws[i].IssuerMSP != r.AcceptorMSP && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Forgotten says whether no request about it is remembered any longer, in its document or under keys of their own.
func (r *Redemption) Forgotten(now int64) bool {
	return r.requests.Ended(now) && r.requests.spilledUntil < now
}

// Save stores the redemption.
func (r *Redemption) Save(view *View) {
	view.Put(RedemptionKey(r.RedemptionID), (*storedRedemption)(r))
}

// memory reads [entries, spilled_until].
func (s *scanner) memory(into *Requests) {
	s.step('[')
	into.scan(s)
	s.step(']')
}

// storedHold is a hold as the state has it, with what is remembered of requests about it. As Hold itself it stands in results.
type storedHold struct {
	*Hold
	Memory canonical.Raw `json:"memory"`
}

// HoldOf gives the hold that is stored at key. Bytes that are none are an impossibility.
func HoldOf(key string, data []byte) *Hold {
	stored := storedHold{Hold: &Hold{}}
	Decode(key, data, &stored)
	s := scanner{key: key, data: stored.Memory}
	s.memory(&stored.requests)
	s.end()
	stored.requests.own = stored.HoldID
	return stored.Hold
}

// LoadHold gives a hold, which the caller may change, or nil.
func LoadHold(view *View, holdID string) *Hold {
	key := HoldKey(holdID)
	data := view.Get(key)
	if data == nil {
		return nil
	}
	return HoldOf(key, data)
}

// Remember takes a request about the hold into its memory. There are two at most: what made it and what released it.
func (h *Hold) Remember(request *Request) {
	h.requests.entries = append(h.requests.entries, inLine(request))
}

// Ended says whether it has ended, and no request about it is remembered any longer.
func (h *Hold) Ended(now int64) bool { return h.Status != "RESERVED" && h.requests.Ended(now) }

// Save stores the hold.
func (h *Hold) Save(view *View) {
	memory := append(h.requests.appendStored([]byte{'['}), ']')
	view.Put(HoldKey(h.HoldID), &storedHold{h, memory})
}
