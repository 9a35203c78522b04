package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// EventName is the name of the chaincode event of every transaction that changed something.
const EventName = "jifen.operations"

// DecodeBatch gives shard and operations of an Apply argument {"operations": [...], "shard": n}. BATCH_TOO_LARGE,
// MALFORMED, SHARD_OUT_OF_RANGE, INVALID_ARGUMENT.
func DecodeBatch(argument []byte) (shard int64, operations []any, err error) {
	document, err := decodeBounded(argument)
	if err != nil {
		return 0, nil, err
	}
	batch, ok := document.(*canonical.Object)
	if !ok || len(batch.Fields) != 2 || batch.Fields[0].Name != "operations" || batch.Fields[1].Name != "shard" {
		return 0, nil, refusal.Argument("batch", "object with operations and shard")
	}
	operations, isList := batch.Get("operations").([]any)
	if len(operations) > limits.OperationsPerBatchMax {
		return 0, nil, refusal.Newf(refusal.BatchTooLarge,
			"%d operations, at most %d", len(operations), limits.OperationsPerBatchMax)
	}
	shard, ok = batch.Get("shard").(int64)
	if !ok || shard < 0 || shard >= limits.ShardsMax {
		return 0, nil, refusal.Newf(refusal.ShardOutOfRange, "expected integer 0..%d", limits.ShardsMax-1)
	}
	if !isList || len(operations) == 0 {
		return 0, nil, refusal.Argument("operations", "list of 1.."+decimal(limits.OperationsPerBatchMax)+" items")
	}
	return shard, operations, nil
}

// DecodeOperation gives one operation that is invoked alone, by its name. BATCH_TOO_LARGE, MALFORMED, INVALID_ARGUMENT
// when op is another.
func DecodeOperation(name string, argument []byte) (any, error) {
	document, err := decodeBounded(argument)
	if err != nil {
		return nil, err
	}
	entry, ok := document.(*canonical.Object)
	if !ok {
		return document, nil
	}
	if named, given := entry.Lookup("op"); given && named != any(name) {
		return nil, refusal.Argument("operation.op", name)
	}
	return entry.With("op", name), nil
}

func decodeBounded(argument []byte) (any, error) {
	if len(argument) > limits.BatchBytesMax {
		return nil, refusal.Newf(refusal.BatchTooLarge, "%d bytes, at most %d", len(argument), limits.BatchBytesMax)
	}
	return canonical.Decode(argument)
}
