package canonical

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Raw is a document that is in canonical bytes already.
type Raw []byte

// UnmarshalJSON keeps the bytes as they stand.
func (r *Raw) UnmarshalJSON(data []byte) error {
	*r = slices.Clone(data)
	return nil
}

// Appender is a value that knows its canonical bytes.
type Appender interface {
	AppendCanonical(out []byte) []byte
}

// Encode gives the canonical bytes of a decoded document, of a struct with `json` tags (an optional `canonical:"null"` makes an empty
// text null), of a map[string]any, or of lists and pointers of these. A nil list or pointer is null. Any other value panics: the
// ledger has none.
func Encode(value any) []byte {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	*scratch = Append((*scratch)[:0], value)
	return slices.Clone(*scratch)
}

// scratches are buffers that documents are written into before their length is known. A batch's event leaves one of its size, which the
// garbage collector takes.
var scratches = sync.Pool{New: func() any { return &[]byte{} }}

// Append appends the canonical bytes of value to out.
func Append(out []byte, value any) []byte {
	switch found := value.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, found)
	case int64:
		return strconv.AppendInt(out, found, 10)
	case int:
		return strconv.AppendInt(out, int64(found), 10)
	case string:
		return AppendText(out, found)
	case *Object:
		return appendObject(out, found)
	case []any:
		return appendList(out, found)
	case map[string]any:
		return appendMap(out, found)
	case Raw:
		return append(out, found...)
	case Appender:
		return found.AppendCanonical(out)
	}
	return appendReflected(out, reflect.ValueOf(value))
}

func appendObject(out []byte, object *Object) []byte {
	if object == nil {
		return append(out, "null"...)
	}
	out = append(out, '{')
	for i := range object.Fields {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(AppendText(out, object.Fields[i].Name), ':')
		out = Append(out, object.Fields[i].Value)
	}
	return append(out, '}')
}

func appendList(out []byte, list []any) []byte {
	if list == nil {
		return append(out, "null"...)
	}
	out = append(out, '[')
	for i, value := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = Append(out, value)
	}
	return append(out, ']')
}

func appendMap(out []byte, found map[string]any) []byte {
	var few [fewNames]string
	names := slices.AppendSeq(few[:0], maps.Keys(found))
	slices.Sort(names)
	out = append(out, '{')
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(AppendText(out, name), ':')
		out = Append(out, found[name])
	}
	return append(out, '}')
}

// fewNames is how many names of a map are sorted without memory of their own.
const fewNames = 16

const lowerHex = "0123456789abcdef"

// AppendText appends a text in quotes, with the short escapes of RFC 8259, other characters below U+0020 as \u00xx, everything else as itself.
func AppendText(out []byte, text string) []byte {
	out = append(out, '"')
	start := 0
	for i := 0; i < len(text); i++ {
		character := text[i]
		if character >= 0x20 && character != '"' && character != '\\' {
			continue
		}
		out = append(out, text[start:i]...)
		start = i + 1
		switch character {
		case '"', '\\':
			out = append(out, '\\', character)
		case '\b':
			out = append(out, '\\', 'b')
		case '\f':
			out = append(out, '\\', 'f')
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', lowerHex[character>>4], lowerHex[character&15])
		}
	}
	return append(append(out, text[start:]...), '"')
}

// member is one field of a struct in the order of the names.
type member struct {
	name        string
	quoted      string
	index       []int
	omitEmpty   bool
	emptyIsNull bool
	appends     bool
	kind        reflect.Kind
}

var appender = reflect.TypeFor[Appender]()

var plans sync.Map // reflect.Type -> []member

func planOf(kind reflect.Type) []member {
	if plan, ok := plans.Load(kind); ok {
		return plan.([]member)
	}
	var plan []member
	for _, field := range reflect.VisibleFields(kind) {
		tag := field.Tag.Get("json")
		if field.Anonymous || tag == "" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		plan = append(plan, member{
			name:        name,
			quoted:      string(AppendText(nil, name)) + ":",
			index:       field.Index,
			omitEmpty:   options == "omitempty",
			emptyIsNull: field.Tag.Get("canonical") == "null",
			appends:     field.Type.Kind() != reflect.Pointer && field.Type.Implements(appender),
			kind:        field.Type.Kind(),
		})
	}
	slices.SortFunc(plan, func(a, b member) int { return strings.Compare(a.name, b.name) })
	plans.Store(kind, plan)
	return plan
}

func appendReflected(out []byte, value reflect.Value) []byte {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return append(out, "null"...)
		}
		return appendReflected(out, value.Elem())
	case reflect.Struct:
		if value.CanAddr() {
			if appender, ok := value.Addr().Interface().(Appender); ok {
				return appender.AppendCanonical(out)
			}
		}
		return appendStruct(out, value)
	case reflect.Slice:
		return appendSlice(out, value)
	case reflect.String:
		return AppendText(out, value.String())
	case reflect.Int64, reflect.Int:
		return strconv.AppendInt(out, value.Int(), 10)
	case reflect.Bool:
		return strconv.AppendBool(out, value.Bool())
	case reflect.Interface:
		return Append(out, value.Interface())
	}
	panic(fmt.Sprintf("canonical: no form for %s", value.Kind()))
}

func appendSlice(out []byte, value reflect.Value) []byte {
	if raw, ok := value.Interface().(Raw); ok {
		return append(out, raw...)
	}
	if value.IsNil() {
		return append(out, "null"...)
	}
	out = append(out, '[')
	for i := range value.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendReflected(out, value.Index(i))
	}
	return append(out, ']')
}

func appendStruct(out []byte, value reflect.Value) []byte {
	out = append(out, '{')
	first := true
	members := planOf(value.Type())
	for i := range members {
		plan := &members[i]
		field, ok := fieldOf(value, plan.index)
		if !ok || plan.omitEmpty && field.IsZero() {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(out, plan.quoted...)
		switch {
		case plan.appends && field.CanAddr(): // of what stands in memory already no copy is made
			out = field.Addr().Interface().(Appender).AppendCanonical(out)
		case plan.appends:
			out = field.Interface().(Appender).AppendCanonical(out)
		case plan.emptyIsNull && field.Len() == 0:
			out = append(out, "null"...)
		case plan.kind == reflect.String:
			out = AppendText(out, field.String())
		case plan.kind == reflect.Int64:
			out = strconv.AppendInt(out, field.Int(), 10)
		default:
			out = appendReflected(out, field)
		}
	}
	return append(out, '}')
}

// fieldOf follows an index through embedded pointers; a nil one has no fields.
func fieldOf(value reflect.Value, index []int) (reflect.Value, bool) {
	for _, place := range index {
		if value.Kind() == reflect.Pointer {
			if value.IsNil() {
				return reflect.Value{}, false
			}
			value = value.Elem()
		}
		value = value.Field(place)
	}
	return value, true
}
