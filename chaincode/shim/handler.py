"""The shim's conversation with the peer, where the shim needs help.

Seen in fabric-chaincode-python 2.5.4: the message that completes a transaction carries no event, although the stub has
it; a peer's ERROR is handed to the rules as if it were the value asked for; two transactions at once write to one
stream without taking turns; every value read is logged. The first three are mended here, the last by the log level that
the server sets.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Any

import grpc.aio
from fabric_chaincode_python.fabric_shim.handler import Handler
from fabric_chaincode_python.fabric_shim.stub import ChaincodeStub
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2


class PeerError(Exception):
    """The peer answered a request for its state with an error."""


class _Turns:
    """A stream on which one writer writes at a time."""

    def __init__(self, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self._context = context
        self._turn = asyncio.Lock()

    async def write(self, message: chaincode_shim_pb2.ChaincodeMessage) -> None:
        """Writes a message when it is its turn."""
        async with self._turn:
            await self._context.write(message)


class RulesHandler(Handler):  # type: ignore[misc]  # the shim has no types
    """The shim's handler with the three defects mended."""

    async def chat_with_peer(
        self,
        stream: AsyncIterable[chaincode_shim_pb2.ChaincodeMessage],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> None:
        """Talks with one peer until it ends the stream."""
        await super().chat_with_peer(stream, _Turns(context))

    async def handle_message_ready(self, msg: chaincode_shim_pb2.ChaincodeMessage) -> None:
        """As the shim's, but an ERROR fails the request that it answers."""
        if msg.type == chaincode_shim_pb2.ChaincodeMessage.ERROR:
            queue = self.msg_queue_handler
            waiting = queue.tx_queues.get(msg.channel_id + msg.txid)
            if waiting and not waiting[0].future.done():
                future, waiting[0].future = waiting[0].future, asyncio.get_running_loop().create_future()
                await queue.handle_msg_response(msg)
                future.set_exception(PeerError(msg.payload.decode("utf-8", "replace")))
                return
        await super().handle_message_ready(msg)

    async def handle_stub_interaction(self, msg: chaincode_shim_pb2.ChaincodeMessage, action: str = "Invoke") -> None:
        """Runs one transaction and completes it, with its event."""
        given = chaincode_pb2.ChaincodeInput.FromString(msg.payload)
        stub = ChaincodeStub(self, msg.channel_id, msg.txid, given, msg.proposal)
        run = self.chaincode.init if action == "Init" else self.chaincode.invoke
        answer = await run(stub)
        completed = chaincode_shim_pb2.ChaincodeMessage(
            type=chaincode_shim_pb2.ChaincodeMessage.COMPLETED,
            payload=answer.SerializeToString(),
            txid=msg.txid,
            channel_id=msg.channel_id,
        )
        for event in stub.get_events():
            completed.chaincode_event.CopyFrom(event)
        await self.context.write(completed)
