"""Usage and help, in words of our own; what the real ones say is flyctl's.

recorded: grammar.jsonl (a usage error prints the usage on stdout, help goes to stdout and exits 0).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.surface import Command, Flag

POINTER = "Run 'flyctl --help' for usage.\n"
TYPE_NAMES = {"stringSlice": "strings", "float64": "float", "bool": ""}


def usage(command: Command) -> str:
    """The usage of a command: how to call it, its names, its commands, its flags."""
    words = " ".join(word for word in (command.path, command.operands, "[flags]") if word)
    lines = ["Usage:", f"  {words}"]
    if command.group:
        lines.append(f"  {command.path} [command]")
    if command.aliases:
        lines += ["", "Aliases:", f"  {', '.join((command.name, *command.aliases))}"]
    below = [(child.name, child.operands) for child in _children(command)]
    if below:
        lines += ["", "Available Commands:", *_columns(below)]
    lines += [
        "",
        "Flags:",
        *_columns([_flag_words(flag) for flag in command.flags.values() if not flag.hidden]),
    ]
    if below:
        lines += ["", f'Use "{command.path} [command] --help" for more about a command.']
    return "\n".join(lines) + "\n"


def full_help(command: Command) -> str:
    """What `--help` prints."""
    return (
        f"{command.path}, as the simulation knows it (flyctl {command.surface.version}).\n\n{usage(command)}"
    )


def _children(command: Command) -> list[Command]:
    below = command.surface.children(command.path)
    return [child for name, child in below.items() if name == child.name and not child.hidden]


def _flag_words(flag: Flag) -> tuple[str, str]:
    short = f"-{flag.short}, " if flag.short else "    "
    kind = TYPE_NAMES.get(flag.kind, flag.kind)
    default = f"(default {flag.default})" if flag.default else ""
    return f"{short}--{flag.name} {kind}".rstrip(), default


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}   {words}".rstrip() for name, words in rows]
