"""How a page is declared: one function, for one audience. Pages hold no rights of their own: whatever a page shows it asks of the API's endpoints, under the
visitor's own principal and the one table of access; whatever a page changes, the visitor's browser asks of the API itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import flask

from gateway.security.principals import Role

PUBLIC, MEMBER, STAFF, MERCHANT, OPERATOR = "public", "member", "staff", "merchant", "operator"
"""Who a section is for. STAFF: of any organisation; MERCHANT: of one that issues or takes points; OPERATOR: of one that operates the consortium."""


class Visitor(Protocol):
    """Who looks at the pages, as far as it decides which ones are of use."""

    @property
    def is_member(self) -> bool:
        """Whether it is a member."""

    @property
    def is_staff(self) -> bool:
        """Whether it is a member of staff."""

    @property
    def is_merchant(self) -> bool:
        """Whether the organisation issues or takes points."""

    @property
    def is_operator(self) -> bool:
        """Whether the organisation operates the consortium."""

    @property
    def roles(self) -> frozenset[Role]:
        """What its staff may do."""


View = Callable[[Any], flask.typing.ResponseReturnValue]
"""Takes the `Visit`."""


@dataclass(frozen=True)
class DeclaredPage:
    """One page. `label` stands in the navigation (None: not there), `roles` are the staff's roles it is of use to (none: every role)."""

    name: str
    path: str
    title: str
    section: Section
    view: View
    label: str | None
    roles: frozenset[Role]
    icon: str

    def is_for(self, visit: Visitor) -> bool:
        """Whether it would be of use to the visitor."""
        return self.section.is_for(visit) and (
            not self.roles or bool(self.roles & visit.roles) or Role.ADMIN in visit.roles
        )


class Section:
    """Pages for one audience."""

    def __init__(self, name: str, title: str, audience: str) -> None:
        self.name = name
        self.title = title
        self.audience = audience
        self.pages: list[DeclaredPage] = []

    def arrange(self, *names: str) -> None:
        """Puts the pages of these names first, in this order: where they stand in several files, those are read in the order of their names."""
        order = {name: place for place, name in enumerate(names)}
        assert set(order) <= {page.name for page in self.pages}, "a page that is not there"
        self.pages.sort(key=lambda page: order.get(page.name, len(order)))

    def is_for(self, visit: Visitor) -> bool:
        """Whether the visitor is of the audience."""
        if self.audience == MEMBER:
            return visit.is_member
        if self.audience == STAFF:
            return visit.is_staff
        if self.audience == MERCHANT:
            return visit.is_staff and visit.is_merchant
        if self.audience == OPERATOR:
            return visit.is_staff and visit.is_operator
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
    ) -> Callable[[View], View]:
        """Declares a page. `path` is Flask's (`/points/<class_id>`; its parts are `visit.path`). `title` and `label` are English and marked by `_`
        of `gateway.pages.language.mark`; `label` puts the page into the navigation, `icon` names a symbol of `static/pictures/icons.svg`."""

        def declare(view: View) -> View:
            self.pages.append(DeclaredPage(name, path, title, self, view, label, frozenset(roles), icon))
            return view

        return declare
