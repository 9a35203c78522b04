"""Reads Fabric's blocks into the port's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, transaction_pb2

from gateway.ledger.adapters.proposals import action_of_response, event_of
from gateway.ledger.port import Block, BlockTransaction, Write
from network.exchange.channel_block import header_hash


def validation_code_name(code: int) -> str:
    """Fabric's name of a validation code, such as `VALID` or `MVCC_READ_CONFLICT`."""
    try:
        return str(transaction_pb2.TxValidationCode.Name(code))
    except ValueError:
        return f"VALIDATION_CODE_{code}"


def read_block(block: Any, chaincode: str) -> Block:
    """The port's form of a `common.Block`; `chaincode` is whose calls, writes and events are told in full."""
    header = block.header
    codes = block.metadata.metadata[common_pb2.TRANSACTIONS_FILTER]
    return Block(
        number=header.number,
        previous_hash=header.previous_hash,
        data_hash=header.data_hash,
        computed_data_hash=hashlib.sha256(b"".join(block.data.data)).digest(),
        hash=header_hash(header.number, header.previous_hash, header.data_hash),
        transactions=tuple(
            _read_transaction(data, validation_code_name(codes[index]), chaincode)
            for index, data in enumerate(block.data.data)
        ),
    )


def read_processed(data: bytes, chaincode: str) -> BlockTransaction:
    """The port's form of a `protos.ProcessedTransaction`, as a peer's query by transaction id answers it."""
    processed = transaction_pb2.ProcessedTransaction.FromString(data)
    name = validation_code_name(processed.validationCode)
    return _read_transaction(processed.transactionEnvelope.SerializeToString(), name, chaincode)


def _read_transaction(data: bytes, validation_code: str, chaincode: str) -> BlockTransaction:
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(data).payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    creator = identities_pb2.SerializedIdentity.FromString(
        common_pb2.SignatureHeader.FromString(payload.header.signature_header).creator
    )
    common: dict[str, Any] = {
        "transaction_id": header.tx_id,
        "validation_code": validation_code,
        "timestamp": header.timestamp.seconds,
        "creator_msp_id": creator.mspid,
        "creator_certificate_pem": creator.id_bytes,
    }
    if header.type != common_pb2.ENDORSER_TRANSACTION:
        return BlockTransaction(**common)
    extension = proposal_pb2.ChaincodeHeaderExtension.FromString(header.extension)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    if extension.chaincode_id.name != chaincode or len(transaction.actions) != 1:
        return BlockTransaction(**common)
    return BlockTransaction(**common, **_read_call(transaction.actions[0].payload, chaincode))


def _read_call(action_payload: bytes, chaincode: str) -> dict[str, Any]:
    payload = transaction_pb2.ChaincodeActionPayload.FromString(action_payload)
    proposed = proposal_pb2.ChaincodeProposalPayload.FromString(payload.chaincode_proposal_payload)
    arguments = chaincode_pb2.ChaincodeInvocationSpec.FromString(proposed.input).chaincode_spec.input.args
    action = action_of_response(payload.action.proposal_response_payload)
    return {
        "function": arguments[0].decode("utf-8", "replace") if arguments else "",
        "arguments": tuple(arguments[1:]),
        "response": action.response.payload,
        "writes": tuple(written(action.results, chaincode)),
        "event": event_of(action),
        "endorser_msp_ids": tuple(
            identities_pb2.SerializedIdentity.FromString(one.endorser).mspid for one in payload.action.endorsements
        ),
    }


def written(results: bytes, chaincode: str) -> Iterator[Write]:
    """What a simulated transaction writes in the chaincode's name space, in the order of the keys."""
    for name_space in rwset_pb2.TxReadWriteSet.FromString(results).ns_rwset:
        if name_space.namespace == chaincode:
            for write in kv_rwset_pb2.KVRWSet.FromString(name_space.rwset).writes:
                yield Write(write.key, None if write.is_delete else write.value)
