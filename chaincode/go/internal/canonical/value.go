// Package canonical is the one byte form of every document that is hashed, signed, stored or compared: UTF-8 JSON with object keys
// sorted by code point, no white space and integers only.
//
// A decoded document is nil, a bool, an int64, a string, a []any or an *Object.
package canonical

import (
	"slices"
	"strings"
)

// Field is one name and value of an object.
type Field struct {
	Name  string
	Value any
}

// Object is a decoded JSON object, its fields sorted by name (byte order of UTF-8, which is the order of code points).
type Object struct {
	Fields []Field
}

// NewObject sorts fields into an object. The names must differ.
func NewObject(fields ...Field) *Object {
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return &Object{Fields: fields}
}

// Lookup gives the value of a field and whether it is there.
func (o *Object) Lookup(name string) (any, bool) {
	for i := range o.Fields {
		if o.Fields[i].Name == name {
			return o.Fields[i].Value, true
		}
	}
	return nil, false
}

// Get gives the value of a field, nil where it is missing.
func (o *Object) Get(name string) any {
	value, _ := o.Lookup(name)
	return value
}

// Has says whether a field is there and not null.
func (o *Object) Has(name string) bool { return o.Get(name) != nil }

// With is a copy in which the field has the value.
func (o *Object) With(name string, value any) *Object {
	fields := make([]Field, 0, len(o.Fields)+1)
	for _, field := range o.Fields {
		if field.Name != name {
			fields = append(fields, field)
		}
	}
	return NewObject(append(fields, Field{Name: name, Value: value})...)
}

// Text gives a text field; where it is missing or null, the empty text.
func (o *Object) Text(name string) string {
	text, _ := o.Get(name).(string)
	return text
}

// Integer gives an integer field; where it is missing or null, 0.
func (o *Object) Integer(name string) int64 {
	number, _ := o.Get(name).(int64)
	return number
}

// Boolean gives a boolean field; where it is missing or null, false.
func (o *Object) Boolean(name string) bool {
	truth, _ := o.Get(name).(bool)
	return truth
}

// Object gives an object field, nil where it is missing or null.
func (o *Object) Object(name string) *Object {
	found, _ := o.Get(name).(*Object)
	return found
}

// List gives a list field, nil where it is missing or null.
func (o *Object) List(name string) []any {
	list, _ := o.Get(name).([]any)
	return list
}

// Texts gives a list of texts, nil where it is missing or null.
func (o *Object) Texts(name string) []string {
	list := o.List(name)
	if list == nil {
		return nil
	}
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = item.(string)
	}
	return texts
}

// Objects gives a list of objects, nil where it is missing or null.
func (o *Object) Objects(name string) []*Object {
	list := o.List(name)
	if list == nil {
		return nil
	}
	objects := make([]*Object, len(list))
	for i, item := range list {
		objects[i] = item.(*Object)
	}
	return objects
}
