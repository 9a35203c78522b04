"""A watch tells of each writing of `connection.json` after it was made, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.services import connection_watch
from gateway.services.connection_watch import ConnectionWatch
from network.folders import write


async def test_each_writing_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_watch, "LOOK_SECONDS", 0.001)
    file = tmp_path / "connection.json"
    write(file, "one")
    watch = ConnectionWatch(file)
    told = asyncio.create_task(watch.changed())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not told.done()
    file.unlink()
    write(file, "two")
    await asyncio.wait_for(told, 5)
    write(file, "two")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watch.changed(), 0.05)
    write(file, "three")
    await asyncio.wait_for(watch.changed(), 5)
