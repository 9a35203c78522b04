// Package fields holds the forms of arguments. Each says in one phrase what it expects; the same phrase stands in every refusal:
// `INVALID_ARGUMENT: recipients[2].points: expected integer 0..9007199254740991`.
//
// Fields of an object are checked in the order of their names: first the lowest unknown name (`<path>: unknown field`), then each
// declared one. A missing required field is refused like one of the wrong form; an optional one may be missing or null.
package fields

import (
	"slices"
	"strconv"
	"strings"

	"jifen/internal/canonical"
	"jifen/internal/refusal"
)

// Path leads to a value inside the arguments. It is written out only when the value is refused.
type Path struct {
	parent *Path
	name   string
	index  int
}

// Root is the path of a whole document; empty for the arguments.
func Root(name string) *Path { return &Path{name: name} }

// String is the path as refusals show it: `recipients[2].points`.
func (p *Path) String() string {
	switch {
	case p.parent == nil:
		return p.name
	case p.name == "":
		return p.parent.String() + "[" + strconv.Itoa(p.index) + "]"
	}
	return p.field(p.name)
}

func (p *Path) field(name string) string {
	if p.parent == nil {
		return name
	}
	if prefix := p.parent.String(); prefix != "" {
		return prefix + "." + name
	}
	return name
}

// Form is one form: Expected is its phrase, Check refuses INVALID_ARGUMENT, Optional allows null.
type Form struct {
	Expected string
	Optional bool
	Check    func(value any, path *Path) error
}

type named struct {
	name string
	form Form
}

// Fields are the declared fields of an object, in the order of their names.
type Fields []named

// Map declares fields by name.
type Map map[string]Form

// Of puts declared fields in their order; a later map adds to or replaces an earlier one.
func Of(maps ...Map) Fields {
	var found Fields
	for _, forms := range maps {
		for name, form := range forms {
			if place := slices.IndexFunc(found, func(n named) bool { return n.name == name }); place >= 0 {
				found[place].form = form
				continue
			}
			found = append(found, named{name, form})
		}
	}
	slices.SortFunc(found, func(a, b named) int { return strings.Compare(a.name, b.name) })
	return found
}

// Check refuses INVALID_ARGUMENT where value is not an object with these fields and no others.
func (f Fields) Check(value any, path *Path) error {
	object, ok := value.(*canonical.Object)
	if !ok {
		where := path.String()
		if where == "" {
			where = "args"
		}
		return refusal.Argument(where, "object")
	}
	for i := range object.Fields {
		name := object.Fields[i].Name
		if !slices.ContainsFunc(f, func(n named) bool { return n.name == name }) {
			below := Path{parent: path, name: name}
			return refusal.New(refusal.InvalidArgument, below.field(refusal.Shown(name))+": unknown field")
		}
	}
	for i := range f {
		found := object.Get(f[i].name)
		if found == nil && f[i].form.Optional {
			continue
		}
		if err := f[i].form.Check(found, &Path{parent: path, name: f[i].name}); err != nil {
			return err
		}
	}
	return nil
}
