"""nox's sessions in sentences and blocks exist, and those that take options of ours have them."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from pkg.docs.words import stands_for_something

# By session the options that it takes after `--`; None where another program takes them.
Sessions = Mapping[str, frozenset[str] | None]

# A session that hands what follows `--` to a program of the repo's.
_OURS = re.compile(r"session\.run\('python', '-m', '(?P<module>[\w.]+)', \*session\.posargs\)")


def nox_sessions(root: Path) -> Sessions:
    """Return the sessions in noxfile.py, with the options that they take."""
    tree = ast.parse((root / "noxfile.py").read_text("utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return {
        node.name: _options(root, ast.unparse(node))
        for node in functions
        if any("session" in ast.unparse(mark) for mark in node.decorator_list)
    }


def wrong_session(words: Sequence[str], sessions: Sessions) -> str:
    """Return what is wrong with a `nox` command, or nothing.

    Args:
        words: the command, `nox` first.
        sessions: what exists.
    """
    own = list(words[: words.index("--")]) if "--" in words else list(words)
    chosen = [word for before, word in pairwise(own) if before in {"-s", "--session"}]
    for name in chosen:
        if name not in sessions and not stands_for_something(name):
            return f"nox has no session {name}"
    options = sessions.get(chosen[0]) if len(chosen) == 1 else None
    for word in words[len(own) :]:
        flag = word.partition("=")[0]
        if options is not None and flag.startswith("--") and flag not in {"--", *options}:
            return f"the session {chosen[0]} has no {flag}"
    return ""


def _options(root: Path, session: str) -> frozenset[str] | None:
    ours = _OURS.search(session)
    if ours is None:
        return None
    program = root.joinpath(*ours["module"].split("."), "__main__.py")
    return frozenset(_added(ast.parse(program.read_text("utf-8"))))


def _added(tree: ast.Module) -> Iterator[str]:
    """Yield the options that a program adds to its parser."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".add_argument"):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and str(argument.value).startswith("-"):
                    yield str(argument.value)
