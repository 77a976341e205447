"""Completion in real zsh and fish; bash is tested with the other tests, since it is everywhere."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.shell.terminal import completed
from tests.real.conftest import ROOT, environment, need, run

SCRIPTS = ROOT / "pkg" / "shell" / "completion"


def variables(home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return environment(PATH=path, HOME=str(home), TERM="dumb")


@pytest.fixture(scope="module", autouse=True)
def _kept() -> None:
    run([sys.executable, "-m", "pkg.shell.completion.cli"], cwd=ROOT, env=environment())


def test_fish_offers_tasks_options_and_values_with_words(tmp_path: Path) -> None:
    fish = need("fish")

    def tab(line: str) -> list[str]:
        script = f"source {SCRIPTS / 'inv.fish'}; complete -C '{line}'"
        done = run([fish, "--no-config", "-c", script], cwd=ROOT, env=variables(tmp_path))
        assert done.stderr == ""
        return done.stdout.splitlines()

    assert tab("inv fly.stat") == ["fly.status\tShow the health of an app, or of all; exit 1 when unhealthy."]
    assert [line.partition("\t")[0] for line in tab("inv fly.status --js")] == ["--json"]
    assert "infra-notes" in tab("inv fly.status --app infra-n")
    assert "core\tapp infra-core" in tab("inv fly.status -c co")
    assert tab("inv nosuch ") == []
    assert tab("inv sandbox fly.machines.stop --app nosuch ") == []
    assert tab("inv fly.secrets.import fly.to") == ["fly.toml"]
    assert tab("inv fly.secrets.import --file=fly.to") == ["--file=fly.toml"]


def test_zsh_offers_them_as_well(tmp_path: Path) -> None:
    zsh = need("zsh")
    # What the widget would add is printed in its place: a widget runs only where somebody types.
    script = f"""
        source {SCRIPTS / "inv.zsh"}
        compadd() {{ print -l -- $found; }}
        words=(inv "$@") CURRENT=$(( $# + 1 ))
        _inv
    """

    def tab(*words: str) -> list[str]:
        done = run([zsh, "-f", "-c", script, "zsh", *words], cwd=ROOT, env=variables(tmp_path))
        assert done.stderr == ""
        return done.stdout.splitlines()

    assert tab("fly.stat") == ["fly.status"]
    assert tab("fly.status", "--js") == ["--json"]
    assert tab("fly.status", "--app", "infra-n") == ["infra-notes"]
    assert tab("fly.status", "-c", "")[:2] == ["fly.toml", "core"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("inv fly.machines.stop --app nosuch ", ["fly.machines.stop", "--app", "nosuch"]),
        ("inv nosuch ", ["nosuch"]),
        ("inv fly.secrets.import fly.to", ["fly.secrets.import", "fly.toml"]),
        ("inv fly.secrets.import --file=fly.to", ["fly.secrets.import", "--file=fly.toml"]),
    ],
)
def test_zsh_puts_a_file_only_where_one_is_meant(tmp_path: Path, line: str, words: list[str]) -> None:
    shell = [need("zsh"), "-f", "-i"]
    assert completed(shell, SCRIPTS / "inv.zsh", line, ROOT, variables(tmp_path)) == words
