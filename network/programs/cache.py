"""A folder in the user's cache that is either whole or not there.

`entry(name, key, make)` gives `<cache>/jifen/<name>-<key>`. It is made in a temporary sibling and renamed when it is
whole; a manifest of sizes goes in last. A folder without a manifest, or whose files differ from it, is not trusted: it
is removed and made anew. A file lock lets only one process make it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = "complete.json"


def cache_folder() -> Path:
    """Gives `$XDG_CACHE_HOME/jifen`, or `~/.cache/jifen`."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "jifen"


def entry(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """Gives the whole folder for `name` and `key`, made by `make(folder)` when there is none. Errors of `make` pass
    through and leave nothing behind."""
    folder = cache_folder() / f"{name}-{key}"
    if is_whole(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent / f".{name}-{key}.lock"):
        if is_whole(folder):
            return folder
        if folder.exists():
            shutil.rmtree(folder)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{name}-{key}.", dir=folder.parent))
        try:
            make(unfinished)
            sizes = {str(file.relative_to(unfinished)): file.stat().st_size for file in _files(unfinished)}
            (unfinished / MANIFEST).write_text(json.dumps(sizes, indent=2, sort_keys=True), encoding="utf-8")
            unfinished.chmod(0o755)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def is_whole(folder: Path) -> bool:
    """Says whether the folder has a manifest and every file in it has the size that stands there."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    try:
        sizes: dict[str, int] = json.loads(manifest.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return bool(sizes) and all(
        (folder / name).is_file() and (folder / name).stat().st_size == size for name, size in sizes.items()
    )


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Holds a lock on `file` against other processes; waits for it."""
    with file.open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def try_locked(file: Path) -> Iterator[bool]:
    """Says whether the lock on `file` could be had at once; held until the end of the block when so."""
    with file.open("w", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]
