"""Programs are started while gRPC calls are in flight, by the event loop that benches and gateways use."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, network, grpc, uvloop

async def main():
    async def echo(request, context):
        return request

    async def call_on():
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            while not done.is_set():
                await channel.unary_unary("/service/echo")(b"x" * 1000)

    server, done = grpc.aio.server(), asyncio.Event()
    handlers = {"echo": grpc.unary_unary_rpc_method_handler(echo)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("service", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    calls = [asyncio.create_task(call_on()) for _ in range(8)]
    pipe = asyncio.subprocess.PIPE
    for number in range(150):
        started = await asyncio.create_subprocess_exec("cat", stdin=pipe, stdout=pipe)
        said, _ = await started.communicate(b"%d" % number)
        assert said == b"%d" % number
    done.set()
    await asyncio.gather(*calls)
    await server.stop(None)

uvloop.run(main())
"""


def test_a_program_starts_while_calls_are_in_flight() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
