"""The house as one picture: which package imports which, as Mermaid, read from the imports."""

from collections.abc import Mapping

ENTRY = "tasks.py"


def direct(imports: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the imports without those that another one brings anyway: fewer arrows, the same order.

    Args:
        imports: for each package those that it imports.
    """
    return {
        package: {one for one in used if not any(one in _all(imports, other) for other in used - {one})}
        for package, used in imports.items()
    }


def mermaid(imports: Mapping[str, set[str]]) -> str:
    """Return the picture as a Mermaid block.

    Args:
        imports: for each package those that it imports.
    """
    packages = sorted(imports, key=lambda name: (name != ENTRY, name))
    lines = ["```mermaid", "flowchart BT", *(f"    {_node(package)}" for package in packages)]
    for package, used in sorted(direct(imports).items()):
        lines.extend(f"    {_name(package)} --> {_name(one)}" for one in sorted(used))
    if {"shell", "flysim"} <= set(imports):
        lines.append("    shell -. starts flyctl, found on PATH .-> flysim")
    return "\n".join([*lines, "```"])


def _all(imports: Mapping[str, set[str]], package: str) -> set[str]:
    found: set[str] = set()
    waiting = list(imports.get(package, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(imports.get(one, ()))
    return found


def _name(package: str) -> str:
    return package.replace(".", "_")


def _node(package: str) -> str:
    return f"{_name(package)}[{package}]" if package == ENTRY else f"{package}[pkg/{package}]"
