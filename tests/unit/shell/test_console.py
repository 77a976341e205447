"""Answers go to stdout and words to stderr, without secrets, and a reader that goes away is no error."""

import errno
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

import msgspec
import pytest

from pkg.shell.console import Console
from pkg.shell.errors import Failure, Refused
from pkg.shell.redact import Redactor
from pkg.shell.tables import plain_table
from tests.fakes import MemoryConsole

SECRET = "hunter2-hunter2"


class Point(msgspec.Struct):
    x: int
    name: str


@pytest.fixture
def secretive(console: MemoryConsole) -> MemoryConsole:
    console.redactor.add(SECRET)
    return console


def test_answers_and_words_go_different_ways(console: MemoryConsole) -> None:
    console.out("answer")
    console.out()
    console.say("words")
    assert (console.stdout, console.stderr) == ("answer\n\n", "words\n")


def test_the_same_words_are_said_once_when_that_is_asked_for(console: MemoryConsole) -> None:
    for words in ("full", "full", "empty", "full"):
        console.say_once(words)
    assert console.stderr == "full\nempty\n"


@pytest.mark.parametrize(
    "write",
    [
        lambda console: console.out(SECRET),
        lambda console: console.say(SECRET),
        lambda console: console.say_once(SECRET),
        lambda console: console.json({"value": SECRET, SECRET: 1}),
        lambda console: console.table([SECRET], [[SECRET]], title=SECRET),
        lambda console: console.show_live(SECRET),
    ],
)
@pytest.mark.parametrize("terminal", [True, False])
def test_no_secret_is_written_in_any_way(write: Callable[[Console], None], *, terminal: bool) -> None:
    console = MemoryConsole(terminal=terminal)
    console.redactor.add(SECRET)
    write(console)
    assert "***" in console.stdout + console.stderr
    assert SECRET not in console.stdout + console.stderr


def test_a_question_shows_no_secret() -> None:
    console = MemoryConsole(terminal=True, answers=["y"])
    console.redactor.add(SECRET)
    console.confirm(f"Delete {SECRET}?", yes=False)
    assert console.stderr == "Delete ***? [y/N] "


def test_a_secret_is_shown_only_by_reveal(secretive: MemoryConsole) -> None:
    secretive.reveal(SECRET)
    assert secretive.stdout == f"{SECRET}\n"


def test_json_is_indented_and_takes_structs(console: MemoryConsole) -> None:
    console.json([Point(1, "ü")])
    assert console.stdout == '[\n  {\n    "x": 1,\n    "name": "ü"\n  }\n]\n'


def test_a_redacted_json_answer_is_still_json(secretive: MemoryConsole) -> None:
    secretive.redactor.add('with "quotes" and \\')
    secretive.json({"a": 'x with "quotes" and \\ y', "b": SECRET})
    assert msgspec.json.decode(secretive.stdout) == {"a": "x *** y", "b": "***"}


def test_a_plain_table_is_aligned_and_has_no_trailing_blanks(console: MemoryConsole) -> None:
    console.table(["id", "state"], [["1", "started"], ["123", ""]], title="Machines")
    assert console.stdout == "Machines\nid   state\n1    started\n123\n"


def test_a_table_without_rows_has_its_heads() -> None:
    assert plain_table(["id", "state"], []) == "id  state\n"


def test_a_cell_cannot_break_its_row_or_move_the_cursor(console: MemoryConsole) -> None:
    console.table(["a", "b"], [["one\ntwo\x1b[2J", "\r\x07x"]])
    assert console.stdout.splitlines()[1] == "one two [2J    x"


def test_on_a_terminal_a_table_is_drawn_by_rich_and_its_markup_is_only_text() -> None:
    console = MemoryConsole(terminal=True)
    console.table(["id"], [["[red]x[/red] :smile:"]], title="Title")
    assert "\x1b[" in console.stdout
    assert "[red]x[/red] :smile:" in console.stdout
    assert "Title" in console.stdout


def test_without_colour_a_table_is_plain_also_on_a_terminal() -> None:
    console = MemoryConsole(terminal=True, colour=False)
    console.table(["id"], [["1"]])
    assert console.stdout == "id\n1\n"


@pytest.mark.parametrize(
    ("variables", "colour"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "x"}, True),
    ],
)
def test_no_color_and_dumb_terminals_are_honoured(variables: Mapping[str, str], *, colour: bool) -> None:
    assert Console.of_process(Redactor(), variables).colour is colour


@pytest.mark.parametrize("answer", ["y", "Y", "yes", " yes "])
def test_yes_is_yes(answer: str) -> None:
    MemoryConsole(terminal=True, answers=[answer]).confirm("Sure?", yes=False)


@pytest.mark.parametrize("answers", [[""], ["n"], ["yeah"], ["no", "y"], []])
def test_anything_else_is_no(answers: list[str]) -> None:
    with pytest.raises(Refused, match="not confirmed") as refused:
        MemoryConsole(terminal=True, answers=answers).confirm("Sure?", yes=False)
    assert refused.value.exit_code == 3


def test_yes_given_beforehand_asks_nothing(console: MemoryConsole) -> None:
    console.confirm("Sure?", yes=True)
    assert console.stderr == ""


def test_with_nobody_to_ask_the_answer_is_no(console: MemoryConsole) -> None:
    assert not console.interactive
    with pytest.raises(Refused, match="Destroy it\\?") as refused:
        console.confirm("Destroy it?", yes=False)
    assert "add --yes" in refused.value.fix
    assert console.stderr == ""


def test_progress_is_a_line_for_each_change_where_there_is_no_terminal(console: MemoryConsole) -> None:
    with console.progress("waiting") as progress:
        progress.update("1 of 2")
        progress.update("1 of 2")
        progress.update("2 of 2")
    assert console.stderr == "waiting\nwaiting: 1 of 2\nwaiting: 2 of 2\n"


def test_progress_is_one_live_line_on_a_terminal_and_gone_afterwards() -> None:
    console = MemoryConsole(terminal=True)
    with console.progress("waiting") as progress:
        progress.update("1 of 2")
    assert console.stderr == "waiting\r\x1b[2Kwaiting: 1 of 2\r\x1b[2K"


def test_a_live_line_makes_room_for_what_else_is_written() -> None:
    console = MemoryConsole(terminal=True)
    with console.progress("waiting"):
        console.say("words")
        console.out("answer")
    assert console.stderr == "waiting\r\x1b[2Kwords\nwaiting\r\x1b[2Kwaiting\r\x1b[2K"
    assert console.stdout == "answer\n"


def test_a_live_line_makes_room_for_a_question() -> None:
    console = MemoryConsole(terminal=True, answers=["y"])
    with console.progress("waiting"):
        console.confirm("Sure?", yes=False)
    assert console.stderr == "waiting\r\x1b[2KSure? [y/N] \r\x1b[2K"


def test_a_live_line_is_cut_to_the_width_and_stays_one_line() -> None:
    console = MemoryConsole(terminal=True)
    console.show_live("two\nlines" + "x" * 200)
    assert console.stderr == "two lines" + "x" * 70


def test_threads_do_not_mix_their_lines(console: MemoryConsole) -> None:
    def write(letter: str) -> None:
        for _ in range(50):
            console.say(letter * 50)

    threads = [threading.Thread(target=write, args=[letter]) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(line) for line in console.stderr.splitlines()} == {50}


def over(file: TextIO, *, words: bool = False) -> Console:
    """Return a console that writes answers, or words, to a file."""
    quiet = io.StringIO()
    return Console(
        Redactor(), stdin=io.StringIO(), stdout=quiet if words else file, stderr=file if words else quiet
    )


def broken_pipe() -> TextIO:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w", encoding="utf-8")


def test_an_answer_that_nobody_reads_is_dropped_and_work_goes_on() -> None:
    with broken_pipe() as file:
        console = over(file)
        console.out("one")
        console.out("two" * 100_000)


def test_words_that_nobody_reads_are_dropped() -> None:
    with broken_pipe() as file:
        over(file, words=True).say("one")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_answer_that_cannot_be_written_is_an_error() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as file:
        with pytest.raises(Failure, match="stdout could not be written: No space left on device"):
            over(file).out("answer")
        over(file, words=True).say("words are not worth an error")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_verdict_that_stdout_cannot_take_goes_to_stderr(tmp_path: Path) -> None:
    words = io.StringIO()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        console = Console(Redactor(), stdin=io.StringIO(), stdout=full, stderr=words)
        with console.verdict():
            console.out("healthy")
            console.table(("A",), [("x",)])
        console.out("more")
    told = words.getvalue()
    assert told.startswith("warning: stdout could not be written: No space left on device\n")
    assert told.endswith("healthy\nA\nx\nmore\n")
    assert told.count("warning") == 1


def test_a_stream_that_is_no_file_can_break_as_well() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.EIO, "Input/output error")

    over(Broken(), words=True).say("x")
    with pytest.raises(Failure, match="Input/output error"):
        over(Broken()).out("x")


def test_what_the_terminal_cannot_show_is_written_in_another_way() -> None:
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding="ascii", errors="strict")
    console = over(file)
    console.out("ü \udcff")
    assert buffer.getvalue() == b"\\xfc \\udcff\n"


def test_a_process_without_standard_streams_writes_nowhere() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("stdin", "stdout", "stderr"):
            patch.setattr(sys, name, None)
        console = Console.of_process(Redactor(), {})
        console.out("x")
        console.say("x")
        assert not console.interactive


def test_an_unread_answer_is_known_of() -> None:
    with broken_pipe() as file:
        console = over(file)
        assert not console.unread
        console.out("one")
        assert console.unread


@pytest.mark.parametrize(("terminal", "colour"), [(True, True), (True, False), (False, True)])
def test_answers_can_be_written_anew_only_on_a_terminal_that_moves_its_cursor(
    *, terminal: bool, colour: bool
) -> None:
    assert MemoryConsole(terminal=terminal, colour=colour).terminal is (terminal and colour)


@pytest.mark.parametrize(
    ("typed", "secret"), [("value\n", "value"), (" two\nlines\n\n", " two\nlines\n"), ("", ""), ("x", "x")]
)
def test_a_piped_secret_is_all_of_stdin_but_its_last_line_end(typed: str, secret: str) -> None:
    console = Console(Redactor(), stdin=io.StringIO(typed), stdout=io.StringIO(), stderr=io.StringIO())
    assert console.secret("value") == secret


def test_piped_bytes_arrive_as_they_are() -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"a\r\n\xff\n"), encoding="utf-8")
    console = Console(Redactor(), stdin=stdin, stdout=io.StringIO(), stderr=io.StringIO())
    assert console.piped().encode(errors="surrogateescape") == b"a\r\n\xff\n"


@pytest.mark.parametrize("typed", ["hidden", EOFError()])
def test_a_secret_is_typed_without_an_echo_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, typed: str | EOFError
) -> None:
    asked = []

    def getpass(prompt: str, stream: TextIO) -> str:
        asked.append(prompt)
        if isinstance(typed, EOFError):
            raise typed
        return typed

    monkeypatch.setattr("getpass.getpass", getpass)
    console = MemoryConsole(terminal=True)
    if isinstance(typed, EOFError):
        with pytest.raises(Refused, match="nothing was typed"):
            console.secret("value")
    else:
        assert console.secret("value") == typed
    assert asked == ["value: "]


def test_only_what_is_slow_is_said_to_be_waited_for(console: MemoryConsole) -> None:
    with console.when_slow("waiting for op"):
        pass
    assert console.stderr == ""
    with console.when_slow("waiting for op", 0.0):
        while not console.stderr:
            time.sleep(0.001)
    assert console.stderr == "waiting for op\n"
