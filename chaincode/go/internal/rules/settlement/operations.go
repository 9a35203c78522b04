// Package settlement is windows, statements and payments between merchants.
package settlement

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&acceptStatement,
	&answerDispute,
	&closeWindow,
	&confirmPayment,
	&confirmUnanswered,
	&correctPayment,
	&cutWindow,
	&declareDefault,
	&escalateDispute,
	&openDispute,
	&recordPayment,
	&rejectPayment,
	&resolveDispute,
	&retractPayment,
	&setAcceptanceFee,
	&voteDispute,
	&withdrawDispute,
}
