"""What the guide says is so: its curl lines are run, and the foreign shop is a program of under a hundred lines that does its business."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import gateway.client
from admin.gateways import RunningGateway
from gateway.client import JifenClient
from tests.scenes.consortium import member

FOLDER = Path(gateway.client.__file__).parent
GUIDE = FOLDER / "README.md"
SHOP = FOLDER / "foreign_shop.py"
SECONDS = 90


def curl_commands() -> list[str]:
    """The commands of the guide's shell block."""
    block = re.search(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    assert block is not None
    return [part.strip() for part in re.split(r"(?m)^# .*$", block.group(1)) if part.strip()]


def test_every_curl_line_of_the_guide_does_what_it_says(served: RunningGateway) -> None:
    key = member("guide")
    with JifenClient(served.address, api_key=served.api_key) as jifen:
        jifen.enroll(key, "northstar")
    environment = {**os.environ, "JIFEN": served.address, "KEY": served.api_key, "ADDRESS": key.address}
    answers: list[list[Any]] = []
    for command in curl_commands():
        done = subprocess.run(
            ["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        answers.append([json.loads(line) for line in done.stdout.splitlines()])
    balance, first, again, dry, bulk = answers
    assert balance[0]["points"] == 0
    assert (first[0]["result"]["issuance"]["points"], first[0]["repeated"]) == (42, False)
    assert again[0]["repeated"]
    assert dry[0]["code"] == "UNKNOWN_CLASS"
    assert [line["status"] for line in bulk] == [201, 201]


def test_the_foreign_shop_is_short_and_does_its_business(served: RunningGateway) -> None:
    assert len(SHOP.read_text("utf-8").splitlines()) < 100
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with JifenClient(served.address, api_key=served.api_key) as jifen:
        made = jifen.request("POST", "/webhooks", json={"url": f"http://127.0.0.1:{port}/"}).json()
    command = [sys.executable, "-m", "gateway.client.foreign_shop", "--gateway", served.address]
    done = subprocess.run(
        [*command, "--merchant", "northstar", "--class-id", "northstar", "--listen", str(port)],
        env={**os.environ, "JIFEN_KEY": served.api_key, "JIFEN_SECRET": made["secret"]},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "150 points left" in done.stdout
