"""Errors of the command line: each has a stable code, a sentence for people and an exit code."""

from __future__ import annotations

from admin.exit_codes import Exit


class JifenError(Exception):
    """`CODE: detail`. `code` is stable and for programs, `detail` is for people and names what to do or where to
    look."""

    exit_code: Exit = Exit.FAILED

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class CheckFailed(JifenError):
    """A check that was asked for failed."""


class BadInput(JifenError):
    """What the user gave cannot be used; nothing was changed."""

    exit_code = Exit.USAGE


class EnvironmentMissing(JifenError):
    """The machine lacks something: a program, a port, a package."""

    exit_code = Exit.ENVIRONMENT


class Unavailable(JifenError):
    """The network or the ledger cannot be reached."""

    exit_code = Exit.UNAVAILABLE


class Differs(JifenError):
    """A verification or comparison came out different."""

    exit_code = Exit.DIFFERS


LEDGER_ERRORS_UNAVAILABLE = {"EndorseFailed", "SubmitFailed", "CommitFailed", "OutcomeUnknown", "EvaluateFailed"}
"""The ledger port's errors by name, so that they need not be imported to be told apart."""


def described(error: BaseException) -> tuple[str, str, Exit] | None:
    """Code, detail and exit code of an error that has them: ours, the parser's, the network's, the ledger's or a
    rule's; else None.

    An error of the rooms below may say its exit code in an attribute `exit_code`, as the network's do; without one, and
    without an entry in the table here, it is a refusal.
    """
    format_message = getattr(error, "format_message", None)
    if callable(format_message):  # the command line parser's errors
        return "USAGE", format_message(), Exit.USAGE
    code, detail = getattr(error, "code", None), getattr(error, "detail", None)
    if not isinstance(code, str) or not isinstance(detail, str):
        return None
    if type(error).__name__ in LEDGER_ERRORS_UNAVAILABLE:
        return code, detail, Exit.UNAVAILABLE
    return code, detail, Exit(getattr(error, "exit_code", Exit.FAILED))
