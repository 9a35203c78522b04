// Command jifen-replay holds a chain against the rules: one JSON line in for each transaction, in the chain's order, one out. Bytes are base64.
//
//	{"transaction": {...}, "function": "...", "arguments": [bytes], "writes": [{"key", "value"}], "response": bytes, "event": bytes or null}
//	                                       -> {} or {"differences": ["..."]}
//	{"writes": [...]}                      -> {}: writes of a transaction that is not to be judged
//	{"read_state": rows, "after": key}     -> {"rows": [{"key", "value"}]}
//
// A transaction's own writes are committed before the next, whatever the rules would have written. A line that is none of these ends the program with status 1.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"jifen/internal/replay"
)

// collectAtPercent lets the heap grow to some times what is in use before it is collected: nearly everything that a line brings is gone with its answer.
const collectAtPercent = 400

func main() {
	debug.SetGCPercent(collectAtPercent)
	if err := replay.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jifen-replay:", err)
		os.Exit(1)
	}
}
