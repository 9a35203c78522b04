package points

import (
	"jifen/internal/calendar"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// Epochs of a class, as ERC-7818 (expirable ERC-20) counts them: an epoch is what has one last day, or one last month.
// Of a class whose points last to the end of a month an epoch is a month, counted from 1970-01; of any other a day,
// counted from 1970-01-01. Its number is that of the last day or month itself, so nobody need know when points were
// issued. The current epoch is the one into which points fall that are issued now; an epoch has expired when its last
// day, or month, has passed.

// neverEpoch is the epoch of what never expires, and the validity of a class whose points never do.
const neverEpoch = limits.IntegerMax

func byMonth(class *ledger.Class) bool { return class.Validity.Kind == "MONTH_END" }

// epochOf is the epoch of points with this last day.
func epochOf(class *ledger.Class, expiresOn calendar.Day) int64 {
	switch {
	case expiresOn == calendar.Never:
		return neverEpoch
	case byMonth(class):
		return expiresOn.Month()
	}
	return int64(expiresOn)
}

// InEpoch says which last days are of one epoch.
func InEpoch(class *ledger.Class, epoch int64) ledger.Within {
	return func(expiresOn calendar.Day) bool { return epochOf(class, expiresOn) == epoch }
}

// CurrentEpoch is the epoch of points that are issued today.
func CurrentEpoch(class *ledger.Class, today calendar.Day) int64 {
	return epochOf(class, class.Validity.Expiry(today))
}

// IsEpochExpired says whether all points of the epoch have expired.
func IsEpochExpired(class *ledger.Class, epoch int64, today calendar.Day) bool {
	return epoch < epochOf(class, today)
}

// requireEpoch refuses EPOCH_EXPIRED when nothing of the epoch can be spent any more.
func requireEpoch(class *ledger.Class, epoch int64, today calendar.Day) error {
	if IsEpochExpired(class, epoch, today) {
		return refusal.Newf(refusal.EpochExpired, "%s %d, today is %d", class.ClassID, epoch, epochOf(class, today))
	}
	return nil
}

// EpochSeconds is how long an epoch is: a day, or the present month.
func EpochSeconds(class *ledger.Class, today calendar.Day) int64 {
	if !byMonth(class) {
		return calendar.SecondsPerDay
	}
	return int64(today.MonthEnd(0)-today.MonthEnd(-1)) * calendar.SecondsPerDay
}

// ValidityEpochs is how many epochs points last that are issued today, beyond that of today; neverEpoch for ever.
func ValidityEpochs(class *ledger.Class, today calendar.Day) int64 {
	current := CurrentEpoch(class, today)
	if current == neverEpoch {
		return neverEpoch
	}
	return max(current-epochOf(class, today), 0)
}
