"""CONTRIBUTING's checklists hold: an operation with a noun, a query and a row on a page is added to a copy of the tree
by them alone; every check passes then, and each file that is left out is named by the check that its line tells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from network.programs.go import go_program
from tests.handbook.checklists import NOBODY, PAGE, ROOT, Line, checklists, codes_in
from tests.handbook.examples import Example, copy_tree, linked_tree

OPERATION = Example(Path(__file__).parent / "fixture_operation")
NAMES = {
    "audience": "operator",
    "cases": "consortium",
    "noun": "notice",
    "operation": "pin_notice",
    "subject": "consortium",
}
"""What the placeholders of the checklists stand for in the example; any other stands for any name."""
CHECKLISTS = checklists()
NEEDED = [line for name in ("An operation", "A noun", "A query", "A row on a page") for line in CHECKLISTS[name]]
"""What the example is made by."""
FILES_MAX = 25
"""By hand, for an operation with a noun of its own, an event and a row on a page."""
AT_ONCE = 2
GO = "go test "
TESTS_OF_THE_HOUSE = (
    "tests/spec/test_vectors.py::test_rules[pin_notice]",
    "tests/spec/test_vectors.py::test_rules[queries]",
    "tests/spec/test_vectors.py::test_operations_refuse_what_they_declare",
    "tests/spec/test_documents.py",
    "tests/spec/test_footprint.py::test_the_vectors_lie_inside_the_footprint",
    "tests/gateway/access/test_table.py::test_access[sqlite-pinNotice]",
    "tests/gateway/access/test_table.py::test_access[sqlite-getNotice]",
    "tests/gateway/pages/test_words.py",
)
"""What else must hold of an operation; the tests of access ask a gateway that starts with it."""
VECTORS_IN_GO = f"{GO}./internal/conformance -run TestRules/(pin_notice|queries)/"


def run(tree: Path, *command: str, folder: str = ".") -> tuple[int, str]:
    """Runs a command in a tree; its exit status and all that it said."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command,
        cwd=tree / folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def run_tests(tree: Path, *tests: str) -> tuple[int, str]:
    """Runs tests of a tree, in a process of their own; of what fails it says one line."""
    plugins = ("-p", "pytest_asyncio.plugin", "-p", "pytest_timeout", "-p", "no:cacheprovider")
    return run(tree, sys.executable, "-m", "pytest", "-q", "--tb=line", *plugins, *tests)


def run_jifen(tree: Path, *arguments: str) -> None:
    """Runs a command of `jifen`, which must succeed."""
    status, said = run(tree, sys.executable, "-c", "from admin.cli import main; main()", *arguments)
    assert status == 0, said


def run_ruff(tree: Path, *arguments: str) -> tuple[int, str]:
    """Runs ruff over the Python files that the example touches."""
    return run(
        tree,
        str(Path(sys.executable).with_name("ruff")),
        *arguments,
        "--no-cache",
        *(path for path in OPERATION.files if path.endswith(".py")),
    )


def run_go_tests(tree: Path, check: str) -> tuple[int, str]:
    """Runs `go test` in the module of the rules."""
    return run(tree, go_program(), "test", *check.removeprefix(GO).split(), folder="chaincode/go")


def lines_of(path: str) -> set[Line]:
    """The lines that a file of the example stands on; one where several checklists say the same."""
    return {line for line in NEEDED if line.fits(path, NAMES)}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the whole example, and all that is derived from it."""
    folder = tmp_path_factory.mktemp("house")
    copy_tree(folder)
    OPERATION.put_into(folder)
    run_jifen(folder, "vectors", "write")
    run_jifen(folder, "documents", "write")
    return folder


def test_the_example_touches_what_the_checklists_name() -> None:
    assert {path: len(lines_of(path)) for path in OPERATION.files} == dict.fromkeys(OPERATION.files, 1)
    assert [line.pattern for line in NEEDED if not any(line.fits(path, NAMES) for path in OPERATION.files)] == []


def test_an_operation_is_added_by_few_files() -> None:
    assert len(OPERATION.files) <= FILES_MAX
    assert f"by {len(OPERATION.files)} files" in PAGE.read_text("utf-8")


def test_the_house_holds_with_the_example(tree: Path) -> None:
    checks = {line.check for line in NEEDED} - {NOBODY}
    in_go = {check for check in checks if check.startswith(GO)} | {VECTORS_IN_GO}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(run_tests, tree, *TESTS_OF_THE_HOUSE, *sorted(checks - in_go))]
        runs += [pool.submit(run_go_tests, tree, check) for check in sorted(in_go)]
        runs += [pool.submit(run_ruff, tree, "check"), pool.submit(run_ruff, tree, "format", "--check")]
    for one in runs:
        status, said = one.result()
        assert status == 0, said


def test_each_file_that_is_left_out_is_named(tree: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rests = [tmp_path / str(number) for number in range(len(OPERATION.files))]
        faults = pool.map(fault_without, OPERATION.files, rests, [tree] * len(rests))
        assert [fault for fault in faults if fault] == []


def fault_without(path: str, rest: Path, tree: Path) -> str:
    """What is wrong where the check of a file's line runs in the `rest` of a tree; nothing where it says what is
    missing."""
    (line,) = lines_of(path)
    if line.check == NOBODY:
        return ""
    linked_tree(tree, rest)
    OPERATION.take_out(rest, path)
    if path.startswith("chaincode/cases/"):
        run_jifen(rest, "vectors", "write")
    status, said = (run_go_tests if line.check.startswith(GO) else run_tests)(rest, line.check)
    if status == 0:
        return f"{line.check} does not miss {path}"
    named = re.search("notice", said.replace(str(rest), "").replace(path, ""), re.IGNORECASE)
    return "" if named else f"{line.check} does not name {path}: {said}"


def test_every_checklist_is_there_and_names_files_that_there_are() -> None:
    lists = {
        *("An operation", "A noun", "A field of a noun", "A query"),
        *("A row on a page", "A report", "A step of the network", "A runtime"),
    }
    assert {name for name, lines in CHECKLISTS.items() if lines} == lists
    lines = [line for found in CHECKLISTS.values() for line in found]
    assert [line.pattern for line in lines if not any(ROOT.glob(line.glob))] == []


def test_every_check_that_a_checklist_names_is_there() -> None:
    checks = {line.check for found in CHECKLISTS.values() for line in found} - {NOBODY}
    named = {code for code in codes_in(PAGE) if code.startswith(("tests/", GO)) and "<" not in code}
    assert checks <= named
    assert [check for check in sorted(named) if not is_there(check)] == []


def test_every_file_that_the_page_names_is_there() -> None:
    files = [
        code for code in codes_in(PAGE) if re.fullmatch(r"(admin|chaincode|gateway|network|tests)/[\w./]+\.\w+", code)
    ]
    assert len(files) > 20
    assert [file for file in files if not (ROOT / file).is_file()] == []


def is_there(check: str) -> bool:
    """Whether there is such a file of tests, with the test that is named; or such a package with tests in Go."""
    if check.startswith(GO):
        return any((ROOT / "chaincode" / "go" / check.split()[2]).glob("*_test.go"))
    file, _, name = check.partition("::")
    return (ROOT / file).exists() and (not name or f"\ndef {name}(" in (ROOT / file).read_text("utf-8"))


def paths_for_pages() -> Iterator[tuple[str, Path]]:
    """(name, folder that it is below) of the files that the list for pages names."""
    folder = ROOT / "gateway" / "pages"
    section = (folder / "README.md").read_text("utf-8").partition("\n### Add a page\n")[2].partition("\n#")[0]
    for line in re.findall(r"^\d\. .+(?:\n {3}.+)*", section, re.MULTILINE):
        for name in re.findall(r"`([^`]+\.\w+)`", line):
            yield name, ROOT if name.startswith("admin/") else folder


def test_the_list_for_pages_names_files_that_there_are() -> None:
    assert "(gateway/pages/README.md#add-a-page)" in PAGE.read_text("utf-8")
    found = list(paths_for_pages())
    assert len(found) >= 6
    assert [name for name, folder in found if not any(folder.glob(re.sub(r"<\w+>", "*", name)))] == []
