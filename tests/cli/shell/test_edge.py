"""Whole runs of `inv` on a small tasks.py: what the edge promises to every task."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[3]

TASKS = '''
    """Tasks that show what the edge does."""
    import os
    from pathlib import Path

    import invoke

    from pkg.shell.cli import end, task, workspace
    from pkg.shell.errors import Refused


    @task(iterable=["label"], help={"app": "The app."})
    def show(c, app, size=1, label=None):
        """Show what arrived."""
        ws = workspace(c)
        ws.console.json(
            {
                "app": app,
                "size": size,
                "label": label,
                "passthrough": ws.passthrough,
                "dry": ws.dry,
                "sandbox": ws.sandbox,
                "root": str(ws.root),
                "state": str(ws.state),
                "cwd": str(Path.cwd()),
                "child": ws.runner.capture(["pwd"]).stdout.strip(),
            }
        )


    @task
    def change(c):
        """Change something."""
        ws = workspace(c)
        ws.confirm("Make it?", yes=False)
        ws.runner.stream(["touch", "made"], changes=True)


    @task
    def refuse(c):
        """Refuse."""
        raise Refused("no", command=["flyctl", "a b"], meaning="nothing changed", fix="say yes")


    @task
    def leave(c, code=0):
        """End with an exit code."""
        end(code)
        print("after")


    @task
    def bug(c):
        """Fail as a program fails."""
        raise ValueError(f"a bug with {workspace(c).environment.get('A_TOKEN')}")


    @task
    def wait(c):
        """Wait for a child that takes its time to end."""
        ws = workspace(c)
        program = "trap 'echo cleaned >cleaned; kill $!; exit 127' INT; sleep 60 & echo up; wait; wait"
        ws.runner.stream(["sh", "-c", program])


    @task
    def nothing(c):
        """Be interrupted without a child."""
        workspace(c).console.out("up")
        os.kill(os.getpid(), __import__("signal").SIGINT)
        workspace(c).clock.sleep(60)


    @task
    def many(c):
        """Write many lines."""
        ws = workspace(c)
        for number in range(20_000):
            ws.console.out(str(number))
        ws.runner.capture(["touch", "finished"])


    @task(name="list")
    def list_a(c):
        """List one kind."""
        workspace(c).console.out("a")


    @task(name="list")
    def list_b(c):
        """List the other kind."""
        workspace(c).console.out("b")


    @task
    def both(c):
        """Use one workspace in two tasks."""
        ws = workspace(c)
        list_a(c)
        ws.console.out(str(workspace(c) is ws))


    ns = invoke.Collection(show, change, refuse, leave, bug, wait, nothing, many, both)
    ns.add_collection(invoke.Collection("a", list_a))
    ns.add_collection(invoke.Collection("b", list_b))
'''


@dataclass(frozen=True)
class Repo:
    folder: Path

    def start(
        self,
        *words: str,
        cwd: Path | None = None,
        stdout: int = subprocess.PIPE,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        # Where the tests themselves run under nohup, the child would ignore SIGHUP as well.
        before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        try:
            return subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "invoke", *words],
                cwd=cwd or self.folder,
                env={"PATH": os.defpath, "PYTHONPATH": str(REPO), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGHUP, before)

    def inv(self, *words: str, cwd: Path | None = None, **variables: str) -> tuple[int, str, str]:
        with self.start(*words, cwd=cwd, env=variables) as process:
            out, err = process.communicate(timeout=100)
        return process.returncode, out, err


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    folder = tmp_path / "a repo's folder"
    folder.mkdir()
    (folder / "tasks.py").write_text(textwrap.dedent(TASKS))
    return Repo(folder)


def test_a_task_gets_its_arguments_and_what_follows_the_dashes_with_its_boundaries(repo: Repo) -> None:
    code, out, _ = repo.inv(
        "show",
        "my app",
        "--size=2",
        "--label",
        "a",
        "--label",
        "b c",
        "--",
        "--tail",
        "x y",
        "",
        "--",
        "it's",
    )
    shown = json.loads(out)
    assert code == 0
    assert (shown["app"], shown["size"], shown["label"]) == ("my app", 2, ["a", "b c"])
    assert shown["passthrough"] == ["--tail", "x y", "", "--", "it's"]
    assert (shown["dry"], shown["sandbox"]) == (False, False)


def test_a_task_runs_from_the_root_wherever_it_is_called(repo: Repo) -> None:
    below = repo.folder / "core" / "sub"
    below.mkdir(parents=True)
    shown = json.loads(repo.inv("show", "x", cwd=below)[1])
    assert shown["root"] == shown["cwd"] == shown["child"] == str(repo.folder)
    assert shown["state"] == str(repo.folder / ".fly")


def test_in_the_sandbox_the_state_is_the_simulations_own(repo: Repo) -> None:
    shown = json.loads(repo.inv("show", "x", FLY_SANDBOX=str(repo.folder / "sim"))[1])
    assert (shown["sandbox"], shown["state"]) == (True, str(repo.folder / "sim"))


def test_a_failure_is_told_in_words_with_its_exit_code(repo: Repo) -> None:
    assert repo.inv("refuse") == (
        3,
        "",
        "error: no\n  ran:   flyctl 'a b'\n  means: nothing changed\n  next:  say yes\n",
    )


def test_a_failure_ends_the_tasks_after_it(repo: Repo) -> None:
    assert repo.inv("refuse", "a.list")[:2] == (3, "")


def test_a_task_may_end_with_an_exit_code_of_its_own(repo: Repo) -> None:
    assert repo.inv("leave", "--code=4") == (4, "", "")
    assert repo.inv("leave") == (0, "after\n", "")


def test_a_dry_run_prints_the_command_asks_nothing_and_runs_nothing(repo: Repo) -> None:
    assert repo.inv("--dry", "change") == (0, "touch made\n", "")
    assert not (repo.folder / "made").exists()


def test_a_dry_run_still_reads(repo: Repo) -> None:
    code, out, err = repo.inv("--dry", "show", "x")
    shown = json.loads(out)
    assert (code, shown["dry"], shown["child"], err) == (0, True, str(repo.folder), "$ pwd\n")


def test_echo_shows_commands_on_stderr(repo: Repo) -> None:
    code, out, err = repo.inv("--echo", "show", "x")
    assert (code, json.loads(out)["child"], err) == (0, str(repo.folder), "$ pwd\n")


def test_without_a_terminal_a_question_is_answered_no(repo: Repo) -> None:
    code, out, err = repo.inv("change")
    assert (code, out) == (3, "")
    assert "add --yes" in err
    assert not (repo.folder / "made").exists()


def test_a_bug_has_its_traceback_without_the_secret_in_it(repo: Repo) -> None:
    code, _, err = repo.inv("bug", A_TOKEN="hunter2-hunter2")
    assert code == 1
    assert err.startswith("Traceback")
    assert err.endswith("ValueError: a bug with ***\n")
    assert "hunter2" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_child_first_and_then_the_task(repo: Repo, number: signal.Signals) -> None:
    with repo.start("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=100)
    assert process.returncode == 130
    assert "error: interrupted; sh ended with exit code 127" in err
    assert (repo.folder / "cleaned").exists()


def test_an_interrupt_without_a_child_is_told_in_words(repo: Repo) -> None:
    assert repo.inv("nothing") == (130, "up\n", "error: interrupted\n")


def test_a_reader_that_goes_away_does_not_stop_the_work(repo: Repo) -> None:
    with repo.start("many") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0
    assert (repo.folder / "finished").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_answer_that_cannot_be_written_is_told(repo: Repo) -> None:
    with Path("/dev/full").open("w") as full, repo.start("both", stdout=full.fileno()) as process:
        _, err = process.communicate(timeout=100)
    assert process.returncode == 1
    assert err.startswith("error: stdout could not be written: No space left on device\n")
    assert "Traceback" not in err


def test_two_tasks_of_one_name_are_two(repo: Repo) -> None:
    assert repo.inv("a.list", "b.list") == (0, "a\nb\n", "")


def test_a_task_that_calls_another_shares_its_workspace(repo: Repo) -> None:
    assert repo.inv("both") == (0, "a\nTrue\n", "")


def test_help_and_list_show_the_words_of_the_task(repo: Repo) -> None:
    assert "Show what arrived." in repo.inv("--list")[1]
    helped = repo.inv("--help", "show")[1]
    assert "The app." in helped
    assert "--label" in helped
