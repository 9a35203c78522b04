// Package classes is classes of points and the rates between them.
package classes

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&defineClass,
	&setRate,
	&updateClass,
}
