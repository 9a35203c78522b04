"""A code is the same however somebody types it."""

from __future__ import annotations

import pytest

from gateway.core.typed_codes import plain_code


@pytest.mark.parametrize(
    "typed",
    [
        "EY3G-365G",
        "ey3g365g",
        " EY3G 365G ",
        "ＥＹ３Ｇ－３６５Ｇ",
        "ey3g–365g",
        "EY3G\u30003\u200b65G",
        "EY3G—365g\n",
    ],
)
def test_one_code_in_many_forms(typed: str) -> None:
    assert plain_code(typed) == "ey3g365g"


def test_other_codes_stay_others() -> None:
    assert plain_code("order_7/a") == "order_7/a"
    assert plain_code("订单 7") == "订单7"
    assert plain_code("ey3g365h") != plain_code("EY3G-365G")
