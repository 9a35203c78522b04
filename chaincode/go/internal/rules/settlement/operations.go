// Package settlement is windows, statements and payments between merchants.
package settlement

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&acceptStatement,
	&closeWindow,
	&confirmPayment,
	&confirmUnanswered,
	&correctPayment,
	&cutWindow,
	&declareDefault,
	&recordPayment,
	&rejectPayment,
	&retractPayment,
}
