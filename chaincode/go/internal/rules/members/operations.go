// Package members is accounts that a merchant enrolled.
package members

import "jifen/internal/rules"

// Operations are those of this subject, one file each.
var Operations = []*rules.Operation{
	&completeRebind,
	&confirmRebind,
	&enrollMember,
	&moveHome,
	&objectRebind,
	&rebindMember,
	&setMemberStatus,
}
