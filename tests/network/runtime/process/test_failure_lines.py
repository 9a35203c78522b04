"""Which lines of a log say why a process ended."""

from __future__ import annotations

import pytest

from network.runtime.process.failure_lines import failure_lines

PANIC = """\
2026-11-27T08:53:30.479Z INFO [ledger] committed block 7
2026-11-27T08:53:30.480Z PANI [kvledger] commit failed: write /x/000012.log: no space left on device
panic: commit failed: write /x/000012.log: no space left on device

goroutine 1 [running]:
go.uber.org/zap/zapcore.CheckWriteAction.OnWrite(0x0?, 0x0?, {0x0?, 0x0?, 0xc0005d4e80?})
\tgo.uber.org/zap@v1.27.0/zapcore/entry.go:196 +0x54
github.com/hyperledger/fabric/core/peer.(*Peer).Commit(0xc0003d2f78)
\tgithub.com/hyperledger/fabric/core/peer/peer.go:402 +0x1d8
created by main.main in goroutine 1
\tgithub.com/hyperledger/fabric/cmd/peer/main.go:60 +0x25
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PANIC, ["panic: commit failed: write /x/000012.log: no space left on device"]),
        (
            PANIC.replace("no space left on device", "bad checksum"),
            ["panic: commit failed: write /x/000012.log: bad checksum"],
        ),
        (
            "a\nlisten tcp 127.0.0.1:7051: bind: address already in use\nError: exit\n",
            ["listen tcp 127.0.0.1:7051: bind: address already in use"],
        ),
        (
            'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no such luck\n',
            ["ValueError: no such luck"],
        ),
        ("one\ntwo\n\tframe\nthree\n", ["two", "three"]),
        ("", []),
    ],
)
def test_the_line_that_explains_is_told_and_no_frame(text: str, told: list[str]) -> None:
    assert failure_lines(text.splitlines(), 2) == told
