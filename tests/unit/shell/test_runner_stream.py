"""What a streamed program writes comes at once, without secrets, and nobody has to read it to its end."""

import os
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pkg.shell.child import Patience
from pkg.shell.clock import SystemClock
from pkg.shell.console import Console
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner, Result
from tests.fakes import MemoryConsole

REPO = Path(__file__).resolve().parents[3]
SECRET = "hunter2-hunter2"
TOKEN = "fo1_" + "x" * 40


def process_runner(cwd: Path, console: Console) -> ProcessRunner:
    console.redactor.add(SECRET)
    return ProcessRunner(
        env={"PATH": os.defpath},
        cwd=cwd,
        console=console,
        redactor=console.redactor,
        clock=SystemClock(),
        patience=Patience(interrupt=5, terminate=5),
    )


def stream(cwd: Path, console: Console, script: str, *, to_stderr: bool = False) -> Result:
    return process_runner(cwd, console).stream(["sh", "-c", script], to_stderr=to_stderr)


@contextmanager
def unread_pipe() -> Iterator[Console]:
    """A console whose answers and words go where nobody reads, as at `2>&1 | head -1` after the head."""
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "w") as out,
        os.fdopen(os.dup(writing), "w") as err,
        Path(os.devnull).open() as stdin,
    ):
        yield Console(Redactor(), stdin=stdin, stdout=out, stderr=err)


def test_both_streams_go_where_ours_go_and_their_end_is_kept(tmp_path: Path, console: MemoryConsole) -> None:
    result = stream(tmp_path, console, "echo out; echo err >&2; exit 3")
    assert (console.stdout, console.stderr) == ("out\n", "err\n")
    assert (result.code, result.stdout, result.stderr) == (3, "", "")
    assert sorted(result.shown.splitlines()) == ["err", "out"]


def test_all_of_it_can_go_to_stderr_in_its_order(tmp_path: Path, console: MemoryConsole) -> None:
    result = stream(tmp_path, console, "echo one; echo two >&2; echo three", to_stderr=True)
    assert (console.stdout, console.stderr) == ("", "one\ntwo\nthree\n")
    assert result.shown == "one\ntwo\nthree\n"


def test_a_secret_is_hidden_on_either_stream_also_when_it_comes_in_pieces(
    tmp_path: Path, console: MemoryConsole
) -> None:
    pieces = "printf hunter2-; sleep 0.03; echo hunter2 to you"
    result = stream(tmp_path, console, f"{pieces}; echo {SECRET} >&2; printf {SECRET}")
    assert (console.stdout, console.stderr) == ("*** to you\n***", "***\n")
    assert SECRET not in result.shown


def test_a_token_is_hidden_though_nobody_registered_it_also_in_pieces(
    tmp_path: Path, console: MemoryConsole
) -> None:
    pieces = "; sleep 0.02; ".join(f"printf {part}" for part in ("f", TOKEN[1:3], TOKEN[3:20], TOKEN[20:]))
    stream(tmp_path, console, f"{pieces}; echo; echo {TOKEN}")
    assert console.stdout == "***\n***\n"


def test_what_is_written_is_there_before_the_program_goes_on(tmp_path: Path) -> None:
    written = tmp_path / "written"
    with written.open("w") as out, Path(os.devnull).open() as stdin:
        console = Console(Redactor(), stdin=stdin, stdout=out, stderr=out)
        script = "printf half; until grep -q half written; do sleep 0.01; done; echo way"
        assert stream(tmp_path, console, script).code == 0
    assert written.read_text() == "halfway\n"


def test_streams_that_lead_to_one_place_keep_their_order(tmp_path: Path) -> None:
    written = tmp_path / "written"
    with written.open("a") as out, written.open("a") as err, Path(os.devnull).open() as stdin:
        console = Console(Redactor(), stdin=stdin, stdout=out, stderr=err)
        stream(tmp_path, console, "for n in 1 2 3 4 5; do echo out; echo err >&2; done")
    assert written.read_text() == "out\nerr\n" * 5


def test_bytes_that_are_no_text_are_replaced_and_line_ends_are_kept(
    tmp_path: Path, console: MemoryConsole
) -> None:
    stream(tmp_path, console, r"printf 'a\377\r\n\303'; sleep 0.02; printf '\274'")
    assert console.stdout == "a\N{REPLACEMENT CHARACTER}\r\nü"


def test_a_reader_of_progress_that_goes_away_does_not_end_the_program(tmp_path: Path) -> None:
    with unread_pipe() as console:
        script = "for n in 1 2 3; do echo progress; echo more >&2; done; echo >finished; exit 4"
        assert stream(tmp_path, console, script, to_stderr=True).code == 4
    assert (tmp_path / "finished").exists()


def test_a_reader_of_answers_that_goes_away_ends_what_only_reads(tmp_path: Path) -> None:
    with unread_pipe() as console:
        assert stream(tmp_path, console, "echo x; exec sleep 60").code == 143
        assert console.unread


def test_a_reader_of_answers_that_goes_away_does_not_end_a_change(tmp_path: Path) -> None:
    with unread_pipe() as console:
        runner = process_runner(tmp_path, console)
        script = "for n in 1 2 3; do echo x; done; echo >finished"
        assert runner.stream(["sh", "-c", script], changes=True).code == 0
    assert (tmp_path / "finished").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_answer_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full, Path(os.devnull).open() as stdin:
        console = Console(Redactor(), stdin=stdin, stdout=full, stderr=full)
        with pytest.raises(Failure, match="stdout could not be written: No space left on device"):
            stream(tmp_path, console, "echo x; exec sleep 60")


def test_what_a_program_leaves_behind_is_not_waited_for(tmp_path: Path, console: MemoryConsole) -> None:
    begun = time.monotonic()
    stream(tmp_path, console, "sleep 5 & echo $!; exit 0")
    assert time.monotonic() - begun < 4
    subprocess.run(["kill", console.stdout.strip()], check=True)


def test_only_the_end_of_a_long_output_is_kept(tmp_path: Path, console: MemoryConsole) -> None:
    result = stream(tmp_path, console, "seq 100000")
    assert console.stdout.endswith("100000\n")
    assert console.stdout.startswith("1\n")
    assert result.shown.endswith("99999\n100000\n")
    assert len(result.shown) < 100_000


def test_no_open_file_is_left_behind(tmp_path: Path, console: MemoryConsole) -> None:
    runner = process_runner(tmp_path, console)
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        runner.stream(["true"])
        with pytest.raises(Failure):
            runner.stream(["no-such-program"])
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_what_it_writes_while_it_is_ended_is_shown_as_well(tmp_path: Path, console: MemoryConsole) -> None:
    script = "trap 'echo bye; exit 9' INT; kill -INT $PPID; while :; do sleep 0.01; done"
    with pytest.raises(Interrupted, match="sh ended with exit code 9"):
        stream(tmp_path, console, script)
    assert console.stdout == "bye\n"


def test_words_of_a_program_whose_lines_are_read_are_without_secrets(
    tmp_path: Path, console: MemoryConsole
) -> None:
    runner = process_runner(tmp_path, console)
    runner.lines(["sh", "-c", f"echo {SECRET} >&2"], lambda _: True)
    with runner.background(["sh", "-c", f"echo {SECRET} >&2; echo ready; sleep 5"]) as lines:
        assert next(lines) == "ready"
    assert console.stderr == "***\n***\n"


DRIVER = """
    import os, sys
    from pathlib import Path
    from pkg.shell.clock import SystemClock
    from pkg.shell.console import Console
    from pkg.shell.redact import Redactor
    from pkg.shell.runner import ProcessRunner

    redactor = Redactor()
    redactor.add("hunter2-hunter2")
    runner = ProcessRunner(
        env=dict(os.environ), cwd=Path.cwd(), console=Console.of_process(redactor, {}), redactor=redactor,
        clock=SystemClock(),
    )
    sys.exit(runner.stream(["sh", "-c", sys.argv[1]]).code)
"""


def test_a_program_at_a_terminal_writes_to_one_of_the_same_size_and_reads_what_is_typed(
    tmp_path: Path,
) -> None:
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(DRIVER))
    at_a_terminal = (
        "import pty, sys, termios\n"
        "def read(fd):\n"
        "    import os\n"
        "    return os.read(fd, 1000)\n"
        "sys.exit(pty.spawn(sys.argv[1:], read) >> 8)"
    )
    asks = (
        "[ -t 1 ] && [ -t 2 ] && [ -t 0 ] && echo terminal; stty size <&1; "
        "read answer; echo got $answer hunter2-hunter2 >&2; exit 5"
    )
    sized = f"stty cols 97 rows 31; exec {shlex.quote(sys.executable)} {shlex.quote(str(script))} '{asks}'"
    done = subprocess.run(
        [sys.executable, "-c", at_a_terminal, "sh", "-c", sized],
        input=b"yes\n",
        capture_output=True,
        env={"PATH": os.defpath, "PYTHONPATH": str(REPO)},
        cwd=tmp_path,
        timeout=30,
        check=False,
    )
    assert b"terminal\r\n31 97\r\n" in done.stdout, done
    assert b"got yes ***\r\n" in done.stdout
    assert b"hunter2" not in done.stdout
    assert done.returncode == 5
