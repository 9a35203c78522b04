"""Tables that follow from the code: exit codes, state keys, operations, queries, codes, limits, the ERC-20 side."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import get_args, get_type_hints

from admin.exit_codes import MEANINGS
from chaincode.spec import erc20, nouns
from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.codes import CODES
from chaincode.spec.kernel.context import Authority
from chaincode.spec.kernel.fields import Fields
from chaincode.spec.kernel.operation import Operation
from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def exit_codes() -> str:
    """What `jifen` ends with."""
    return markdown(["exit code", "meaning"], [[str(code.value), meaning] for code, meaning in MEANINGS.items()])


def state_keys() -> str:
    """Every key, what stands under it, the fields of its document, and which operations create it."""
    rows = []
    for name, pattern in key_patterns().items():
        noun = noun_of(name)
        by = [f"`{op}`" for op, operation in OPERATIONS.items() if name.lower() in operation.CREATES]
        said = " ".join((noun.__doc__ or "").split()).removesuffix(".")
        fields = ", ".join(f"`{field}`" for field in stored_fields(noun))
        rows.append([f"`{pattern}`", said, fields, ", ".join(by) or "any operation"])
    return markdown(["key", "noun", "fields", "created by"], rows)


def noun_of(key: str) -> ModuleType:
    """The module of a noun, by the name of its key in `chaincode.spec.kernel.keys`."""
    return importlib.import_module(f"{nouns.__name__}.{key.lower()}")


def stored_fields(noun: ModuleType) -> list[str]:
    """The fields of the document under a noun's key: of a list in its order, else by name."""
    if isinstance(noun.STORED, tuple):
        return list(noun.STORED)
    return sorted({field for kind in get_args(noun.STORED) or [noun.STORED] for field in get_type_hints(kind)})


def key_patterns() -> dict[str, str]:
    """The form of every key by its name in `chaincode.spec.kernel.keys`, as `balance/<class_id>/<account>`."""
    found = {}
    for node in _module(keys).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = str(ast.literal_eval(node.value))
        elif isinstance(node, ast.FunctionDef):
            returned = node.body[-1]
            assert isinstance(returned, ast.Return)
            assert isinstance(returned.value, ast.JoinedStr)
            found[node.name] = "".join(_key_part(part) for part in returned.value.values)
    return found


def _key_part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    digits = ""
    if isinstance(part.format_spec, ast.JoinedStr):
        (form,) = part.format_spec.values
        assert isinstance(form, ast.Constant)
        digits = f", {int(str(form.value).removesuffix('d'))} digits"
    return f"<{ast.unparse(part.value)}{digits}>"


def operations() -> str:
    """Every operation: who authorises it, what it does, what it refuses."""
    rows = []
    for name, operation in OPERATIONS.items():
        text = " ".join((operation.__doc__ or "").partition(":")[2].split())
        refuses = ", ".join(f"`{code}`" for code in operation.REFUSES)
        rows.append([f"`{name}`", authority(operation), text[:1].upper() + text[1:], refuses])
    return markdown(["operation", "authorised by", "what it does", "refuses"], rows)


def authority(operation: Operation) -> str:
    """Who may authorise an operation, in words."""
    roles = ", ".join(role.value for role in operation.ROLES)
    if operation.AUTHORITY is Authority.ORGANISATION:
        return f"organisation: {roles}"
    if operation.AUTHORITY is Authority.EITHER:
        return f"member, or organisation: {roles}"
    return f"member, relayed by {roles or 'anyone'}"


def arguments() -> str:
    """The arguments of every operation and their forms; `?` marks one that may be left out."""
    return markdown(
        ["operation", "arguments"],
        [[f"`{name}`", _forms(operation.ARGUMENTS)] for name, operation in OPERATIONS.items()],
    )


def _forms(fields: Fields) -> str:
    return "; ".join(f"`{name}{'?' if form.optional else ''}` {form.expected}" for name, form in sorted(fields.items()))


def queries() -> str:
    """Every query, its arguments and what it answers."""
    rows = [
        [
            f"`{name}`",
            ", ".join(f"`{field}{'?' if form.optional else ''}`" for field, form in sorted(query.arguments.items())),
            query.tells,
        ]
        for name, query in QUERIES.items()
    ]
    return markdown(["query", "arguments", "answer"], rows)


def codes() -> str:
    """Every code in its order."""
    return markdown(
        ["", "code", "meaning"],
        [[str(place), f"`{code}`", text] for place, (code, text) in enumerate(CODES.items(), 1)],
    )


def bounds() -> str:
    """Every limit and its value."""
    rows = []
    body = _module(limits).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            said = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                said = " ".join(str(following.value.value).split())
            rows.append([f"`{name}`", f"{getattr(limits, name):,}", said])
    return markdown(["limit", "value", ""], rows)


def erc20_methods() -> str:
    """The methods of a class's ERC-20 side and what they do on the ledger."""
    rows = [[f"`{name}`", ", ".join(f"`{one}`" for one in takes), "asks"] for name, takes in erc20.READS.items()]
    rows += [[f"`{name}`", ", ".join(f"`{one}`" for one in takes), "acts"] for name, takes in erc20.WRITES.items()]
    return markdown(["method", "arguments", ""], rows)


def _module(module: ModuleType) -> ast.Module:
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text("utf-8"))


TABLES: dict[str, Callable[[], str]] = {
    "exit_codes": exit_codes,
    "keys": state_keys,
    "operations": operations,
    "arguments": arguments,
    "queries": queries,
    "codes": codes,
    "limits": bounds,
    "erc20": erc20_methods,
}
