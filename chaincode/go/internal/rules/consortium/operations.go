// Package consortium is the consortium itself: its opening, its merchants, what they may owe one another.
package consortium

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&joinConsortium,
	&openConsortium,
	&refillLimit,
	&registerMerchant,
	&setLimits,
	&setMerchantStatus,
	&sweep,
}
