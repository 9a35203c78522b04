// Package holds is points that are reserved for an order.
package holds

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&capture,
	&hold,
	&release,
}
