"""Every word of the pages is there in every language, and none is left over."""

from __future__ import annotations

import re

import pytest

from admin.documents import words
from gateway.pages.language import LANGUAGES

OTHERS = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\((\w+)\)s")


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
