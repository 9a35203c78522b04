"""Every page there is: the modules in the audiences' folders declare their pages when they are imported, all of them
here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from gateway.pages import member, merchant, operator, public
from gateway.pages.frame.navigation import SECTIONS

__all__ = ["SECTIONS"]

for _audience in (member, merchant, operator, public):
    for _module in iter_modules(_audience.__path__, f"{_audience.__name__}."):
        import_module(_module.name)
