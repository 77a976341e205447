"""Completion in real zsh and fish; bash is tested with the other tests, since it is everywhere."""

import os
import sys
from pathlib import Path

from tests.real.conftest import ROOT, environment, need, run

SCRIPTS = ROOT / "pkg" / "shell" / "completion"


def variables(home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return environment(PATH=path, HOME=str(home), TERM="dumb")


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
