"""How a page is declared: one function, for one audience. Pages hold no rights of their own: whatever a page shows it
asks of the API's endpoints, under the visitor's own principal and the one table of access; whatever a page changes, the
visitor's browser asks of the API itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import flask

from gateway.security.principals import Role

PUBLIC, MEMBER, STAFF, MERCHANT, OPERATOR = "public", "member", "staff", "merchant", "operator"
"""Who a section is for. STAFF: of any organisation; MERCHANT: of one that issues or takes points; OPERATOR: of one that
operates the consortium."""

Answer = Callable[[Any], flask.typing.ResponseReturnValue]
"""Takes the `PageView`."""


class Visitor(Protocol):
    """Who looks at the pages, as far as it decides which ones are of use."""

    @property
    def is_member(self) -> bool:
        """Whether a member is signed in."""

    @property
    def is_staff(self) -> bool:
        """Whether somebody of the merchant's staff is signed in."""

    @property
    def is_merchant(self) -> bool:
        """Whether this gateway's organisation is a merchant of the consortium."""

    @property
    def is_operator(self) -> bool:
        """Whether this gateway's organisation operates the consortium."""

    @property
    def roles(self) -> frozenset[Role]:
        """The staff's roles; none for others."""


@dataclass(frozen=True)
class DeclaredPage:
    """One page. `label` stands in the navigation (None: not there), `roles` are the staff's roles it is of use to
    (none: every role)."""

    name: str
    path: str
    title: str
    section: Section
    answer: Answer
    label: str | None
    roles: frozenset[Role]
    icon: str

    def is_for(self, view: Visitor) -> bool:
        """Tells whether it would be of use to the visitor."""
        return self.section.is_for(view) and (
            not self.roles or bool(self.roles & view.roles) or Role.ADMIN in view.roles
        )


class Section:
    """Pages for one audience. `order` names those of the navigation in the order in which they stand there."""

    def __init__(self, name: str, title: str, audience: str, *order: str) -> None:
        self.name = name
        self.title = title
        self.audience = audience
        self.order = order
        self._pages: dict[str, DeclaredPage] = {}

    @property
    def pages(self) -> list[DeclaredPage]:
        """The pages: those of the navigation in their order, then the others by their names."""
        others = sorted(set(self._pages) - set(self.order))
        return [self._pages[name] for name in (*self.order, *others)]

    def is_for(self, view: Visitor) -> bool:
        """Tells whether the visitor is of the audience."""
        if self.audience == MEMBER:
            return view.is_member
        if self.audience == STAFF:
            return view.is_staff
        if self.audience == MERCHANT:
            return view.is_staff and view.is_merchant
        if self.audience == OPERATOR:
            return view.is_staff and view.is_operator
        return True

    def page(
        self,
        path: str,
        *,
        name: str,
        title: str,
        label: str | None = None,
        roles: tuple[Role, ...] = (),
        icon: str = "",
    ) -> Callable[[Answer], Answer]:
        """Declares a page. `path` is Flask's (`/points/<class_id>`; its parts are `view.path`). `title` and `label` are
        English and marked by `gateway.pages.words.marking.mark`; `label` puts the page into the navigation, `icon`
        names a symbol of `static/pictures/icons.svg`."""

        def declare(answer: Answer) -> Answer:
            assert (label is not None) == (name in self.order), f"{name}: a label, and a place in {self.name}’s order"
            assert name not in self._pages, f"{name} is declared already"
            self._pages[name] = DeclaredPage(name, path, title, self, answer, label, frozenset(roles), icon)
            return answer

        return declare
