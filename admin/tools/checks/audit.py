"""The audit of what the project stands on: each package pinned by hash, installed as pinned, no pre-release, a licence
that the project can live with; and no known hole, as OSV (https://osv.dev) tells.

`python -m admin.tools.checks.audit` ends with 0 when all of it was checked and holds, with 1 when something does not,
and with INCOMPLETE when the vulnerability service could not be reached: the rest was checked then, and the output says
what was not.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "scripts" / "environment.lock"
INCOMPLETE = 3
SERVICE_SECONDS = 10
AUDIT_SECONDS_MAX = 300
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")

PRE_RELEASES = {
    "hyperledger-fabric-protos": "the official Python messages of Fabric come as development releases only",
    "opentelemetry-exporter-http-transport": "as opentelemetry-instrumentation",
    "opentelemetry-exporter-otlp-common": "as opentelemetry-instrumentation",
    "opentelemetry-instrumentation": "OpenTelemetry's instrumentations have had no release but betas",
    "opentelemetry-instrumentation-flask": "as opentelemetry-instrumentation",
    "opentelemetry-instrumentation-wsgi": "as opentelemetry-instrumentation",
    "opentelemetry-semantic-conventions": "as opentelemetry-instrumentation",
    "opentelemetry-util-http": "as opentelemetry-instrumentation",
}
"""Pre-releases that are pinned on purpose, and why."""

LICENCES = re.compile(
    r"""\b(MIT | Apache | BSD | ISC | PSF | Python\ Software\ Foundation | Unlicense | Public\ Domain | MPL | Mozilla
    | LGPL | Lesser\ General | ZPL | Zope | CC0 | 0BSD | HPND | Zlib | BlueOak)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Licences that allow use and distribution beside Apache-2.0; the weak copyleft ones are used unmodified."""
PROGRAMS = {"beancount": "its `bean-check` reads our journals, as users run it"}
"""What tests run as a program of its own, and nothing imports or distributes, so that its licence binds only it; and
what for."""
REFUSED_LICENCES = re.compile(r"\b(AGPL|Affero|SSPL|BUSL|Commons Clause|(?<!L)GPL(?!-compatible))", re.IGNORECASE)


def pinned(text: str) -> tuple[dict[str, str], list[str]]:
    """Versions by name from a lock file's text, for this platform, and faults: lines without a version or a hash."""
    versions: dict[str, str] = {}
    faults = []
    for entry in re.split(r"\n(?=\S)", re.sub(r"\\\n", " ", text)):
        line = " ".join(entry.split())
        if not line or line.startswith(("#", "-")):
            continue
        wanted = line.partition(" --hash")[0]
        requirement = Requirement(wanted)
        name = canonicalize_name(requirement.name)
        specifiers = list(requirement.specifier)
        if len(specifiers) != 1 or specifiers[0].operator != "==":
            faults.append(f"{name}: not pinned to one version")
            continue
        if not HASH.search(line):
            faults.append(f"{name}: no SHA-256")
        if requirement.marker is None or requirement.marker.evaluate():
            versions[name] = specifiers[0].version
    return versions, faults


def pre_releases(versions: Mapping[str, str]) -> list[str]:
    """Faults: pre-releases without a reason, and reasons that nothing needs any more."""
    found = {name for name, version in versions.items() if Version(version).is_prerelease}
    return [f"{name} {versions[name]}: a pre-release without a reason" for name in sorted(found - set(PRE_RELEASES))]


def differences(versions: Mapping[str, str], installed: Mapping[str, str], own: Iterable[str]) -> list[str]:
    """Faults: what is installed in another version than pinned, or is not pinned at all."""
    faults = []
    for name, version in sorted(installed.items()):
        if name in own:
            continue
        if name not in versions:
            faults.append(f"{name} {version}: installed and not in the lock")
        elif versions[name] != version:
            faults.append(f"{name}: {version} is installed, {versions[name]} is pinned")
    return faults


def licence_of(distribution: importlib.metadata.Distribution) -> str:
    """What the distribution says of its licence: expression, classifiers, the first line of the field; and when it says
    nothing there, the first line of the licence's text that it brings."""
    metadata = distribution.metadata
    said = {name: str(metadata[name]) for name in ("License-Expression", "License") if name in metadata}
    classifiers = [text for text in metadata.get_all("Classifier") or [] if text.startswith("License ::")]
    field = said.get("License", "").strip().partition("\n")[0]
    told = "; ".join(part for part in (said.get("License-Expression", ""), *classifiers, field) if part)
    if told:
        return told
    texts = (distribution.read_text(f"licenses/{name}") for name in metadata.get_all("License-File") or [])
    return "; ".join(text.strip().partition("\n")[0] for text in texts if text)


def licences(found: Mapping[str, str]) -> list[str]:
    """Faults: licences that are not on the list."""
    faults = []
    for name, licence in sorted(found.items()):
        allowed = LICENCES.search(licence) is not None or name in PROGRAMS
        refused = REFUSED_LICENCES.search(licence) is not None and " OR " not in licence and name not in PROGRAMS
        if not allowed or refused:
            faults.append(f"{name}: licence '{licence[:80]}' is not on the list")
    return faults


def vulnerabilities() -> tuple[list[str], str | None]:
    """Known holes of what is pinned, from OSV through pip-audit, and the reason when it could not be asked."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"]
    command += ["--vulnerability-service", "osv", "--timeout", str(SERVICE_SECONDS), "--format", "json"]
    command += ["--progress-spinner", "off"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=AUDIT_SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        return [], f"the service did not answer within {AUDIT_SECONDS_MAX} s"
    try:
        document = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return [], last[:200]
    skipped = [f"{one['name']}: {one['skip_reason']}" for one in document["dependencies"] if "skip_reason" in one]
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no release yet'}"
        for one in document["dependencies"]
        for hole in one.get("vulns", [])
    ]
    return [*holes, *skipped], None


def main() -> int:
    """Runs the audit; the exit status."""
    versions, faults = pinned(LOCK.read_text("utf-8"))
    distributions = {str(canonicalize_name(one.metadata["Name"])): one for one in importlib.metadata.distributions()}
    installed = {name: one.version for name, one in distributions.items()}
    faults += pre_releases(versions)
    faults += differences(versions, installed, own=("jifen", "pip"))
    faults += licences({name: licence_of(one) for name, one in distributions.items() if name != "jifen"})
    print(f"{len(versions)} packages: pinned by hash, installed as pinned, pre-releases, licences")
    holes, unasked = vulnerabilities()
    for fault in [*faults, *holes]:
        print(f"  {fault}")
    if unasked is not None:
        print(f"  known vulnerabilities were NOT checked: {unasked}")
        print("  nor whether a pinned release has been withdrawn since; `scripts/setup lock` takes none that was")
    if faults or holes:
        return 1
    return INCOMPLETE if unasked is not None else 0


if __name__ == "__main__":
    sys.exit(main())
