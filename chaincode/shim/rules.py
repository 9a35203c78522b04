"""One transaction: what it brings is read, the rules decide, their writes are committed, once before and once after."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache

from fabric_chaincode_python.fabric_shim import response
from fabric_chaincode_python.fabric_shim.interfaces import Chaincode
from fabric_chaincode_python.fabric_shim.stub import ChaincodeStub
from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2

from chaincode.shim.handler import PeerError
from chaincode.shim.state import StubState
from chaincode.spec.invoke import invoke
from chaincode.spec.kernel.apply import EVENT_NAME
from chaincode.spec.kernel.certificates import creator_of
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Transaction

log = logging.getLogger(__name__)

INTERNAL_ERROR = "INTERNAL: the chaincode met a state that should be impossible; its log has the details"
"""Given for whatever is no refusal; nothing was decided, and what went wrong stays in the log."""

STATE_ERROR = "STATE_UNAVAILABLE: the peer did not answer for its state"
"""Given when the peer answers a read or write with an error; nothing was decided, and the same request may be sent
again."""

_creator_of = lru_cache(maxsize=1024)(creator_of)


class Rules(Chaincode):  # type: ignore[misc]  # the shim has no types
    """The spec as a Fabric chaincode, of an organisation that was told of these operators and this network."""

    def __init__(self, operators: tuple[str, ...], network_id: str) -> None:
        self._operators = operators
        self._network_id = network_id

    async def init(self, stub: ChaincodeStub) -> proposal_response_pb2.Response:
        """Does nothing: the ledger begins with OpenConsortium."""
        return response.success(b"")

    async def invoke(self, stub: ChaincodeStub) -> proposal_response_pb2.Response:
        """Runs one transaction. A refusal is an error response `CODE: detail`."""
        try:
            return await self._run(stub)
        except Refusal as refusal:
            return response.error(str(refusal))
        except PeerError as error:
            log.error("transaction %s: the peer did not answer for its state: %s", stub.get_txid(), error)
            return response.error(STATE_ERROR)
        except Exception:
            log.exception("transaction %s met an impossibility", stub.get_txid())
            return response.error(INTERNAL_ERROR)

    async def _run(self, stub: ChaincodeStub) -> proposal_response_pb2.Response:
        arguments = list(stub.cc_input.args)
        if not arguments:
            raise Refusal("UNKNOWN_QUERY", "")
        creator = stub.get_creator()
        transaction = Transaction(
            channel=stub.get_channel_id(),
            chaincode=chaincode_name(stub),
            tx_id=stub.get_txid(),
            now=stub.get_tx_timestamp().seconds,
            creator=_creator_of(creator["mspid"], creator["idBytes"]),
            operators=self._operators,
            network_id=self._network_id,
        )
        state = StubState(stub, asyncio.get_running_loop())
        function = arguments[0].decode("utf-8", "replace")
        answer = await asyncio.to_thread(invoke, state, transaction, function, arguments[1:])
        for key, value in answer.writes.items():
            if value is None:
                await stub.delete_state(key)
            else:
                await stub.put_state(key, value)
        if answer.event is not None:
            stub.set_event(EVENT_NAME, answer.event)
        return response.success(answer.payload)


def chaincode_name(stub: ChaincodeStub) -> str:
    """The name under which the submitter called, from the proposal it signed."""
    header = common_pb2.Header.FromString(stub.proposal.header)
    channel = common_pb2.ChannelHeader.FromString(header.channel_header)
    return str(proposal_pb2.ChaincodeHeaderExtension.FromString(channel.extension).chaincode_id.name)
