"""The contract `floors` of import-linter: the rooms of one package from the lowest to the highest, where a folder may
stand on another floor than the room around it. `gateway.members.api` is above the web frame, the rest of
`gateway.members` below it; import-linter's own layers know no such thing.
"""

from __future__ import annotations

import graphlib
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class FloorsContract(Contract):
    """No module imports one of a higher floor, none is without a floor, and no imports run in a circle.

    `package`: the root package. `floors`: one a line, the lowest first, without the package's name; a module is on the floor
    of its longest name. The package's own `__init__` is on none.
    """

    type_name = "floors"

    package = fields.StringField()
    floors = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collects every import that runs up, every module without a floor, and a circle if there is one."""
        package, floors = cast(str, self.package), cast(list[str], self.floors)
        heights = {f"{package}.{name}": height for height, name in enumerate(floors)}
        modules = {name for name in graph.modules if name.startswith(f"{package}.")}
        faults = [f"{name} is no room of {package}" for name in sorted(set(heights) - modules)]
        stands = {module: _floor_of(module, heights) for module in modules}
        faults += [f"{module} stands on no floor" for module in sorted(modules) if stands[module] is None]
        sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
        for module in sorted(modules):
            imported = sorted(graph.find_modules_directly_imported_by(module) & modules)
            sorter.add(module, *imported)
            for other in imported:
                here, there = stands[module], stands[other]
                if here is not None and there is not None and there > here:
                    faults.append(f"{module} imports {other}, which is above it")
        try:
            sorter.prepare()
        except graphlib.CycleError as error:
            faults.append(f"imports in a circle: {' -> '.join(reversed(error.args[1]))}")
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints a line for each fault."""
        for fault in check.metadata["faults"]:
            output.print_error(fault)


def _floor_of(module: str, heights: dict[str, int]) -> int | None:
    """The height of the longest name that holds the module."""
    name = module
    while name not in heights:
        name, _, rest = name.rpartition(".")
        if not rest:
            return None
    return heights[name]
