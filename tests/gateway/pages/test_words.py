"""Every word of the pages is there in every language, and none is left over."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from admin.tools.reference import words
from gateway import pages
from gateway.identity import schemas
from gateway.members import key_schemas
from gateway.pages.frame.language import LANGUAGES, Speech, translations
from gateway.pages.words.refusals import MEANINGS
from gateway.web.faults import FORMS, SAID, TYPES, WORDS
from gateway.web.problems import PROBLEMS
from gateway.webhooks import documents as webhook_documents

OTHERS = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\((\w+)\)s")
PAGES = Path(inspect.getfile(pages)).parent
OWN_COMMA = re.compile(r"""join\(["'][,;] |%}[,;] |}}[,;] {{""")


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing(language: str) -> None:
    missing = words.missing(language)
    assert not missing, words.as_po(missing)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_over_or_there_twice(language: str) -> None:
    assert words.unused(language) == []
    assert words.twice(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_name_the_same_values(language: str) -> None:
    for name, (text, file) in words.known(language).items():
        for form in (text,) if isinstance(text, str) else text:
            assert set(PLACE.findall(form)) == set(PLACE.findall(name)), (file, name)


CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_code_is_told_in_chinese(code: str) -> None:
    """The ledger's, the gateway's and those of HTTP itself: people meet each of them."""
    told = translations("zh").gettext(MEANINGS[code])
    assert CHINESE.search(told)
    assert not re.search(r"[A-Za-z]{3,}", re.sub(r"MSP ID|API|Idempotency-Key", "", told)), told


def test_every_fault_of_a_form_is_told_in_chinese() -> None:
    """Kinds, types and forms stand in pairs; what the models of requests say by themselves is in a table."""
    for kind, (_, told) in {**WORDS, **TYPES, **FORMS}.items():
        assert CHINESE.search(told) or told == "{expected}", kind
    said = {}
    for module in (key_schemas, schemas, webhook_documents):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                text = eval(
                    compile(ast.Expression(node.exc.args[0]), module.__name__, "eval"), vars(module), {"fault": ""}
                )
                said[text] = module.__name__
    assert set(said) - {""} == set(SAID)
    assert all(CHINESE.search(told) or "base64" in told for told in SAID.values())


RETIRED_CHINESE = [
    "原付款",
    "获赠",
    "丑话",
    "盗贼",
    "未雨绸缪",
    "接纳",
    "口述",
    "自始至今",
    "通道数",
    "发行",
    "未兑付",
    "收款方",
    "收款码",
    "退款",
    "退回",
    "结算窗口",
    "删除账户",
    "旧卡指纹",
    "应付应收",
    "应付与应收",
    "预留核销",
    "验证码编号",
]
RETIRED_ENGLISH = (
    "Why not",
    "Runs out",
    "Run out",
    "Everything it says",
    "What is large or grave",
    "The answer stands here.",
    "For ever",
    "By what she says",
    "Who takes them",
    "It is certain now",
    "The ledger said",
    "Take in",
    "Take back",
    "Nothing waits",
    "The member tells a code",
)


@pytest.mark.parametrize("word", RETIRED_CHINESE)
def test_a_retired_word_stands_nowhere_in_chinese(word: str) -> None:
    told = [text for text, _ in words.known("zh").values()]
    assert [text for text in told if word in str(text)] == []


def test_a_retired_word_stands_nowhere_in_english() -> None:
    assert set(RETIRED_ENGLISH) & set(words.used()) == set()


@pytest.mark.parametrize(
    ("context", "text", "chinese"),
    [
        ("", "Closed", "已轧账"),
        ("member", "Closed", "已注销"),
        ("", "Active", "启用"),
        ("member", "Active", "正常"),
        ("", "Frozen", "冻结"),
        ("", "never", "从未"),
        ("", "Never expires", "长期有效"),
        ("", "Amount", "数量"),
        ("money", "Amount", "金额"),
        ("", "To be settled in all, before netting", "轧差前结算金额合计"),
        ("", "Name", "名称"),
        ("person", "Name", "姓名"),
        ("", "Pay with points", "积分抵扣"),
        ("till", "Pay with points", "积分核销"),
    ],
)
def test_a_word_is_said_as_its_context_wants(context: str, text: str, chinese: str) -> None:
    speech = Speech("zh")
    assert (speech.pgettext(context, text) if context else speech.gettext(text)) == chinese
    assert Speech("en").pgettext(context or "any", text) == text


def test_names_in_a_row_stand_apart_as_the_language_has_it() -> None:
    """A comma between names is a word, too: templates and scripts say none of their own."""
    assert translations("zh").gettext(", ") == "、"
    for file in sorted((*PAGES.rglob("*.html"), *PAGES.joinpath("static", "scripts").glob("*.js"))):
        assert not OWN_COMMA.findall(file.read_text("utf-8")), file.name
