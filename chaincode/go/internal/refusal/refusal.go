// Package refusal holds the one error that a rule gives when it does not do what was asked.
package refusal

import "fmt"

// Refusal says that an operation or query is refused: Code is for ever, Detail is for people. Never an accident: what cannot
// happen panics instead.
type Refusal struct {
	Code   string
	Detail string
}

// Error is the refusal as it goes over the wire.
func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }

// New makes a refusal with a fixed detail.
func New(code, detail string) error { return &Refusal{Code: code, Detail: detail} }

// Newf makes a refusal with a formatted detail.
func Newf(code, format string, arguments ...any) error {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, arguments...)}
}

// Argument refuses the value at path, which is not of the expected form.
func Argument(path, expected string) error {
	return &Refusal{Code: InvalidArgument, Detail: path + ": expected " + expected}
}

const shownCharactersMax = 64

// Shown is a caller's own word given back in a refusal or receipt: at most 64 characters (code points) of it.
func Shown(text string) string {
	count := 0
	for place := range text {
		if count == shownCharactersMax {
			return text[:place]
		}
		count++
	}
	return text
}
