"""Cases of what the merchants decide by vote."""

from __future__ import annotations

from typing import Any

from chaincode.cases.case import OK, Case, Cases
from chaincode.cases.world import ADMIN, DAY, OPERATOR, Speaker, World, opened, standard
from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.canonical import Json, encode

NORTHSTAR, HARBOR, LOTUS = (Speaker(msp_id, "admin") for msp_id in ("northstar", "harbor", "lotus"))


def cases() -> list[Case]:
    """All of them."""
    return [*_propose(), *_vote(), *_set_merchant_status(), *_sweep()]


def motion(world: World, kind: str = "SUSPEND", msp_id: str = "lotus", **changes: Json) -> dict[str, Json]:
    """Arguments of Propose."""
    newcomer = {"definition_hash": "ab" * 32, "name": "极光茶室"} if kind == "ADMIT" else {}
    asked = {"expires_at": world.now + 7 * DAY, "kind": kind, "msp_id": msp_id, "reason": "does not pay", **newcomer}
    return {**asked, **changes}


def proposed(world: World, kind: str = "SUSPEND", msp_id: str = "lotus", proposer: Speaker = ADMIN) -> str:
    """The id of a proposal that is made."""
    return str(world.do("Propose", motion(world, kind, msp_id), proposer)["proposal"]["proposal_id"])


def vote(world: World, proposal_id: str, *voters: Speaker, approve: bool = True) -> Any:
    """The result of the last of several equal votes."""
    return [world.do("Vote", {"approve": approve, "proposal_id": proposal_id}, voter) for voter in voters][-1]


def voted(world: World, kind: str = "SUSPEND", msp_id: str = "lotus") -> World:
    """The world after both others voted for it."""
    others = (one for one in (NORTHSTAR, HARBOR, LOTUS) if one.msp_id != msp_id)
    vote(world, proposed(world, kind, msp_id), *others)
    return world


def _with(msp_ids: int) -> World:
    """The standard world with so many merchants more."""
    world = standard()
    for number in range(msp_ids):
        world.admit(f"m{number}")
    return world


def _propose() -> list[Case]:
    c = Cases("propose", "Propose")
    world = standard()
    c(
        "suspend",
        "An operator proposes to suspend a merchant; the two others may vote, and both are needed.",
        world,
        motion(world),
        speaker=ADMIN,
        expect=lambda r: (
            r["proposal"]["voters"] == ["harbor", "northstar"]
            and r["proposal"]["needed"] == 2
            and r["proposal"]["status"] == "OPEN"
        ),
    )
    c(
        "plain",
        "A merchant proposes a newcomer, by the hash of its definition; all three vote.",
        world,
        motion(world, "ADMIT", "aurora"),
        speaker=HARBOR,
        expect=lambda r: len(r["proposal"]["voters"]) == 3 and r["proposal"]["needed"] == 2,
    )
    even = _with(1)
    c(
        "even",
        "Of four more than half are three.",
        even,
        motion(even, "ADMIT", "aurora"),
        speaker=ADMIN,
        expect=lambda r: r["proposal"]["needed"] == 3,
    )
    halted = _with(1)
    halted.do("SetMerchantStatus", {"msp_id": "m0", "status": "SUSPENDED"}, ADMIN)
    halted.do("SetMerchantStatus", {"msp_id": "harbor", "status": "ISSUE_STOPPED"}, ADMIN)
    c(
        "who_votes",
        "Who issues no more votes, who is suspended does not.",
        halted,
        motion(halted, "ADMIT", "aurora"),
        speaker=ADMIN,
        expect=lambda r: r["proposal"]["voters"] == ["harbor", "lotus", "northstar"],
    )
    suspended = voted(standard())
    c("reinstate", "A suspended merchant.", suspended, motion(suspended, "REINSTATE"), speaker=ADMIN)
    for name in ("definition_hash", "name"):
        c(
            f"admit_without_{name}",
            "What belongs to a newcomer is missing.",
            world,
            {key: value for key, value in motion(world, "ADMIT", "aurora").items() if key != name},
            "INVALID_ARGUMENT",
            speaker=ADMIN,
        )
    c("suspend_with_name", "One too many.", world, motion(world, name="x"), "INVALID_ARGUMENT", speaker=ADMIN)
    c("kind", "No such kind.", world, motion(world, kind="EXPEL"), "INVALID_ARGUMENT", speaker=ADMIN)
    c("gateway", "Not by the gateway.", world, motion(world), "ROLE_REQUIRED", speaker=OPERATOR)
    stranger = Speaker("nobody", "admin")
    c("stranger", "By no merchant.", world, motion(world), "NOT_PARTICIPANT", speaker=stranger)
    c("suspended", "By one that is suspended.", suspended, motion(world, "REINSTATE"), "NOT_PARTICIPANT", speaker=LOTUS)
    open_one = standard()
    proposed(open_one)
    again = motion(open_one, reason="another")
    c("again", "The same, while it is open.", open_one, again, "PROPOSAL_EXISTS", speaker=HARBOR)
    c("other_kind", "Another kind about the same.", open_one, motion(open_one, "ADMIT", "aurora"), speaker=HARBOR)
    ended = open_one.fork().later(days=7)
    c("last_second", "In the last second of the first.", ended, motion(ended), "PROPOSAL_EXISTS", speaker=HARBOR)
    ended = ended.fork().later(seconds=1)
    c("after_lapse", "A second later.", ended, motion(ended), speaker=HARBOR)
    rejected = standard()
    vote(rejected, proposed(rejected), HARBOR, approve=False)
    c("after_rejection", "One that was rejected is proposed anew.", rejected, motion(rejected), speaker=HARBOR)
    named = standard()
    named.do("Propose", motion(named), ADMIN, request_id="r1")
    named.later(days=20).do("Sweep", {"receipts": [{"authoriser": "operator", "request_id": "r1"}]})
    c("same_id", "Under the name of one that still stands.", named, motion(named), "PROPOSAL_EXISTS", speaker=ADMIN)
    for name, ahead, code in (
        ("past", 0, "PROPOSAL_TOO_LONG"),
        ("shortest", 1, OK),
        ("longest", limits.PROPOSAL_DAYS_MAX * DAY, OK),
        ("too_long", limits.PROPOSAL_DAYS_MAX * DAY + 1, "PROPOSAL_TOO_LONG"),
    ):
        ends = motion(world, expires_at=world.now + ahead)
        c(name, f"It ends {ahead} seconds from now.", world, ends, code, speaker=ADMIN)
    two = opened()
    two.admit("harbor")
    two.admit("lotus")
    c("too_few", "One other alone decides nothing.", two, motion(two), "TOO_FEW_VOTERS", speaker=ADMIN)
    c("fewest", "Two decide on a newcomer.", two, motion(two, "ADMIT", "aurora"), speaker=ADMIN)
    c("unknown", "Nobody.", world, motion(world, msp_id="nobody"), "UNKNOWN_MERCHANT", speaker=ADMIN)
    c("exists", "A merchant there is.", world, motion(world, "ADMIT"), "MERCHANT_EXISTS", speaker=ADMIN)
    c("not_suspended", "Not suspended.", world, motion(world, "REINSTATE"), "STATUS_TRANSITION", speaker=ADMIN)
    c("twice", "By vote already.", suspended, motion(suspended), "STATUS_TRANSITION", speaker=ADMIN)
    over = standard()
    for number in range(limits.MERCHANTS_MAX - 3):
        over.do("RegisterMerchant", {"msp_id": f"m{number:03}", "name": "m"}, ADMIN)
    c("no_place", "No place.", over, motion(over, "ADMIT", "aurora"), "TOO_MANY_MERCHANTS", speaker=ADMIN)
    invited = standard()
    invited.do("RegisterMerchant", {"msp_id": "aurora", "name": "m"}, ADMIN)
    about_it = motion(invited, msp_id="aurora")
    c("invited", "An invitation.", invited, about_it, "STATUS_TRANSITION", speaker=ADMIN)
    c(
        "order_exists_before_long",
        "Open already, and too long.",
        open_one,
        motion(open_one, expires_at=0),
        "PROPOSAL_EXISTS",
        speaker=ADMIN,
    )
    return c.found


def _vote() -> list[Case]:
    c = Cases("vote", "Vote")
    world = standard()
    proposal_id = proposed(world)
    yes, no = ({"approve": approve, "proposal_id": proposal_id} for approve in (True, False))
    c(
        "plain",
        "The first of two that are needed.",
        world,
        yes,
        speaker=HARBOR,
        expect=lambda r: (r["proposal"]["status"], r["merchant"]) == ("OPEN", None),
    )
    one = world.fork()
    vote(one, proposal_id, HARBOR)
    c(
        "suspends",
        "The second suspends it at once.",
        one,
        yes,
        speaker=NORTHSTAR,
        expect=lambda r: (
            (r["proposal"]["status"], r["merchant"]["status"], r["merchant"]["suspended_by"])
            == ("PASSED", "SUSPENDED", proposal_id)
        ),
    )
    c(
        "rejects",
        "Enough cannot come together any more.",
        world,
        no,
        speaker=HARBOR,
        expect=lambda r: (r["proposal"]["status"], r["merchant"]) == ("REJECTED", None),
    )
    c("again", "The same merchant, another mind.", one, no, "ALREADY_VOTED", speaker=HARBOR)
    c("its_own", "By the one that it is about.", world, no, "NOT_VOTER", speaker=LOTUS)
    c("operator", "An operator has no vote.", world, yes, "NOT_VOTER", speaker=ADMIN)
    c("gateway", "Not by the gateway.", world, yes, "ROLE_REQUIRED", speaker="harbor")
    c("unknown", "No such proposal.", standard(), yes, "UNKNOWN_PROPOSAL", speaker=HARBOR)
    for name, wrong in (
        ("kind", "EXPEL/lotus/operator/r1"),
        ("short", "SUSPEND/lotus/r1"),
        ("address", "SUSPEND/lotus/jf1/r1"),
        ("request", "SUSPEND/lotus/operator/"),
    ):
        asked = {"approve": True, "proposal_id": wrong}
        c(f"id_{name}", "No such form.", world, asked, "INVALID_ARGUMENT", speaker=HARBOR)
    c("maybe", "Neither yes nor no.", world, {**yes, "approve": "maybe"}, "INVALID_ARGUMENT", speaker=HARBOR)
    last = world.fork().later(days=7)
    c("last_second", "In the last second.", last, yes, speaker=HARBOR)
    c("lapsed", "A second later.", last.fork().later(seconds=1), yes, "PROPOSAL_NOT_OPEN", speaker=HARBOR)
    done = one.fork()
    vote(done, proposal_id, NORTHSTAR)
    c("passed", "It is decided.", done, no, "PROPOSAL_NOT_OPEN", speaker=NORTHSTAR)
    newer = _with(0)
    late_id = proposed(newer)
    newer.admit("m0")
    c(
        "too_late_a_merchant",
        "By one that joined afterwards.",
        newer,
        {"approve": True, "proposal_id": late_id},
        "NOT_VOTER",
        speaker=Speaker("m0", "admin"),
    )
    stopped = world.fork()
    stopped.do("SetMerchantStatus", {"msp_id": "harbor", "status": "SUSPENDED"}, ADMIN)
    c("suspended_since", "An operator's word takes no vote away.", stopped, yes, speaker=HARBOR)
    stopped.let_go("harbor")
    c("left_since", "One that left.", stopped, yes, "NOT_VOTER", speaker=HARBOR)
    admission = standard()
    admission_id = proposed(admission, "ADMIT", "aurora", HARBOR)
    vote(admission, admission_id, HARBOR)
    admit = {"approve": True, "proposal_id": admission_id}
    c(
        "admits",
        "The newcomer is invited.",
        admission,
        admit,
        speaker=LOTUS,
        expect=lambda r: (
            r["merchant"]["status"] == "INVITED"
            and r["merchant"]["invited_until"] == admission.now + limits.INVITATION_DAYS * DAY
        ),
    )
    known = admission.fork()
    known.do("RegisterMerchant", {"msp_id": "aurora", "name": "m"}, ADMIN)
    c("exists", "Invited meanwhile: the vote is refused.", known, admit, "MERCHANT_EXISTS", speaker=LOTUS)
    full = admission.fork()
    values = {}
    for number in range(limits.MERCHANTS_MAX - 3):
        invited = {"invited_until": full.now + DAY, "msp_id": f"m{number:03}", "name": "m", "registered_at": full.now}
        invited["run_off_until"] = None
        values[keys.merchant(f"m{number:03}")] = encode({**invited, "status": "INVITED", "suspended_by": None})
    full.state.commit(values)
    c("no_place", "The place is gone: the vote is refused.", full, admit, "TOO_MANY_MERCHANTS", speaker=LOTUS)
    c("no_place_against", "A vote against is taken.", full, {**admit, "approve": False}, speaker=LOTUS)
    gone = one.fork()
    gone.let_go("lotus")
    c("gone", "It left meanwhile.", gone, yes, "STATUS_TRANSITION", speaker=NORTHSTAR)
    back = voted(standard())
    back_id = proposed(back, "REINSTATE")
    vote(back, back_id, HARBOR)
    c(
        "reinstates",
        "It is active again.",
        back,
        {"approve": True, "proposal_id": back_id},
        speaker=NORTHSTAR,
        expect=lambda r: (r["merchant"]["status"], r["merchant"]["suspended_by"]) == ("ACTIVE", None),
    )
    both = world.fork()
    entries = [world.entry("Vote", yes, request_id=name) for name in ("r1", "r2")]
    c.batch("twice_at_once", "Twice in one batch.", both, entries, "ALREADY_VOTED", speaker=HARBOR)
    repeated = world.fork()
    repeated.do("Vote", yes, HARBOR, request_id="r1")
    c("repeated", "The same request twice.", repeated, yes, speaker=HARBOR, expect=lambda r: r["repeated"])
    return c.found


def _set_merchant_status() -> list[Case]:
    c = Cases("set_merchant_status", "SetMerchantStatus")
    suspended = voted(standard())
    for status, code in (
        ("ACTIVE", "STATUS_TRANSITION"),
        ("ISSUE_STOPPED", "STATUS_TRANSITION"),
        ("SUSPENDED", OK),
        ("RUN_OFF", OK),
    ):
        c(
            f"suspended_by_vote_to_{status.lower()}",
            f"Whom the merchants suspended, to {status}.",
            suspended,
            {"msp_id": "lotus", "status": status, **({"run_off_until": "2026-03-31"} if status == "RUN_OFF" else {})},
            code,
            speaker=ADMIN,
        )
    suspended.let_run_off("lotus")
    back = {"msp_id": "lotus", "status": "ACTIVE"}
    c("run_off_by_vote_to_active", "Nor by a detour.", suspended, back, "STATUS_TRANSITION", speaker=ADMIN)
    return c.found


def _sweep() -> list[Case]:
    c = Cases("sweep", "Sweep")
    world = standard()
    args = {"proposals": [proposed(world), "ADMIT/aurora/harbor/none"]}
    kept = world.later(days=7 + limits.PROPOSAL_KEPT_DAYS)
    c("proposal_kept", "Still to be read.", kept, args, expect=lambda r: r == {"deleted": 0})
    c("proposal", "A second later.", kept.fork().later(seconds=1), args, expect=lambda r: r == {"deleted": 1})
    return c.found
