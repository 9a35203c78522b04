// Package legacy is points of older systems, and the way to a wallet and back.
package legacy

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&depositFromWallet,
	&importBalances,
	&withdrawToWallet,
}
