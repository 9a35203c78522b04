"""Images with the programs of Debian's packages under the names of official ones, which no registry gives here: a real
PostgreSQL and a real Prometheus, started as theirs are."""

from __future__ import annotations

from network.programs.images import debian
from network.programs.images.archive import PROGRAM, Archive
from network.programs.images.catalogue import APPLETS, Image
from network.runtime.docker.engine import Engine

POSTGRES, PROMETHEUS = "stand-in/postgres:15", "stand-in/prometheus:2"
START_POSTGRES = """#!/bin/sh
set -eu
PATH=/usr/lib/postgresql/15/bin:$PATH
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" -A scram-sha-256 -E UTF8 --no-sync
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
fi
exec postgres -D "$PGDATA" -c listen_addresses='*'
"""
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/")


COMPOSE = """#!/bin/sh
# docker compose, by Debian's docker-compose; Grafana is left out: no registry gives its image here.
set -eu
unset PYTHONPATH
shift
if [ "$1" = up ]; then
    set -- "$@" $(docker-compose config --services | grep -v grafana)
fi
exec docker-compose "$@"
"""


def stand_ins() -> dict[str, str]:
    """The settings by which compose takes them."""
    return {"POSTGRES_IMAGE": POSTGRES, "PROMETHEUS_IMAGE": PROMETHEUS}


def provide_stand_ins() -> None:
    """Brings both into the engine at DOCKER_HOST."""
    release = debian.suite()
    postgres = debian.unpacked("postgresql", release, ("postgresql-15", "postgresql-client-15", "busybox-static"))
    prometheus = debian.unpacked("prometheus", release, ("prometheus", "busybox-static"))

    def write_postgres(archive: Archive) -> None:
        archive.copy(postgres, LEFT_OUT)
        for applet in APPLETS:
            archive.link(f"bin/{applet}", "busybox")
        archive.link("usr/local/bin/pg_isready", "/usr/lib/postgresql/15/bin/pg_isready")
        archive.text("usr/local/bin/start", START_POSTGRES, PROGRAM)

    def write_prometheus(archive: Archive) -> None:
        archive.copy(prometheus, LEFT_OUT)

    path = "ENV PATH=/usr/local/bin:/usr/bin:/bin"
    for image in (
        Image(POSTGRES, write_postgres, ('ENTRYPOINT ["start"]', path)),
        Image(PROMETHEUS, write_prometheus, ('ENTRYPOINT ["prometheus"]', path)),
    ):
        Engine().provide(image)
