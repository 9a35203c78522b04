"""Old cards, and files of them."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.legacy.files import proof_sha256
from gateway.security.principals import Role, Staff
from tests.scenes.people import PeopleScene

CARDS = [("8800 1234 5678", 500, "", "4321"), ("8800-1234-5679", 70, "2027-03-31", "1988-08-08")]
FINANCE = Staff("stf_finance", "ses_1", 0, frozenset({Role.FINANCE}))
SECOND = Staff("stf_second", "ses_2", 0, frozenset({Role.FINANCE}))
SALT = "00112233445566778899aabbccddeeff"


def confirmed(world: PeopleScene, rows: Sequence[tuple[str, int, str, str]], class_id: str = "north") -> str:
    """Loads a file that a second person confirms and the ledger takes; the import's id."""
    import_id = load(world, rows, class_id)
    world.people.legacy_imports.carry_out(SECOND, import_id, lambda operation: {"code": "OK"})
    return import_id


def card_file(rows: Sequence[tuple[str, int, str, str]]) -> str:
    """A file of (reference, points, expires_on, PIN)."""
    lines = ["reference,points,expires_on,salt,proof_sha256"]
    for reference, points, expires_on, pin in rows:
        lines.append(f"{reference},{points},{expires_on},{SALT},{proof_sha256(SALT, pin)}")
    return "\n".join(lines) + "\n"


def load(world: PeopleScene, rows: Sequence[tuple[str, int, str, str]], class_id: str = "north") -> str:
    """Loads a file; the import's id."""
    made = world.people.legacy_imports.load(
        FINANCE,
        class_id,
        card_file(rows),
        control_count=len(rows),
        control_total_points=sum(row[1] for row in rows),
        file_name="cards.csv",
    )
    return made.import_id
