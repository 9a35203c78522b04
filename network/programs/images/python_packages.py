"""Jifen itself with all Python packages that it needs to run, as they are installed and pinned here: what the image
`jifen` holds beside Debian's Python."""

from __future__ import annotations

import hashlib
import py_compile
import re
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import cache_from_source
from pathlib import Path

from network.programs.images.archive import Archive

DISTRIBUTION = Path(__file__).resolve().parents[3]
OWN_PACKAGES = ("admin", "chaincode", "gateway", "network")
EXTRAS = ("tracing",)
NOT_NEEDED = ("chaincode/vectors/", "chaincode/go/", "admin/tools/")
"""What only those need who work on Jifen."""
PACKAGES, PROGRAM = "opt/jifen/packages", "opt/jifen/program"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[(?P<extras>[^]]*)\])?[^;]*(?:;(?P<marker>.*))?")
EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def needed_distributions() -> list[metadata.Distribution]:
    """Gives the distributions that Jifen needs when it runs, but itself, by name. What is not installed here, as a
    marker or an override keeps it away, is not needed."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(_requirements(metadata.distribution("jifen"), EXTRAS))
    asked = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in asked:
            continue
        asked.add((name, extras))
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        waiting += _requirements(found[name], extras)
    return [found[name] for name in sorted(found)]


def add_packages(archive: Archive) -> None:
    """Adds the packages, and Jifen's own modules and data, with their compiled modules: nothing can be compiled in a
    container, whose files cannot be written to."""
    for distribution in needed_distributions():
        for file in distribution.files or ():
            place = Path(str(distribution.locate_file(file))).resolve()
            if ".." not in file.parts and file.suffix != ".pyc" and place.is_file():
                archive.file(f"{PACKAGES}/{file.as_posix()}", place)
                compiled = Path(cache_from_source(str(place))) if place.suffix == ".py" else None
                if compiled is not None and compiled.is_file():
                    name = f"{PACKAGES}/{file.parent.as_posix()}/__pycache__/{compiled.name}"
                    archive.file(name, compiled)
    own = metadata.distribution("jifen")
    archive.text(f"{PACKAGES}/jifen-{own.version}.dist-info/METADATA", own.read_text("METADATA") or "")
    with tempfile.TemporaryDirectory() as folder:
        for name in own_files():
            archive.file(f"{PROGRAM}/{name}", DISTRIBUTION / name)
            if name.endswith(".py"):
                compiled = Path(folder) / "compiled"
                py_compile.compile(
                    str(DISTRIBUTION / name),
                    str(compiled),
                    dfile=f"/{PROGRAM}/{name}",
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
                archive.file(cache_from_source(f"{PROGRAM}/{name}"), compiled)


def own_files() -> list[str]:
    """Gives Jifen's own files, relative to the distribution."""
    found = [
        file.relative_to(DISTRIBUTION).as_posix()
        for package in OWN_PACKAGES
        for file in (DISTRIBUTION / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    return sorted(name for name in found if not name.startswith(NOT_NEEDED))


def content_key() -> str:
    """Gives 12 hex digits over everything that `add_packages` follows from."""
    digest = hashlib.sha256()
    for distribution in needed_distributions():
        digest.update(f"{distribution.name}=={distribution.version}\0".encode())
    for name in own_files():
        digest.update(f"{name}\0".encode() + (DISTRIBUTION / name).read_bytes())
    return digest.hexdigest()[:12]


def _requirements(of: metadata.Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in of.requires or ():
        found = REQUIREMENT.match(text)
        assert found is not None, text
        asked = EXTRA.search(found["marker"] or "")
        if asked is None or asked[1] in extras:
            own = tuple(one.strip() for one in (found["extras"] or "").split(",") if one.strip())
            yield re.sub(r"[-_.]+", "-", found["name"]).lower(), own
