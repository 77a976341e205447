"""Reading .envrc (through direnv where it is installed, else its plain lines) and .env; executing neither."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pkg.shell.console import Console
from pkg.shell.errors import BadInput, TimedOut
from pkg.shell.runner import Result, Runner

if TYPE_CHECKING:
    from dotenv.parser import Binding

_EXPORT = re.compile(r"\s*export\s+([A-Za-z_][A-Za-z0-9_]*)=")
# A value that a shell neither expands nor runs: in single quotes, in double quotes, or bare.
_PLAIN_EXPORT = re.compile(
    _EXPORT.pattern
    + r"""(?:'(?P<single>[^']*)'|"(?P<double>[^"$`\\]*)"|(?P<bare>[^\s'"$`\\;&|<>()~]*))(?:\s+\#.*)?\s*"""
)
_EXPANDED = re.compile(r"[$`\\;&|<>()~]")
# direnv's own words that need nothing from us: .env is read anyway, and the rest changes no variable.
_HARMLESS = frozenset({"dotenv", "dotenv_if_exists", "watch_file", "strict_env"})
# bash's own words on a line: `./.envrc:2: syntax error …`, or `/repo/.envrc: line 2: x: command not found`.
_FAILED = re.compile(r"\.envrc: ?(?:line )?(\d+): (.+)")
# What a line sets, before its value.
_NAMED = re.compile(r"(?:export\s+)?[A-Za-z_]\w*(?==)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_DIRENV_SECONDS = 60


class Line(NamedTuple):
    """A line of an .envrc that exports one variable, or that only a shell could understand."""

    number: int
    text: str
    name: str = ""
    value: str = ""


class Plain(NamedTuple):
    """What the plain lines of an .envrc say."""

    exports: list[Line]
    path: list[str]  # folders for PATH, the first one first
    unclear: list[Line]


def read_env(file: Path, console: Console) -> dict[str, str]:
    """Return the variables of a .env file, or none when there is no such file.

    Args:
        file: the .env.
        console: for a word on each line that is not understood.

    Raises:
        BadInput: the file is there and cannot be read.
    """
    text = _text(file)
    if text is None:
        return {}
    values = {}
    for binding in _bindings(text):
        if binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
        elif binding.error or binding.key is not None:
            written = binding.original.string
            line = binding.original.line + len(written) - len(written.lstrip("\n"))
            console.say(f"{file.name} line {line} is not understood and left out: {_hint(written.strip())}")
    return values


def read_envrc(file: Path, process: Mapping[str, str], runner: Runner, console: Console) -> dict[str, str]:
    """Return what an .envrc adds to the variables of the process, its PATH too; nothing if there is no file.

    Where direnv is installed it decides whether the file may be loaded, and it is not started when the
    process already has what the file exports. Elsewhere the plain lines are read.

    Args:
        file: the .envrc.
        process: the variables of the process.
        runner: starts direnv in the folder of the file, without the variables that are direnv's own.
        console: for a word on what is not loaded, and why.

    Raises:
        BadInput: the file is there and cannot be read.
    """
    text = _text(file)
    if text is None:
        return {}
    plain = read_plain(text)
    if _loaded_by_direnv(file, process) or _has_all(plain, file.parent, process):
        added: dict[str, str] = {}
    elif runner.which("direnv"):
        added = _ask_direnv(runner, console)
    else:
        added = _take_plain(plain, file.parent, process, console)
    _name_the_empty(plain, {**added, **process}, console)
    return added


def exported_names(file: Path) -> set[str]:
    """Return the variables that an .envrc exports in so many words, whatever their values; it is not loaded.

    Raises:
        BadInput: the file is there and cannot be read.
    """
    plain = read_plain(_text(file) or "")
    return _names((*plain.exports, *plain.unclear))


def read_plain(text: str) -> Plain:
    """Return what the plain lines of an .envrc say; a line that a shell would expand or run is unclear."""
    plain = Plain([], [], [])
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line)
        if export := _PLAIN_EXPORT.fullmatch(line):
            value = export["single"] or export["double"] or export["bare"] or ""
            plain.exports.append(Line(number, line, export[1], value))
        elif words == [] or (words and words[0] in _HARMLESS):
            continue
        elif words and words[0] == "PATH_add" and not _EXPANDED.search(line):
            plain.path[:0] = words[1:]
        else:
            plain.unclear.append(Line(number, line))
    return plain


def _take_plain(plain: Plain, root: Path, process: Mapping[str, str], console: Console) -> dict[str, str]:
    """Return what the plain lines say, as far as a shell and python-dotenv read them alike."""
    values, unclear = {}, list(plain.unclear)
    for line in plain.exports:
        if [(binding.key, binding.value) for binding in _bindings(line.text)] == [(line.name, line.value)]:
            values[line.name] = line.value
        else:
            unclear.append(line)
    for line in sorted(unclear):
        console.say(f".envrc line {line.number} needs direnv and is left out: {_hint(line.text)}")
    if plain.path:
        folders = [str(root / folder) for folder in plain.path]
        values["PATH"] = ":".join([*folders, process.get("PATH", "")]).rstrip(":")
    return values


def _words(line: str) -> list[str] | None:
    """Return the words of a line as a shell splits it, or None when it goes on in the next line."""
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return None


def _loaded_by_direnv(file: Path, process: Mapping[str, str]) -> bool:
    """Return whether the user's shell has loaded this very file; it loads it again whenever it changes."""
    return process.get("DIRENV_DIR", "").removeprefix("-") == str(file.parent) and "DIRENV_DIFF" in process


def _has_all(plain: Plain, root: Path, process: Mapping[str, str]) -> bool:
    path = process.get("PATH", "").split(":")
    return (
        not plain.unclear
        and all(process.get(line.name) for line in plain.exports)
        and all(str(root / folder) in path for folder in plain.path)
    )


def _ask_direnv(runner: Runner, console: Console) -> dict[str, str]:
    try:
        answer = runner.capture(["direnv", "export", "json"], timeout=_DIRENV_SECONDS)
    except TimedOut:
        console.say(f".envrc is not loaded: direnv did not end within {_DIRENV_SECONDS} s")
        return {}
    if answer.code != 0:
        console.say(_refusal(answer))
        return {}
    if not answer.stdout.strip():
        console.say(".envrc is not loaded: direnv was told to deny it; `direnv allow` allows it again")
        return {}
    _name_what_failed(answer.stderr, console)
    try:
        values = json.loads(answer.stdout)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise BadInput("direnv did not answer with a JSON object", command=answer.argv)
    return {
        name: value for name, value in values.items() if value is not None and not name.startswith("DIRENV_")
    }


def _name_what_failed(said: str, console: Console) -> None:
    """Say which lines failed: direnv exports what it has got, and ends with exit code 0."""
    for line in _COLOUR.sub("", said).splitlines():
        if failed := _FAILED.search(line):
            why = failed[2].partition("=")[0][:60]
            console.say(f".envrc line {failed[1]} failed, so what it exports may be missing: {why}")


def _refusal(answer: Result) -> str:
    if "is blocked" in answer.stderr:
        return ".envrc is not loaded: it is new or has changed; read it, then run `direnv allow`"
    return f".envrc is not loaded: direnv failed with exit code {answer.code}: {last_words(answer)}"


def last_words(answer: Result) -> str:
    """Return the last line that direnv said, without its colours."""
    return _COLOUR.sub("", (answer.stderr.strip().splitlines() or ["no reason given"])[-1])


def _name_the_empty(plain: Plain, variables: Mapping[str, str], console: Console) -> None:
    """Say which exports came out empty: so ends `export A=$(op read …)` when op fails, with exit code 0."""
    for name in sorted(_names((*plain.exports, *plain.unclear))):
        if variables.get(name) == "":
            console.say(f"{name} of .envrc is empty: what should fill it failed, or wrote nothing")


def _names(lines: Iterable[Line]) -> set[str]:
    matches = (_EXPORT.match(line.text) for line in lines)
    return {match[1] for match in matches if match}


def _bindings(text: str) -> Iterator["Binding"]:
    from dotenv.parser import parse_stream

    return parse_stream(StringIO(text))


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{file} cannot be read: {error}", fix=f"make {file.name} a readable text file"
        ) from error


def _hint(line: str) -> str:
    """Return what a line sets, else its first word: never what may be a value."""
    named = _NAMED.match(line)
    if named:
        return named[0][:60]
    first, _, rest = line.strip().partition(" ")
    return f"{first[:60]} …" if rest else first[:60]
