"""A real PostgreSQL server for the tests: its own data folder, a Unix socket instead of a port, ended by its own process id."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from admin.tools.checks.system_packages import provide_postgres
from tests.scenes.waiting import eventually

START_SECONDS_MAX = 60
EMPTIED = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica; -- no foreign key asks for an order
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""
SHAPE = """
SELECT relname, relkind, attname, atttypid FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped ORDER BY relname, attnum
"""
STRATEGY_SINCE = 150_000
"""PostgreSQL's version from which on databases are copied through the log unless said otherwise."""


@dataclass
class PostgresServer:
    """A running server. `template` names the database that new ones are copies of."""

    socket_folder: Path
    template: str = "template1"
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _free: list[str] = field(default_factory=list)
    _shapes: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)

    def url(self, database: str) -> str:
        """The database's address, as the gateway's settings take it."""
        return f"postgresql://jifen@/{database}?host={self.socket_folder}"

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The address of a database as empty as the template. Emptying one takes 2 ms of processor, a new copy 200. One
        whose tables were changed is not lent again."""
        url = self._free.pop() if self._free else self._copied()
        yield url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(EMPTIED)
            unchanged = connection.execute(SHAPE).fetchall() == self._shapes[url]
        if unchanged:
            self._free.append(url)

    def _copied(self) -> str:
        url = self.create()
        with psycopg.connect(url) as connection:
            self._shapes[url] = connection.execute(SHAPE).fetchall()
        return url

    def create(self) -> str:
        """A new database, a copy of the template; gives its address."""
        name = f"jifen_{next(self._numbers)}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(self.template))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.info.server_version >= STRATEGY_SINCE:
                made += sql.SQL(" STRATEGY FILE_COPY")  # a third of the time of the way through the log
            connection.execute(made)
        return self.url(name)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server, stopped and removed at the end. As root it runs as `postgres` or `nobody`, since it refuses root; its folder is not among pytest's,
    which other test runs close to other users."""
    programs = provide_postgres()
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="jifen-postgres-"))
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        for made in (folder, data):
            os.chown(made, user.pw_uid, user.pw_gid)

    def run(command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            cwd=data,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        )

    with (folder / "postgres.log").open("wb") as log:
        initialised = run(
            [str(programs / "initdb"), "-D", str(data), "-U", "jifen", "-A", "trust", "-E", "UTF8", "--no-sync"]
        ).wait()
        assert initialised == 0, (folder / "postgres.log").read_text()
        settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
        server = run([str(programs / "postgres"), "-D", str(data), *settings, "-c", "max_connections=200"])
        try:
            found = PostgresServer(folder)
            _wait(found, server, folder / "postgres.log")
            yield found
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            shutil.rmtree(folder)


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _wait(found: PostgresServer, server: subprocess.Popen[bytes], log: Path) -> None:
    def silence() -> str:
        """The log, as long as there is no answer."""
        try:
            psycopg.connect(found.url("postgres")).close()
        except psycopg.OperationalError:
            return f"no answer; {log.read_text()}"
        return ""

    def running() -> None:
        assert server.poll() is None, log.read_text()

    eventually("an answer", silence, lambda words: not words, seconds=START_SECONDS_MAX, still_possible=running)
