package rules

// Operations is every operation by its name.
type Operations map[string]*Operation

// Collect gives the operations of all subjects.
func Collect(subjects ...[]*Operation) Operations {
	found := Operations{}
	for _, subject := range subjects {
		for _, operation := range subject {
			found[operation.Name] = operation
		}
	}
	return found
}
