// Package collateral is what merchants post with the operator, as cover of their own and for the mutual fund.
package collateral

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&depositCollateral,
	&releaseCollateral,
	&withdrawCollateral,
}
