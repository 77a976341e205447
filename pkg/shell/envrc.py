"""Reading .envrc (through direnv where it is installed, else its plain lines) and .env; executing neither."""

import re
import shlex
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pkg.shell.console import Console
from pkg.shell.errors import BadInput, TimedOut
from pkg.shell.runner import Result, Runner

if TYPE_CHECKING:
    from dotenv.parser import Binding

_EXPORT = re.compile(r"\s*export\s+([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_SINGLE_QUOTED = re.compile(r"'[^']*'\s*(?:#.*)?")
# direnv's own words that need nothing from us: .env is read anyway, and the rest changes no variable.
_HARMLESS = frozenset({"dotenv", "dotenv_if_exists", "watch_file", "strict_env"})
_DIRENV_SECONDS = 60


class Plain(NamedTuple):
    """What the plain lines of an .envrc say."""

    exports: dict[str, str]
    path: list[str]
    unclear: list[tuple[int, str]]  # line number, and the line


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
        if binding.error:
            line = binding.original.string.strip().split("=")[0]
            console.say(
                f"{file.name} line {binding.original.line} is not understood and left out: {_hint(line)}"
            )
        elif binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values


def read_envrc(file: Path, process: Mapping[str, str], runner: Runner, console: Console) -> dict[str, str]:
    """Return what an .envrc adds to the variables of the process, its PATH too; nothing if there is no file.

    Where direnv is installed it decides whether the file may be loaded, and it is not started when the
    process already has what the file exports. Elsewhere the plain lines are read.

    Args:
        file: the .envrc.
        process: the variables of the process.
        runner: starts direnv with the variables of the process.
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
        added = _ask_direnv(file, process, runner, console)
    else:
        for number, line in plain.unclear:
            console.say(f".envrc line {number} is not understood without direnv and left out: {_hint(line)}")
        folders = [str(file.parent / folder) for folder in plain.path]
        added = {
            **plain.exports,
            **({"PATH": ":".join([*folders, process.get("PATH", "")])} if folders else {}),
        }
    _name_the_empty(plain, {**added, **process}, console)
    return added


def read_plain(text: str) -> Plain:
    """Return what the plain lines of an .envrc say; a line that a shell would expand or run is unclear."""
    plain = Plain({}, [], [])
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line)
        if words == []:
            continue
        if words is not None and words[0] in _HARMLESS:
            continue
        if words is not None and words[0] == "PATH_add" and "$" not in line:
            plain.path[:0] = words[1:]
        elif (export := _plain_export(line, words)) is not None:
            plain.exports[export[0]] = export[1]
        else:
            plain.unclear.append((number, line.strip()))
    return plain


def _plain_export(line: str, words: list[str] | None) -> tuple[str, str] | None:
    """Return name and value of `export NAME=value`, if a shell and python-dotenv read it alike."""
    match = _EXPORT.fullmatch(line)
    if match is None or words is None or len(words) != 2:
        return None
    name, written = match.groups()
    if not _SINGLE_QUOTED.fullmatch(written) and (
        re.search(r"[$`\\;&|<>()]", written) or written.startswith("~")
    ):
        return None
    value = words[1].partition("=")[2]
    read = [(binding.key, binding.value) for binding in _bindings(line)]
    return (name, value) if read == [(name, value)] else None


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
        and all(process.get(name) for name in plain.exports)
        and all(str(root / folder) in path for folder in plain.path)
    )


def _ask_direnv(file: Path, process: Mapping[str, str], runner: Runner, console: Console) -> dict[str, str]:
    # Its own variables would make it answer with the difference to what it loaded before. The runner adds
    # variables and cannot drop them, so they are emptied, which direnv takes for not being there.
    unset = {name: "" for name in process if name.startswith("DIRENV_")}
    try:
        answer = runner.capture(
            ["direnv", "export", "json"], cwd=file.parent, env=unset, timeout=_DIRENV_SECONDS
        )
    except TimedOut:
        console.say(f".envrc is not loaded: direnv did not end within {_DIRENV_SECONDS} s")
        return {}
    if answer.code != 0:
        console.say(_refusal(answer))
        return {}
    if not answer.stdout.strip():
        console.say(".envrc is not loaded: direnv was told to deny it; `direnv allow` allows it again")
        return {}
    import msgspec

    try:
        values = msgspec.json.decode(answer.stdout, type=dict[str, str | None])
    except msgspec.DecodeError as error:
        raise BadInput(f"direnv did not answer with JSON: {error}", command=answer.argv) from error
    return {
        name: value for name, value in values.items() if value is not None and not name.startswith("DIRENV_")
    }


def _refusal(answer: Result) -> str:
    if "is blocked" in answer.stderr:
        return ".envrc is not loaded: it is new or has changed; read it, then run `direnv allow`"
    last = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f".envrc is not loaded: direnv failed with exit code {answer.code}: {last}"


def _name_the_empty(plain: Plain, variables: Mapping[str, str], console: Console) -> None:
    """Say which exports came out empty: so ends `export A=$(op read …)` when op fails, with exit code 0."""
    for name in sorted(
        set(plain.exports) | {export for _, line in plain.unclear for export in _exported(line)}
    ):
        if variables.get(name) == "":
            console.say(f"{name} of .envrc is empty: what should fill it failed, or wrote nothing")


def _exported(line: str) -> Iterator[str]:
    if match := _EXPORT.match(line):
        yield match.group(1)


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
    """Return the beginning of a line, without what may be a value."""
    return line.partition("=")[0][:60]
