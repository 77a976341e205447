"""From argv to a command with its flags and operands, by the rules of cobra and pflag.

recorded: grammar.jsonl (1,897 argv lists). Where no row speaks, the rules are those of
https://pkg.go.dev/github.com/spf13/cobra and https://pkg.go.dev/github.com/spf13/pflag.
"""

from __future__ import annotations

from pkg.flysim.flyctl import values
from pkg.flysim.flyctl.surface import NO_LIMIT, Command, Flag, Surface
from pkg.flysim.flyctl.values import BadValue, go_quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Groups that also run by themselves and yet refuse operands; recorded: README, "only doctor and launch".
STRICT_GROUPS = frozenset({"flyctl doctor", "flyctl launch"})
# Commands whose 0..1 operands are counted as "between", not "at most"; recorded: grammar.jsonl.
BETWEEN = frozenset(
    f"flyctl {key}"
    for key in (
        "apps create",
        "machine clone",
        "machine kill",
        "machine status",
        "machine update",
        "machine wait",
    )
)
SUGGESTION_DISTANCE = 2


class UsageError(Exception):
    """An argv that the grammar refuses: the message goes to stderr, the command's usage to stdout."""

    def __init__(self, message: str, command: Command, *, found: bool = True) -> None:
        super().__init__(message)
        self.command = command
        # False: no command was found at all, and flyctl prints a pointer to its help instead of a usage.
        self.found = found


class Help(Exception):  # noqa: N818 -- no error: the argv asks for help, or names a group
    """An argv that prints help and exits 0."""

    def __init__(self, command: Command) -> None:
        super().__init__(command.path)
        self.command = command


class Parsed:
    """An argv that the grammar accepts."""

    __slots__ = ("command", "given", "operands")

    def __init__(self, command: Command, operands: list[str], given: dict[str, values.Value]) -> None:
        self.command = command
        self.operands = operands
        # The values of the flags that argv names; a flag that may repeat holds a list.
        self.given = given


def parse(surface: Surface, argv: list[str]) -> Parsed:
    """Read an argv, without the program's name.

    Raises:
        UsageError: for an argv that flyctl refuses.
        Help: for one that prints help: -h, a group, a command that only exists to say that it is gone.
    """
    command, rest = _find(surface.root, argv)
    words = _words(command, rest)
    if command.is_root and words:
        raise UsageError(_unknown(words[0], command) + _suggestions(words[0], command), command, found=False)
    given, operands = _parse_flags(command, rest)
    if given.get("help"):
        raise Help(command)
    if command.is_root and given.get("version"):
        return Parsed(command, operands, given)
    if not command.runs:
        raise Help(command)
    _check_operands(command, operands)
    if command.is_root:
        raise Help(command)
    return Parsed(command, operands, given)


def _find(command: Command, args: list[str]) -> tuple[Command, list[str]]:
    """The deepest command that args name, and args without the words that named it."""
    while True:
        words = _words(command, args)
        child = command.child(words[0]) if words else None
        if child is None:
            return command, args
        args = _without(command, args, words[0])
        command = child


def _takes_next(command: Command, arg: str) -> bool:
    """Whether cobra, looking for commands, takes the argument after this one for a flag's value.

    `help` is no exception: cobra adds it to a command only once that command is found.
    """
    if "=" in arg or not arg.startswith("-"):
        return False
    if arg.startswith("--"):
        flag = command.flags.get(arg[2:])
    elif len(arg) == 2:
        flag = command.shorthands.get(arg[1:])
    else:
        return False
    return flag is None or not flag.bare or flag.name in {"help", "version"}


def _words(command: Command, args: list[str]) -> list[str]:
    """The arguments that are neither flags nor, as far as this command knows, the values of flags."""
    words = []
    at = 0
    while at < len(args) and args[at] != "--":
        arg = args[at]
        if _takes_next(command, arg):
            if at + 2 >= len(args):
                break
            at += 1
        elif arg and not arg.startswith("-"):
            words.append(arg)
        at += 1
    return words


def _without(command: Command, args: list[str], word: str) -> list[str]:
    """The arguments without the first one that is this word and no flag's value."""
    at = 0
    while at < len(args) and args[at] != "--":
        if _takes_next(command, args[at]):
            at += 1
        elif args[at] == word:
            return args[:at] + args[at + 1 :]
        at += 1
    return args


def _parse_flags(command: Command, args: list[str]) -> tuple[dict[str, values.Value], list[str]]:
    given: dict[str, values.Value] = {}
    operands: list[str] = []
    left = list(args)
    while left:
        arg = left.pop(0)
        if len(arg) < 2 or not arg.startswith("-"):
            operands.append(arg)
        elif arg == "--":
            operands += left
            break
        elif arg.startswith("--"):
            _long(command, arg, left, given)
        else:
            _short(command, arg[1:], left, given)
    return given, operands


def _long(command: Command, arg: str, left: list[str], given: dict[str, values.Value]) -> None:
    name, equals, value = arg[2:].partition("=")
    if not name or name.startswith("-"):
        raise UsageError(f"bad flag syntax: {arg}", command)
    flag = command.flags.get(name)
    if flag is None:
        raise UsageError(f"unknown flag: --{name}", command)
    if not equals:
        if flag.bare:
            value = flag.bare
        elif left:
            value = left.pop(0)
        else:
            raise UsageError(f"flag needs an argument: {arg}", command)
    _set(command, flag, value, given)


def _short(command: Command, cluster: str, left: list[str], given: dict[str, values.Value]) -> None:
    while cluster:
        letter = cluster[0]
        flag = command.shorthands.get(letter)
        if flag is None:
            raise UsageError(f"unknown shorthand flag: {_quote_byte(letter)} in -{cluster}", command)
        if len(cluster) > 2 and cluster[1] == "=":
            value, rest = cluster[2:], ""
        elif flag.bare:
            value, rest = flag.bare, cluster[1:]
        elif len(cluster) > 1:
            value, rest = cluster[1:], ""
        elif left:
            value, rest = left.pop(0), ""
        else:
            raise UsageError(f"flag needs an argument: {_quote_byte(letter)} in -{cluster}", command)
        _set(command, flag, value, given)
        cluster = rest


def _quote_byte(letter: str) -> str:
    """A letter as Go's %q writes the first byte of it."""
    first = chr(letter.encode("utf-8", "surrogateescape")[0])
    return "'\\''" if first == "'" else f"'{go_quote(first)[1:-1]}'" if first != '"' else "'\"'"


def _set(command: Command, flag: Flag, text: str, given: dict[str, values.Value]) -> None:
    try:
        value = READERS[flag.kind](text)
    except BadValue as error:
        raise UsageError(
            f"invalid argument {go_quote(text)} for {go_quote(flag.shown)} flag: {error}", command
        ) from None
    before = given.get(flag.name)
    given[flag.name] = before + value if isinstance(before, list) and isinstance(value, list) else value


def _check_operands(command: Command, operands: list[str]) -> None:
    """Count the operands with cobra's words."""
    if command.group and command.path not in STRICT_GROUPS:
        return
    fewest, most = command.counts
    count = len(operands)
    if most == NO_LIMIT:
        if count < fewest:
            raise UsageError(f"requires at least {fewest} arg(s), only received {count}", command)
    elif most == 0:
        if operands:
            raise UsageError(_unknown(operands[0], command), command)
    elif not fewest <= count <= most:
        if fewest == most:
            wanted = f"accepts {most} arg(s)"
        elif fewest or command.path in BETWEEN:
            wanted = f"accepts between {fewest} and {most} arg(s)"
        else:
            wanted = f"accepts at most {most} arg(s)"
        raise UsageError(f"{wanted}, received {count}", command)


def _unknown(word: str, command: Command) -> str:
    return f"unknown command {go_quote(word)} for {go_quote(command.path)}"


def _suggestions(word: str, command: Command) -> str:
    """What cobra adds for a root command that is nearly one."""
    near = [
        child.name
        for name, child in command.surface.children(command.path).items()
        if name == child.name
        and not child.hidden
        and (
            child.name.startswith(word.lower()) or _distance(word.lower(), child.name) <= SUGGESTION_DISTANCE
        )
    ]
    return "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in near) if near else ""


def _distance(one: str, other: str) -> int:
    """The Levenshtein distance of two words."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for to, letter2 in enumerate(other, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != letter2))
    return row[-1]


def _one(text: str) -> list[str]:
    return [text]


READERS: dict[str, Callable[[str], values.Value]] = {
    "string": str,
    "bool": values.parse_bool,
    "int": values.parse_int,
    "float64": values.parse_float,
    "duration": values.parse_duration,
    "stringArray": _one,
    "stringSlice": values.parse_csv,
}
