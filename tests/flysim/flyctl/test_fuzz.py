"""Argv lists that nobody recorded, drawn from the surface: what must hold whatever they are."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pkg.flysim.flyctl import commands, grammar
from pkg.flysim.flyctl.main import main
from pkg.flysim.flyctl.surface import Command, load
from tests.flysim.flyctl.door import Door

pytestmark = pytest.mark.thorough

SURFACE = load()
COMMANDS = SURFACE.commands
VALUES = st.sampled_from(
    [
        "x",
        "",
        "5",
        "5s",
        "-1",
        "true",
        "false",
        "maybe",
        "A=1",
        'a"b',
        "syd",
        "0x10",
        "1.5",
        "é",
        "\udcff",
        "a,b",
        "demo",
    ]
)
WORDS = st.one_of(
    VALUES,
    st.sampled_from(["--", "-", "---", "-h", "--help", "--json", "-ademo", "-zz", "nosuch", "list", "-j=x"]),
    st.text(max_size=5),
)
ALLOWED = frozenset({0, 1, 2, 70, 127})


@st.composite
def argv(draw: Any) -> list[str]:
    """A command of the surface, with flags and operands that mostly suit it."""
    command: Command = draw(st.sampled_from(COMMANDS))
    words = command.path.split()[1:]
    for flag in draw(st.lists(st.sampled_from(sorted(command.flags)), max_size=4)):
        kind = command.flags[flag].kind
        if kind == "bool" or draw(st.booleans()):
            words.append(f"--{flag}")
        else:
            words += draw(st.sampled_from([[f"--{flag}={draw(VALUES)}"], [f"--{flag}", draw(VALUES)]]))
    words += draw(st.lists(WORDS, max_size=3))
    return words


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(argv())
def test_an_argv_without_a_token_is_parsed_or_refused_and_never_more(words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    rc = main(words, {"FLYSIM_STATE": "/dev/null/no-state-here"}, io.StringIO(), out, err, cwd="/")
    known, refused, helped = _grammar(words)
    if refused:
        assert rc == 1
        assert err.getvalue().startswith("Error: ")
        assert out.getvalue()
    elif helped:
        assert (rc, err.getvalue()) == (0, "")
    elif known is None:
        assert rc in {1, 70}
        assert out.getvalue() == ""
    elif rc == 0:
        assert not known.reads_state


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(argv(), min_size=1, max_size=4))
def test_any_sequence_of_argv_ends_in_an_exit_code_and_words(sequence: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder), "fly.toml")
        door.ok("deploy", "-y", "--smoke-checks=false")
        for words in sequence:
            known, refused, helped = _grammar(words)
            ran = door.interrupted(*words, after=2000)
            assert ran.rc in ALLOWED
            if refused:
                assert ran.rc == 1
            elif not helped and known is None:
                assert ran.rc == 70
            if ran.rc not in {0, 127}:
                assert "Error: " in ran.err
        door.close()


def _grammar(words: list[str]) -> tuple[commands.Known | None, bool, bool]:
    """What the grammar says: the simulation of the command, whether it is refused, whether it is help."""
    try:
        return commands.find(grammar.parse(SURFACE, words)), False, False
    except grammar.UsageError:
        return None, True, False
    except grammar.Help:
        return None, False, True
