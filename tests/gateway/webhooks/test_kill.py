"""A gateway that is killed again and again while operations commit loses no message, tells nothing that was not committed, and keeps the order."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import text

from tests.gateway.webhooks.conftest import Shop
from tests.scenes.chain import ChainWorld, grow
from tests.scenes.webhook_receiver import Received, Receiver, answer

SECONDS_MAX = 180.0


def committed(world: ChainWorld, first_block: int) -> set[tuple[int, int, int]]:
    """The places of all operations from a block on."""
    return {
        (block.number, 0, place)
        for block in world.store.blocks(first_block, world.store.height())
        for transaction in block.transactions
        for place, _ in enumerate(json.loads(transaction.event or b'{"operations": []}')["operations"])
    }


def run_and_kill(command: list[str], shop: Shop, kills: int) -> None:
    """Runs the gateway to some chance moment many times, while the ledger goes on."""
    chance = random.Random(9)
    for round_number in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            growing = threading.Thread(target=grow, args=(shop.world, 8, 100 + round_number))
            growing.start()
            growing.join()
            time.sleep(chance.uniform(0, 0.5))  # the moment of the kill is chance
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
async def test_killed_while_operations_commit(kills: int, shop: Shop, store_url: str, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    first_block = shop.projector.next_block()
    refused: set[str] = set()

    def flaky(handler: BaseHTTPRequestHandler, got: Received) -> None:
        fails = got.id not in refused and len(got.id) and sum(got.body) % 5 == 0
        refused.add(got.id)
        answer(503 if fails else 200)(handler, got)

    receiver.behaviour = flaky
    command = [sys.executable, "-m", "tests.gateway.webhooks.gateway_process", store_url, str(shop.world.store.path)]
    run_and_kill(command, shop, kills)
    expected = committed(shop.world, first_block)
    assert len(expected) > 2 * kills
    with shop.store.writing() as session:  # the leases of the killed are waited out by hand
        session.execute(text("UPDATE webhook_messages SET lease_until = 0 WHERE lease IS NOT NULL"))
    last = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - to be ended by its id
    try:
        receiver.wait(lambda requests: {got.place for got in requests} == expected, SECONDS_MAX)
        await shop.finished(created.id, "DELIVERED", min(500, len(expected)))
    finally:
        last.kill()
        last.wait()
    assert {got.place for got in receiver.requests} == expected
    by_place: dict[tuple[int, ...], set[str]] = {}
    for got in receiver.requests:
        by_place.setdefault(got.place, set()).add(got.id)
    assert all(len(ids) == 1 for ids in by_place.values()), "one event, one webhook-id"
    queues: dict[str, list[tuple[int, ...]]] = {}
    for got in receiver.once_each():
        for account in got.accounts or [""]:
            queues.setdefault(account, []).append(got.place)
    for places in queues.values():
        assert places == sorted(places)
