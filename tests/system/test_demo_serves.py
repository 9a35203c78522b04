"""`jifen demo --serve`: the UI behind the replay, a log-in for each role that works, and nothing left when it is ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.scenes.commands import SAMPLE, line
from tests.scenes.waiting import eventually

START_SECONDS = 240
END_SECONDS = 60
PURCHASES = 150
HOMES = {
    "member": "/wallet",
    "northstar": "/merchant",
    "harbor": "/merchant",
    "lotus": "/merchant",
    "operator": "/operator",
}


def documents(file: Path) -> list[dict[str, Any]]:
    """The JSON documents that a process has printed so far."""
    texts = [f"{text}\n}}" for text in file.read_text("utf-8").split("\n}\n")[:-1]]
    return [json.loads(text) for text in texts]


def listeners_of(group: int) -> list[int]:
    """The processes of a session that are still there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == group:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def test_each_role_comes_in_and_nothing_is_left(tmp_path: Path) -> None:
    purchases = tmp_path / "purchases.csv"
    purchases.write_text("".join(SAMPLE.read_text("utf-8").splitlines(keepends=True)[: PURCHASES + 1]))
    command = line("demo", "--serve", "--json", "--purchases", purchases, "--report", tmp_path / "report")
    out, err = tmp_path / "out", tmp_path / "err"
    with (
        out.open("w") as printed,
        err.open("w") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=printed, stderr=log, start_new_session=True) as process,
    ):

        def still_running() -> None:
            assert process.poll() is None, err.read_text("utf-8")[-2000:]

        try:
            _, site = eventually(
                "the report and the site",
                lambda: documents(out),
                lambda found: len(found) == 2,
                seconds=START_SECONDS,
                still_possible=still_running,
            )
            roles = {(guest["org"], guest["role"]) for guest in site["guests"]}
            assert {role for org, role in roles if org == "northstar"} == {
                "member", "cashier", "marketing", "finance", "auditor", "admin",
            }  # fmt: skip
            assert ("operator", "admin") in roles
            for guest in site["guests"]:
                comes_in(site["addresses"][guest["org"]], guest)
            two_people(site)
            leads_to_the_operator(site["addresses"])
            registers(site["addresses"]["harbor"])
            process.send_signal(signal.SIGINT)
            assert process.wait(END_SECONDS) == 0
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(END_SECONDS)
    assert listeners_of(process.pid) == []
    for address in site["addresses"].values():
        port = address.rsplit(":", 1)[1]
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=2)
        except httpx.ConnectError:
            continue
        raise AssertionError(f"{address} still answers")


def two_people(site: dict[str, Any]) -> None:
    """The members' log-ins are of different people, with points to send to each other."""
    addresses = set()
    for guest in site["guests"]:
        if guest["role"] == "member":
            with at(site["addresses"][guest["org"]]) as client:
                body = {"contact": guest["contact"], "password": guest["password"]}
                given = client.post("/api/v1/sessions", json=body)
                cookie = {"Cookie": given.headers["Set-Cookie"].partition(";")[0]}
                (row,) = client.get("/api/v1/wallet/addresses", headers=cookie).json()["items"]
                account = client.get(f"/api/v1/accounts/{row['address']}", headers=cookie).json()
                assert sum(one["spendable"] for one in account["balances"]) > 0
                addresses.add(row["address"])
    assert len(addresses) == 2


def leads_to_the_operator(addresses: dict[str, str]) -> None:
    """The tour's doors: a merchant's till is its own, the operator's is at the operator's address."""
    with at(addresses["northstar"]) as client:
        tour = client.get("/tour", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert f'href="{addresses["operator"]}/staff/sign-in?next=/operator"' in tour
    assert 'href="/staff/sign-in?next=/merchant/counter"' in tour
    assert "五种角色" in tour
    assert tour.count('<li class="card">') == 5


def registers(address: str) -> None:
    """A visitor registers with the code that they find in the demo's post box, where the step that waits for it
    leads."""
    with at(address) as client:
        assert 'href="/post-box"' in client.get("/register", headers={"Accept": "text/html"}).text
        begun = client.post("/api/v1/registrations", json={"contact": "newcomer@example.org", "locale": "en"})
        assert begun.status_code in (201, 202), begun.text
        box = client.get("/post-box", headers={"Accept": "text/html"}).text
        code = re.search(r"Your registration code is ([A-Z0-9-]+)\.", box, re.IGNORECASE)
        assert code is not None, box[-2000:]
        body = {"code": code[1], "name": "New", "password": "a long new password"}
        done = client.post(f"/api/v1/registrations/{begun.json()['code_id']}/confirm", json=body)
        assert done.status_code == 201, done.text


def at(address: str) -> httpx.Client:
    """A client of a gateway under the name that its pages have."""
    host, port = address.removeprefix("http://").rsplit(":", 1)
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Host": f"{host}:{port}"}, timeout=30)


def comes_in(address: str, guest: dict[str, Any]) -> None:
    """Signs in and is led to the home of the role."""
    with at(address) as client:
        door = "sessions" if guest["role"] == "member" else "staff-sessions"
        body = {"contact": guest["contact"], "password": guest["password"]}
        answer = client.post(f"/api/v1/{door}", json=body)
        assert answer.status_code == 201, answer.text
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "Accept": "text/html"}
        led = client.get("/", headers=cookie)
        assert led.headers["Location"] == HOMES["member" if guest["role"] == "member" else guest["org"]]
        home = client.get(led.headers["Location"], headers=cookie)
        assert home.status_code == 200, home.text[:500]
