// Package governance is what the merchants decide together, by vote.
package governance

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&propose,
	&vote,
}
