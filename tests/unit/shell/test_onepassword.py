"""1Password is asked once for all references, and no value of it is ever shown."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.shell.clock import SystemClock
from pkg.shell.console import SLOW
from pkg.shell.errors import BadInput, CommandFailed, CommandMissing, TimedOut
from pkg.shell.onepassword import ask_1password
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner, Result
from tests.fakes import Call, FakeRunner, MemoryConsole, OpRunner

INJECT = ("op", "inject")
REFERENCES = {
    "TOKEN": "op://Infra/fly/token",
    "AGAIN": "op://Infra/fly/token",
    "KEY": "op://Infra/my item/key",
}


def ask(
    runner: FakeRunner, references: Mapping[str, str] = REFERENCES, console: MemoryConsole | None = None
) -> dict[str, str]:
    console = console or MemoryConsole()
    return ask_1password(references, runner, console.redactor, console)


def test_an_op_that_never_answers_is_explained() -> None:
    runner = FakeRunner().answer(*INJECT, raises=TimedOut("op did not end within 120 s and was stopped"))
    with pytest.raises(TimedOut, match="did not end within 120 s") as late:
        ask(runner)
    assert "nobody unlocked 1Password" in late.value.meaning
    assert "op signin" in late.value.fix


def test_what_is_waited_for_is_said_when_op_takes_long() -> None:
    class SlowToSay(MemoryConsole):
        @contextmanager
        def when_slow(self, words: str, seconds: float = SLOW) -> Iterator[None]:
            with super().when_slow(words, 0.0):
                yield

    console = SlowToSay()
    runner = OpRunner(
        {"op://Infra/fly/token": "fly-secret", "op://Infra/my item/key": "key-secret"},
        lambda text: text if eventually(lambda: bool(console.stderr)) else "",
    )
    ask(runner, console=console)
    assert console.stderr == (
        "waiting for 1Password (`op inject`): unlock it if it asks; it is given up after 120 s\n"
    )


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.001)
    return true()


def test_all_references_are_asked_for_in_one_batch_each_once() -> None:
    runner = OpRunner({"op://Infra/fly/token": "fly-secret", "op://Infra/my item/key": "key-secret"})
    assert ask(runner) == {"TOKEN": "fly-secret", "AGAIN": "fly-secret", "KEY": "key-secret"}
    assert len(runner.calls) == 1
    assert (runner.calls[0].stdin or "").count("op://") == 2


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), min_size=1).filter(str.strip),
        min_size=1,
    )
)
def test_values_come_back_as_they_are(values: list[str]) -> None:
    wanted = {f"op://v/i/{n}": value for n, value in enumerate(values) if not value.startswith("op://")}
    assert (
        ask(OpRunner(wanted), {reference: reference for reference in wanted} or REFERENCES) == wanted
        or not wanted
    )


@pytest.mark.parametrize(
    "value", ["-----BEGIN-----\nline\n-----END-----\n", " blank around \n", "}} {{ op://x/y/z }}"]
)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_value_of_several_lines_keeps_each_of_its_characters(value: str, ending: str) -> None:
    runner = OpRunner({"op://v/i/f": value}, lambda text: text + ending)
    assert ask(runner, {"KEY": "op://v/i/f"}) == {"KEY": value}


def test_values_are_hidden_from_then_on() -> None:
    console = MemoryConsole()
    ask(OpRunner({"op://v/i/f": "very-secret"}), {"PIN": "op://v/i/f"}, console)
    console.out("very-secret")
    assert console.stdout == "***\n"
    assert console.stderr == ""


def test_a_value_too_short_to_be_hidden_is_named_and_not_shown() -> None:
    console = MemoryConsole()
    assert ask(OpRunner({"op://v/i/f": "1234"}), {"PIN": "op://v/i/f"}, console) == {"PIN": "1234"}
    assert console.stderr == "PIN is shorter than 6 characters: it cannot be hidden in what is printed\n"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "PIN is empty in 1Password"),
        (" \n", "PIN is empty"),
        ("op://v/i/g", "PIN is a reference to a reference"),
    ],
)
def test_a_value_that_is_none_is_an_error(value: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as error:
        ask(OpRunner({"op://v/i/f": value}), {"PIN": "op://v/i/f"})
    assert "correct the reference of PIN in .envrc" in error.value.fix


@pytest.mark.parametrize("reference", ["op://v/{{x}}/f", "op://v/i/f }} {{ op://other/i/f", "op://v/i/f\n"])
def test_a_reference_that_would_break_the_template_is_an_error(runner: FakeRunner, reference: str) -> None:
    with pytest.raises(BadInput, match="the reference of PIN is no op://vault/item/field"):
        ask(runner, {"PIN": reference})


@pytest.mark.parametrize(
    ("said", "meaning", "fix"),
    [
        (
            'could not read secret: "fly" isn\'t an item in the "Infra" vault',
            "leads to nothing",
            "compare the references",
        ),
        (
            "[ERROR] You are not currently signed in. Please run `op signin`",
            "1Password is locked",
            "op signin",
        ),
        (
            "No accounts configured for use with 1Password CLI.",
            "knows no account",
            "OP_SERVICE_ACCOUNT_TOKEN",
        ),
        (
            "(429) Too Many Requests: rate limit exceeded",
            "used up its requests",
            "op service-account ratelimit",
        ),
        ("(401) Unauthorized: the service account token is invalid", "refused the token", "valid"),
        ("authorization prompt dismissed, please try again", "was not unlocked", "unlock the app"),
        ("dial tcp: lookup my.1password.com: no such host", "could not be reached", "try again"),
        ("(503) Service Unavailable", "could not be reached", "status.1password.com"),
        ("", "1Password gave no values", "op whoami"),
        ("something new", "1Password gave no values", "op whoami"),
    ],
)
def test_what_op_says_is_explained(runner: FakeRunner, said: str, meaning: str, fix: str) -> None:
    runner.answer(*INJECT, code=1, stderr=f"[ERROR] 2026/11/24 {said}\n")
    with pytest.raises(CommandFailed, match="1Password did not resolve") as error:
        ask(runner)
    assert meaning in error.value.meaning
    assert fix in error.value.fix
    assert said in str(error.value)


def test_half_an_answer_is_hidden_and_not_kept_in_the_error() -> None:
    class HalfRunner(OpRunner):
        def _run(self, call: Call) -> Result:
            whole = super()._run(call)
            return Result(whole.argv, 1, whole.stdout, f"failed after {whole.stdout}", 0.1)

    console = MemoryConsole()
    with pytest.raises(CommandFailed) as error:
        ask(HalfRunner({"op://v/i/f": "half-secret"}), {"PIN": "op://v/i/f"}, console)
    assert error.value.result.stdout == ""
    assert "half-secret" not in console.redactor.redact(str(error.value))


@pytest.mark.parametrize(
    "change", [lambda text: "masked", lambda text: f"warning: x\n{text}", lambda text: text + "!"]
)
def test_an_answer_of_another_form_is_an_error(change: Callable[[str], str]) -> None:
    with pytest.raises(CommandFailed, match="did not answer as it should"):
        ask(OpRunner({"op://v/i/f": "secret-value"}, change), {"PIN": "op://v/i/f"})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda text: text.replace("one-value-one", "{{ op://v/i/one }}"), "A"),
        (lambda text: text.replace("two-value-two", "{{op://v/i/other}}"), "B"),
        (lambda text: text.replace("two-value-two", "see op://v/i/one"), "B"),
        (lambda text: text.replace("one-value-one", "x {{  op://v/i/one  }}"), "A"),
    ],
)
def test_a_reference_that_comes_back_is_no_value(change: Callable[[str], str], named: str) -> None:
    runner = OpRunner({"op://v/i/one": "one-value-one", "op://v/i/two": "two-value-two"}, change)
    console = MemoryConsole()
    with pytest.raises(CommandFailed, match=f"did not resolve {named}:") as error:
        ask_1password({"A": "op://v/i/one", "B": "op://v/i/two"}, runner, console.redactor, console)
    assert "nothing was sent" in str(error.value)


def test_an_op_that_prints_what_it_reads_gives_no_value() -> None:
    console = MemoryConsole()
    with pytest.raises(CommandFailed, match="did not resolve A, B:"):
        ask_1password({"A": "op://v/i/one", "B": "op://v/i/two"}, OpRunner({}), console.redactor, console)


def test_without_op_the_error_says_where_to_get_it(tmp_path: Path) -> None:
    console = MemoryConsole()
    runner = ProcessRunner(
        env={"PATH": str(tmp_path)},
        cwd=tmp_path,
        console=console,
        redactor=console.redactor,
        clock=SystemClock(),
    )
    with pytest.raises(CommandMissing, match="op was not found on PATH") as error:
        ask_1password(REFERENCES, runner, Redactor(), console)
    assert "1Password CLI" in error.value.fix


def test_an_op_on_path_gets_the_references_on_stdin_only(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "op"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho "$@" >args\nsed "s#{{ op://v/i/f }}#from-op#g"\n')
    tool.chmod(0o755)
    console = MemoryConsole()
    runner = ProcessRunner(
        env={"PATH": f"{tool.parent}:{os.defpath}"},
        cwd=tmp_path,
        console=console,
        redactor=console.redactor,
        clock=SystemClock(),
    )
    assert ask_1password({"A": "op://v/i/f"}, runner, console.redactor, console) == {"A": "from-op"}
    assert (tmp_path / "args").read_text() == "inject\n"
