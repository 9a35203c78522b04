"""State keys: one prefix for each noun, parts joined by `/`. No part can hold a `/` but the last, so no two nouns or
names collide."""

from __future__ import annotations

CONSORTIUM = "consortium"
CURRENT_WINDOW = "current_window"


def merchant(msp_id: str) -> str:
    return f"merchant/{msp_id}"


def proposal(proposal_id: str) -> str:
    return f"proposal/{proposal_id}"


def point_class(class_id: str) -> str:
    return f"class/{class_id}"


def rate(from_class_id: str, to_class_id: str) -> str:
    return f"rate/{from_class_id}/{to_class_id}"


def member(address: str) -> str:
    return f"member/{address}"


def rebind(address: str) -> str:
    return f"rebind/{address}"


def balance(class_id: str, account: str) -> str:
    return f"balance/{class_id}/{account}"


def allowance(class_id: str, owner: str, spender: str) -> str:
    return f"allowance/{class_id}/{owner}/{spender}"


def redemption(redemption_id: str) -> str:
    return f"redemption/{redemption_id}"


def dispute(redemption_id: str, issuer_msp: str) -> str:
    return f"dispute/{redemption_id}/{issuer_msp}"


def hold(hold_id: str) -> str:
    return f"hold/{hold_id}"


def legacy(class_id: str, reference_hash: str) -> str:
    return f"legacy/{class_id}/{reference_hash}"


def receipt(authoriser: str, request_id: str) -> str:
    """The request's id stands first: ids that begin with the time then lie together, and a look for one that is not
    there yet costs a peer little."""
    return f"receipt/{request_id}/{authoriser}"


def memory(place: str, requester: str) -> str:
    """What is remembered of one request about what stands at `place`, where that has no room for it."""
    return f"memory/{place}/{requester}"


def supply(class_id: str, msp_id: str, shard: int) -> str:
    """Flow counters of a class, written by the gateway of `msp_id` alone."""
    return f"supply/{class_id}/{msp_id}/{shard:02d}"


def limit(issuer_msp: str, acceptor_msp: str, shard: int) -> str:
    return f"limit/{issuer_msp}/{acceptor_msp}/{shard:02d}"


def cover(issuer_msp: str) -> str:
    return f"cover/{issuer_msp}"


def fee(issuer_msp: str, acceptor_msp: str) -> str:
    return f"fee/{issuer_msp}/{acceptor_msp}"


def fund(msp_id: str) -> str:
    return f"fund/{msp_id}"


def position(window_id: int, issuer_msp: str, acceptor_msp: str, shard: int) -> str:
    return f"position/{window_id:08d}/{issuer_msp}/{acceptor_msp}/{shard:02d}"


def carry(issuer_msp: str, acceptor_msp: str) -> str:
    return f"carry/{issuer_msp}/{acceptor_msp}"


def window(window_id: int) -> str:
    return f"window/{window_id:08d}"


def default(window_id: int, msp_id: str, default_id: str) -> str:
    return f"default/{window_id:08d}/{msp_id}/{default_id}"


def netting(window_id: int) -> str:
    return f"netting/{window_id:08d}"


def matrix(window_id: int, issuer_msp: str) -> str:
    return f"matrix/{window_id:08d}/{issuer_msp}"


def statement(window_id: int, msp_id: str) -> str:
    return f"statement/{window_id:08d}/{msp_id}"
