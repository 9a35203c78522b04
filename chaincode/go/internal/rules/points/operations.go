// Package points is how points come in, move, are spent and go.
package points

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&accrue,
	&approve,
	&exchange,
	&expire,
	&issue,
	&mergeAccounts,
	&redeem,
	&refund,
	&reverseIssue,
	&transfer,
	&transferFrom,
}
