"""nox's sessions, and the options after `--` where a program of ours takes them."""

from pathlib import Path

import pytest

from pkg.docs.nox_words import nox_sessions, wrong_session

NOXFILE = """
@nox.session
def lint(s): ...

@nox.session(default=False)
def lock(s): ...

@nox.session
def bench(session):
    session.run("python", "-m", "tests.bench", *session.posargs)

def f(): ...
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "noxfile.py").write_text(NOXFILE)
    (tmp_path / "tests" / "bench").mkdir(parents=True)
    (tmp_path / "tests" / "bench" / "__main__.py").write_text('p.add_argument("--runs", "-r", type=int)\n')
    return tmp_path


def test_sessions_are_read_with_the_options_of_our_programs(root: Path) -> None:
    assert nox_sessions(root) == {"lint": None, "lock": None, "bench": {"--runs", "-r"}}


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("nox", ""),
        ("nox -s lint -- -s x --anything", ""),
        ("nox -s NAME", ""),
        ("nox -s test", "nox has no session test"),
        ("nox --session test", "nox has no session test"),
        ("nox -s bench", ""),
        ("nox -s bench -- --runs 3", ""),
        ("nox -s bench -- --runs=3", ""),
        ("nox -s bench -- --rounds 3", "the session bench has no --rounds"),
    ],
)
def test_what_nox_does_not_have_is_told(root: Path, command: str, wrong: str) -> None:
    assert wrong_session(command.split(), nox_sessions(root)) == wrong
