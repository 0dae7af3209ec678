"""The import contract "a room's models are its own": other rooms meet it through service, queries and facts."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

PACKAGE = "codesign"


class ModelsAtHome(Contract):
    """Each ``codesign.<room>.models`` is imported by modules of that room only."""

    type_name = "models_at_home"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at who imports the models of each room directly."""
        strangers = []
        for module in sorted(graph.modules):
            parts = module.split(".")
            if parts[0] != PACKAGE or len(parts) < 3 or parts[2] != "models":
                continue
            home = ".".join(parts[:2])
            for importer in sorted(graph.find_modules_that_directly_import(module)):
                if importer != home and not importer.startswith(home + "."):
                    strangers.append((importer, module))
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name every import that leaves home."""
        for importer, module in check.metadata["strangers"]:
            output.print_error(f"{importer} imports {module}: ask that room's service, queries or facts instead")
        output.new_line()
