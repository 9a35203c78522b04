// Package operations is the list of all operations, for whoever runs them.
package operations

import (
	"jifen/internal/rules"
	"jifen/internal/rules/classes"
	"jifen/internal/rules/collateral"
	"jifen/internal/rules/consortium"
	"jifen/internal/rules/governance"
	"jifen/internal/rules/holds"
	"jifen/internal/rules/legacy"
	"jifen/internal/rules/members"
	"jifen/internal/rules/points"
	"jifen/internal/rules/settlement"
)

// All is every operation by its name, subject by subject in the order of the spec.
var All = rules.Collect(
	consortium.Operations,
	governance.Operations,
	classes.Operations,
	members.Operations,
	points.Operations,
	holds.Operations,
	legacy.Operations,
	collateral.Operations,
	settlement.Operations,
)
