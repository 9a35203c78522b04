"""Makes and locks the project's Python environment. Standard library only: it runs before anything is installed.

`environment.py`        makes `.venv` from scripts/environment.lock, each file checked against its hash;
`environment.py lock`   resolves setup.cfg anew and writes scripts/environment.lock (for those who change a dependency).

The environment is keyed by the lock, the package's description, the Python that makes it and the place of the checkout
(a venv cannot be moved). The key is written last, into `.venv/.complete`; an environment without it, or with another one,
is not trusted. Exit status 0: the environment stands. 3: something that only the machine's owner can give is missing.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
COMPLETE = ENVIRONMENT / ".complete"
LOCK_FILE = ROOT / "scripts" / "environment.lock"
OVERRIDES = ROOT / "scripts" / "overrides.txt"
KEYED_FILES = (LOCK_FILE, ROOT / "setup.cfg", ROOT / "pyproject.toml", Path(__file__).resolve())
# Installed by pip, before uv can do the rest: uv itself, and what builds the few packages that have no wheel.
FIRST_PACKAGES = ("uv", "setuptools")
EXIT_ENVIRONMENT_MISSING = 3
WAIT_FOR_OTHER_SECONDS = 900


def fail(code: str, detail: str) -> NoReturn:
    """Ends the program with status 3 and `code: detail` on standard error."""
    print(f"{code}: {detail}", file=sys.stderr)
    raise SystemExit(EXIT_ENVIRONMENT_MISSING)


def environment_key() -> str:
    """The SHA-256, in hex, of everything that the environment's content follows from."""
    digest = hashlib.sha256()
    for path in KEYED_FILES:
        digest.update(path.read_bytes())
    digest.update(f"{sys.version_info[:3]} {sys.platform} {ROOT}".encode())
    return digest.hexdigest()


def stands(key: str) -> bool:
    """Whether a whole environment for this key is there."""
    try:
        return COMPLETE.read_text().strip() == key and (ENVIRONMENT / "bin" / "jifen").exists()
    except OSError:
        return False


def run(what: str, command: list[str], code: str) -> None:
    """Runs a command, its output shown only when it fails; a failure ends the program with `code`."""
    started = time.monotonic()
    print(f"setup: {what} ...", end="", flush=True, file=sys.stderr)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(f" {time.monotonic() - started:.1f} s", file=sys.stderr)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        fail(code, f"{what} failed; its output stands above")


def ensure_system_packages() -> None:
    """Python's venv module and a C compiler, which Debian and Ubuntu pack apart from Python.

    As root on a Debian-like system what is missing is installed through apt, unless JIFEN_NO_APT is set. Without a
    compiler the embedded ledger still works (only fabric-ca is compiled with it), so its absence is only told.
    """
    try:
        import ensurepip  # noqa: F401  (its absence is what is asked)
        import venv  # noqa: F401

        venv_missing = False
    except ImportError:
        venv_missing = True
    compiler_missing = shutil.which("gcc") is None and shutil.which("cc") is None
    packages: list[str] = []
    if venv_missing:
        packages.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    if compiler_missing:
        packages += ["gcc", "libc6-dev"]
    if not packages:
        return
    may_install = os.geteuid() == 0 and shutil.which("apt-get") and not os.environ.get("JIFEN_NO_APT")
    if may_install:
        os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
        run("apt-get update", ["apt-get", "update"], "APT_FAILED")
        run(
            f"apt-get install {' '.join(packages)}",
            ["apt-get", "install", "-y", "--no-install-recommends", *packages],
            "APT_FAILED",
        )
        return
    command = f"apt-get install {' '.join(packages)}"
    if venv_missing:
        fail("VENV_MISSING", f"this Python cannot make environments (no ensurepip); as root: {command}")
    print(f"setup: no C compiler; a real Fabric network needs one to build fabric-ca: {command}", file=sys.stderr)


def locked_lines(names: tuple[str, ...]) -> str:
    """The entries of these packages in the lock file, with their hashes."""
    entries = re.split(r"\n(?=\S)", LOCK_FILE.read_text())
    wanted = [entry for entry in entries if re.split(r"[=\s]", entry, maxsplit=1)[0] in names]
    if len(wanted) != len(names):
        fail("LOCK_DAMAGED", f"{LOCK_FILE.name} does not pin each of {', '.join(names)}")
    return "\n".join(wanted) + "\n"


def make(key: str) -> None:
    """Makes the environment from nothing, or brings a whole one of another key up to date."""
    ensure_system_packages()
    python = str(ENVIRONMENT / "bin" / "python")
    previous_whole = COMPLETE.exists() and same_python()
    COMPLETE.unlink(missing_ok=True)
    if not previous_whole:
        if ENVIRONMENT.exists() or ENVIRONMENT.is_symlink():
            shutil.rmtree(ENVIRONMENT)
        run("making .venv", [sys.executable, "-m", "venv", str(ENVIRONMENT)], "VENV_FAILED")
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.txt"
        first.write_text(locked_lines(FIRST_PACKAGES))
        run(
            "installing uv",
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--require-hashes", "-r", str(first)],
            "PACKAGES_UNREACHABLE",
        )  # fmt: skip
    uv = [str(ENVIRONMENT / "bin" / "uv"), "pip"]
    run(
        "installing the locked packages",
        # Compiled once here: where Python may not write bytecode, each start would compile every package anew, for seconds.
        [*uv, "sync", "--python", python, "--require-hashes", "--no-build-isolation", "--compile-bytecode", str(LOCK_FILE)],
        "PACKAGES_UNREACHABLE",
    )  # fmt: skip
    run(
        "installing jifen",
        [*uv, "install", "--python", python, "--no-deps", "--no-build-isolation", "--offline",
         "--config-settings", "editable_mode=compat", "-e", str(ROOT)],
        "INSTALL_FAILED",
    )  # fmt: skip
    written = COMPLETE.with_suffix(".new")
    written.write_text(key + "\n")
    written.rename(COMPLETE)


def same_python() -> bool:
    """Whether the environment was made here and by the Python version that runs now."""
    command = [str(ENVIRONMENT / "bin" / "python"), "-c", "import sys; print(sys.version_info[:3], sys.prefix)"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return False
    return told == f"{sys.version_info[:3]} {ENVIRONMENT}"


def ensure() -> None:
    """Makes the environment if it does not stand; of several callers at once, one makes it and the others wait."""
    key = environment_key()
    if stands(key):
        return
    with (ROOT / ".venv.lock").open("w") as lock:
        deadline = time.monotonic() + WAIT_FOR_OTHER_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    fail("SETUP_BUSY", f"another setup has held .venv.lock for {WAIT_FOR_OTHER_SECONDS} s")
                time.sleep(0.2)
        if not stands(key):
            make(key)


def lock_dependencies() -> None:
    """Writes scripts/environment.lock anew from setup.cfg and the overrides: every platform, Python 3.11 and newer."""
    ensure()
    command = [
        str(ENVIRONMENT / "bin" / "uv"), "pip", "compile", "setup.cfg", "--extra", "dev",
        "--override", str(OVERRIDES.relative_to(ROOT)), "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--upgrade",
        "--output-file", str(LOCK_FILE.relative_to(ROOT)),
    ]  # fmt: skip
    run("resolving the dependencies", command, "PACKAGES_UNREACHABLE")


def main(arguments: list[str]) -> None:
    """The command line: nothing, or `lock`."""
    if arguments == ["lock"]:
        lock_dependencies()
    elif arguments:
        print("USAGE: scripts/setup [lock]", file=sys.stderr)
        raise SystemExit(2)
    ensure()


if __name__ == "__main__":
    main(sys.argv[1:])
