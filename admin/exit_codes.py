"""The exit codes of `jifen`: one table, which the help shows and the documentation is tested against."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process ends with."""

    OK = 0
    FAILED = 1
    USAGE = 2
    ENVIRONMENT = 3
    UNAVAILABLE = 4
    DIFFERS = 5
    INTERRUPTED = 130


MEANINGS: dict[Exit, str] = {
    Exit.OK: "done",
    Exit.FAILED: "refused by a rule, or a check failed",
    Exit.USAGE: "wrong usage or bad input; nothing was changed",
    Exit.ENVIRONMENT: "something the machine must give is missing: a program, a port, a package, room",
    Exit.UNAVAILABLE: "the network or the ledger cannot be reached, or an outcome is not known",
    Exit.DIFFERS: "a verification or comparison came out different",
    Exit.INTERRUPTED: "interrupted from the keyboard or by SIGTERM",
}
