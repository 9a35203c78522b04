"""Which script uses which, and so which ones a page loads, in which order. The scripts are plain ones, without modules
or a build step: each adds `jifen.<subject>` to the one global, and finds there what was loaded before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """The scripts that one `uses`, and so brings along, beside those of every page; and those that it uses `late`: in
    functions that not every page calls, so that a page's own script brings them along where they are needed."""

    uses: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


EVERY_PAGE = ("jifen.js", "forms.js", "page.js")
"""Loaded by every page before all others; none of them needs to be named."""

FLOORS: Mapping[str, Mapping[str, Script]] = {
    "words": {"jifen.js": Script()},
    "bytes": {
        "bytes.js": Script(),
        "canonical.js": Script(("bytes.js",)),
        "bech32.js": Script(late=("bytes.js",)),
    },
    "signing": {
        "keys.js": Script(("bytes.js", "bech32.js")),
        "signing.js": Script(("bytes.js", "canonical.js"), late=("keys.js",)),
        "describing.js": Script(("bech32.js", "signing.js")),
        "notes.js": Script(("bytes.js", "canonical.js", "bech32.js", "keys.js")),
        "wallet.js": Script(("keys.js", "signing.js")),
    },
    "frame": {"forms.js": Script(), "page.js": Script()},
    "parts": {
        "contacts.js": Script(("bech32.js",)),
        "member.js": Script(("keys.js", "signing.js", "describing.js", "notes.js", "wallet.js", "contacts.js")),
        "scanning.js": Script(("bech32.js",)),
        "sheets.js": Script(),
        "till.js": Script(),
        "counter_parts.js": Script(("scanning.js",)),
    },
    "proof": {
        "der.js": Script(("bytes.js",)),
        "protobuf.js": Script(("bytes.js",)),
        "certificates.js": Script(("bytes.js", "der.js")),
        "blocks.js": Script(("bytes.js", "der.js"), late=("protobuf.js", "certificates.js")),
        "chain.js": Script(("bytes.js", "blocks.js")),
        "checks.js": Script(
            ("bytes.js", "bech32.js", "signing.js", "protobuf.js", "certificates.js", "blocks.js"),
        ),
        "proof.js": Script(("bytes.js", "blocks.js", "chain.js", "checks.js")),
    },
    "pages": {
        "account.js": Script(),
        "backoffice.js": Script(),
        "bank.js": Script(),
        "chain_check.js": Script(("chain.js",)),
        "classes.js": Script(),
        "after_block.js": Script(),
        "counter.js": Script(("scanning.js", "till.js", "counter_parts.js")),
        "imports.js": Script(("sheets.js",)),
        "key_page.js": Script(("bech32.js", "keys.js", "describing.js", "wallet.js", "member.js")),
        "legacy.js": Script(("bech32.js", "keys.js", "signing.js", "describing.js", "member.js")),
        "lost_key.js": Script(("keys.js", "signing.js", "describing.js", "wallet.js", "member.js")),
        "members.js": Script(("bech32.js", "scanning.js")),
        "merging.js": Script(("keys.js", "signing.js", "describing.js", "wallet.js", "member.js")),
        "notes_page.js": Script(("bech32.js", "notes.js", "contacts.js", "member.js")),
        "proposals.js": Script(("bytes.js",)),
        "proving.js": Script(("chain.js", "proof.js")),
        "rebinding.js": Script(),
        "redeem.js": Script(("bytes.js", "describing.js", "member.js")),
        "security.js": Script(),
        "send.js": Script(("bech32.js", "notes.js", "contacts.js", "member.js", "scanning.js")),
    },
}
"""All scripts, floor by floor. A script uses only those above it here, and none uses a page's; bytes, signing and proof
know nothing of forms. A test holds this against what stands in the scripts."""

SCRIPTS: Mapping[str, Script] = {name: script for floor in FLOORS.values() for name, script in floor.items()}


def load_order(names: Iterable[str]) -> list[str]:
    """Returns these scripts and all that they bring along, each after what it uses."""
    wanted, waiting = set[str](), [*EVERY_PAGE, *names]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += SCRIPTS[name].uses
    return [*EVERY_PAGE, *(name for name in SCRIPTS if name in wanted and name not in EVERY_PAGE)]
