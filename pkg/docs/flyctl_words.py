"""flyctl's commands and flags in sentences exist in its grammar, or are struck through and do not."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pkg.docs.pages import Page, Problem
from pkg.docs.words import commands, stands_for_something

SURFACE = Path("pkg/flysim/surface.json")
PROGRAMS = ("flyctl", "fly")

_VERSION = re.compile(r"v?\d+(\.\d+)+")


@dataclass(frozen=True)
class Surface:
    """flyctl's grammar.

    Attributes:
        commands: what surface.json says of each command, by path (`flyctl machine list`).
        names: the paths by each spelling of a command, aliases included.
    """

    commands: Mapping[str, Mapping[str, Any]]
    names: Mapping[tuple[str, str], str]

    def child(self, command: str, word: str) -> str | None:
        """Return the path of a command's subcommand, or None."""
        return self.names.get((command, word))

    def flag(self, command: str, name: str) -> Mapping[str, Any] | None:
        """Return a flag of a command (by its long name or its letter), or None."""
        own = self.commands[command]["flags"]
        everywhere = self.commands[PROGRAMS[0]].get("persistent_flags", [])
        return next((flag for flag in [*own, *everywhere] if name in (flag["name"], flag.get("short"))), None)

    def flags(self) -> set[str]:
        """Return every long flag of any command, with its dashes."""
        everywhere = self.commands[PROGRAMS[0]].get("persistent_flags", [])
        every = [*everywhere, *(flag for command in self.commands.values() for flag in command["flags"])]
        return {f"--{flag['name']}" for flag in every}


def load_surface(root: Path) -> Surface:
    """Return flyctl's grammar as the repo has it."""
    listed = json.loads((root / SURFACE).read_text("utf-8"))["commands"]
    names = {}
    for command in listed:
        parent, _, name = command["path"].rpartition(" ")
        for word in (name, *command.get("aliases", [])):
            names[parent, word] = command["path"]
    return Surface({command["path"]: command for command in listed}, names)


def check_flyctl(pages: Sequence[Page], surface: Surface) -> list[Problem]:
    """Return the flyctl commands and flags in sentences that are not as flyctl has them."""
    found = []
    for page in pages:
        for code, words in commands(page):
            if words[0] in PROGRAMS:
                wrong = wrong_with(words, surface)
                if wrong and not code.struck:
                    found.append(Problem(page.name, code.line, f"`{code.text}`: {wrong}"))
                elif code.struck and not wrong:
                    found.append(
                        Problem(page.name, code.line, f"`{code.text}` is struck through, and flyctl has it")
                    )
    return found


def wrong_with(words: Sequence[str], surface: Surface) -> str:
    """Return what flyctl does not know about a command, or nothing.

    Args:
        words: the command, `flyctl` first; placeholders may stand for operands and values.
        surface: flyctl's grammar.
    """
    command, operands = PROGRAMS[0], 0
    rest = list(words[1:])
    if rest and _VERSION.fullmatch(rest[0]):
        return ""
    while rest:
        word = rest.pop(0)
        if word == "--":
            break
        if word.startswith("-") and len(word) > 1:
            flag = surface.flag(command, _flag_name(word))
            if flag is None:
                return f"{command} has no {word.partition('=')[0]}"
            if _value_follows(word, flag) and rest:
                rest.pop(0)
        elif child := surface.child(command, word):
            command = child
        else:
            operands += not word.endswith("…")
            if wrong := _operand(command, word, operands, surface):
                return wrong
    return ""


def _operand(command: str, word: str, count: int, surface: Surface) -> str:
    known = surface.commands[command]
    if stands_for_something(word) and known.get("group"):
        return ""
    if not known["runs"] or (command == PROGRAMS[0] and word):
        return f"{command} has no command {word}"
    if known["max_args"] != -1 and count > known["max_args"]:
        return f"{command} takes no {word}"
    return ""


def _flag_name(word: str) -> str:
    return word[2:].partition("=")[0] if word.startswith("--") else word[1]


def _value_follows(word: str, flag: Mapping[str, Any]) -> bool:
    own = "=" in word if word.startswith("--") else len(word) > 2
    return not own and flag["type"] != "bool" and "no_value_means" not in flag
