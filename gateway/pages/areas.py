"""Every section of the UI, in the order of the navigation."""

from __future__ import annotations

from gateway.pages import account, backoffice, home, wallet
from gateway.pages.sections import Section

SECTIONS: tuple[Section, ...] = (wallet.section, backoffice.section, account.section, home.section)
