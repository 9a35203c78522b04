// Command jifen-conformance runs the rules over a state in memory, so that another implementation can be compared with them: one JSON line
// in for each call, one out.
//
//	{"reset": true}                                                  -> {"ok":true}
//	{"state": {key: document}}                                       -> {"ok":true}
//	{"transaction": {...}, "function": "...", "arguments": ["..."]}  -> {"payload": text, "writes": {key: text or null}, "event": text or null}
//	                                                                 or {"refusal": {"code", "detail"}}
//
// With `"reads": true` in a call, the answer to an accepted one also names the keys it read. A call's writes are committed before the next. A line that is none of these ends the program with status 1.
package main

import (
	"fmt"
	"os"

	"jifen/internal/conformance"
)

func main() {
	if err := conformance.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jifen-conformance:", err)
		os.Exit(1)
	}
}
