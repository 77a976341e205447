"""Bad days: each is told in words with the next thing to do, and has its exit code."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.fly.repo import Repo
from tests.unit.fly import shapes

EVERYTHING = ".*"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "the token has expired"),
        (429, "rate-limiting"),
        (500, "Fly's API failed"),
        (503, "Fly's API failed"),
    ],
)
def test_an_api_that_fails_everywhere_is_explained(repo: Repo, status: int, says: str) -> None:
    repo.control(fail={EVERYTHING: [status, 1000]})
    for task in ("fly.status", "fly.deploy") if status == 401 else ("fly.status",):
        done = repo.inv(task, code=1)
        assert says in done.stderr
        assert f"injected {status}" in done.stderr
        assert "next:" in done.stderr
        assert "ran:" in done.stderr
    repo.control(fail={})
    told = [(entry["task"], entry["kind"], entry["code"]) for entry in repo.journal()]
    assert told == ([("fly.deploy", "ran", 1)] if status == 401 else [])
    assert "fly.deploy" not in repo.inv("fly.status").stderr  # nothing was begun


def test_an_api_that_fails_once_is_asked_again(repo: Repo) -> None:
    repo.control(fail={r"GET /v1/apps/infra/machines$": [500, 1]})
    done = repo.inv("fly.machines")
    assert "trying again" in done.stderr


def test_a_deploy_bears_a_registry_that_fails_once_and_an_answer_that_is_cut_once(repo: Repo) -> None:
    repo.publish("good")
    repo.control(fail={"POST /api/v1/builds$": [503, 1]}, truncate={"flyctl releases": 1})
    done = repo.inv("fly.deploy", "--yes")
    assert "looking for the image" in done.stderr
    assert "printed JSON that is cut short" in done.stderr
    assert set(repo.running().values()) == {"good"}


def test_a_deploy_that_never_began_is_in_the_history(repo: Repo) -> None:
    repo.publish("good")
    repo.control(fail={r"GET /v1/apps/infra/machines": [503, 1000]})
    repo.inv("fly.deploy", code=1)
    repo.control(fail={})
    repo.inv("fly.deploy", "--image", "registry.fly.io/infra:missing", code=3)
    repo.inv("fly.releases.revert", "v99", "--yes", code=2)
    told = repo.inv("history").stdout
    assert [entry["kind"] for entry in repo.journal()] == ["ran", "ran", "ran"]
    assert "fly.deploy infra: failed (exit 1" in told
    assert "- reading the status of infra failed: failed to list" in told
    assert "fly.deploy infra: refused (exit 3" in told
    assert "fly.releases.revert infra: failed (exit 2" in told
    assert "- there is no release 'v99'" in told
    assert set(repo.running().values()) == {"first"}
    assert repo.inv("fly.releases", "--json").stdout.count('"version"') == 1


def test_an_api_that_refuses_the_first_change_leaves_all_as_it_was(repo: Repo) -> None:
    repo.publish("good")
    repo.control(fail={r"POST /v1/apps/infra/machines/[0-9a-f]+$": [503, 1000]})
    done = repo.inv("fly.deploy", "--wait-timeout", "1", code=1)
    assert "infra: failed (exit 1)" in done.stdout
    assert "before it changed a machine; what ran still runs, and is healthy" in done.stdout
    assert set(repo.running().values()) == {"first"}


def test_half_an_answer_is_no_answer(repo: Repo) -> None:
    repo.control(truncate={"flyctl status": 10})
    done = repo.inv("fly.status", code=1)
    assert "JSON that is cut short or broken" in done.stderr
    assert "nothing is known" in done.stderr


def test_an_unknown_app_is_told(repo: Repo) -> None:
    done = repo.inv("fly.status", "-a", "nosuch", code=1)
    assert "failed to get app: Could not find App" in done.stderr
    assert "apps create" in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("app = ", "fly.toml:1 is no TOML"),
        ('app = "x"\n\n[deploy\nstrategy = 1\n', "fly.toml:3 is no TOML"),
        ('app = "x"\n[deploy]\nstrategy = [\n\n', "fly.toml:4 is no TOML"),  # open to its end
        ("app = 7\n", "fly.toml:1 is no valid manifest: Expected `str`, got `int` - at `$.app`"),
        ('app = "x"\n[deploy]\nstrategy = 5\n', "fly.toml:3 is no valid manifest"),
        ('app = "x"\n[[services]]\n[[services.http_checks]]\npath = 7\n', "fly.toml:4 is no valid manifest"),
        (None, "there is no manifest at fly.toml"),
    ],
)
def test_an_invalid_or_missing_manifest_is_bad_input(repo: Repo, text: str | None, says: str) -> None:
    path = repo.root / "fly.toml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    for task in ("fly.status", "fly.deploy"):
        told = repo.inv(task, code=2).stderr
        assert says in told
        assert len(told.splitlines()) <= 3


def test_every_app_is_told_of_but_those_whose_manifest_is_broken(repo: Repo) -> None:
    (repo.root / "core/fly.toml").write_text("app = ")
    done = repo.inv("fly.status", "--all", code=1)
    assert re.search(r"infra +healthy", done.stdout)
    assert re.search(r"core/fly.toml +unknown: core/fly.toml:1 is no TOML", done.stdout)
    (told, _) = json.loads(repo.inv("fly.status", "--all", "--json", code=1).stdout)
    assert (told["app"], told["health"]) == ("core/fly.toml", None)


def test_without_the_roots_manifest_the_others_work(repo: Repo) -> None:
    (repo.root / "fly.toml").unlink()
    assert re.search(r"infra-core +healthy", repo.inv("fly.status", "--all").stdout)
    assert "infra-core: registry.fly.io/infra:first" in repo.inv("fly.plan", "-c", "core", code=None).stdout
    (repo.root / "core/fly.toml").unlink()
    told = repo.inv("fly.status", "--all", code=2).stderr
    assert "there is no manifest (fly.toml) in this repo" in told


def test_many_reasons_of_one_kind_are_told_in_a_line_each(repo: Repo) -> None:
    (repo.root / "fly.toml").write_text('app = "infra"\nprimary_region = "ams"\n')
    told = repo.inv("fly.deploy", code=3).stderr
    assert told.count("[manifest]") > 3
    assert told.count("why:") < 4
    assert told.count("correct that line") <= 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly.deploy", "--image", "no reference"),
        ("fly.deploy", "--force", "nosuch=x"),
        ("fly.deploy", "--wait-timeout", "0"),
        ("fly.deploy", "--remote-only", "--local-only"),
        ("fly.status", "-c", "nosuch"),
    ],
)
def test_wrong_arguments_are_bad_input(repo: Repo, arguments: tuple[str, ...]) -> None:
    done = repo.inv(*arguments, code=2)
    assert done.stderr.startswith("error: ")


def test_a_tick_that_is_none_is_bad_input(repo: Repo) -> None:
    assert "FLY_TICK is 'soon'" in repo.inv("fly.status", code=2, FLY_TICK="soon").stderr


def program(folder: Path, script: str) -> dict[str, str]:
    """A flyctl of another kind, first on PATH, outside of the sandbox."""
    folder.mkdir()
    path = folder / "flyctl"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {
        "FLY_SANDBOX": "",
        "PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "FLY_API_TOKEN": "FlyV1 fm2_x",
    }


VERSION = '{"Name":"flyctl","Version":"%s","Environment":"production","Architecture":"amd64"}'
STATUS = json.dumps(shapes.status([], "infra"))
HELP = "Usage:\\n  flyctl status [flags]\\n"


def test_a_missing_flyctl_is_told_with_the_way_to_get_it(repo: Repo, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = repo.inv("fly.status", code=1, FLY_SANDBOX="", PATH=str(empty))
    assert "flyctl was not found on PATH" in done.stderr
    assert "tools.install-flyctl" in done.stderr


def test_a_flyctl_of_another_version_is_noted_by_status_and_refused_by_deploy(
    repo: Repo, tmp_path: Path
) -> None:
    script = f"""case "$1" in
version) echo '{VERSION % "0.3.9"}';;
status) echo '{STATUS}';;
deploy|config) ;;
*) echo '[]';;
esac"""
    env = program(tmp_path / "other", script)
    status = repo.inv("fly.status", code=1, **env)
    assert "flyctl is 0.3.9" in status.stderr
    done = repo.inv("fly.deploy", code=3, **env)
    assert "[flyctl]" in done.stderr
    assert "0.4.87" in done.stderr


def test_a_flyctl_that_prints_help_and_exits_0_is_found_out(repo: Repo, tmp_path: Path) -> None:
    script = f"""[ "$1" = version ] && echo '{VERSION % "0.4.87"}' || printf '{HELP}'"""
    done = repo.inv("fly.status", code=1, **program(tmp_path / "other", script))
    assert "printed its help and did nothing" in done.stderr


def test_a_program_that_is_no_flyctl_is_found_out(repo: Repo, tmp_path: Path) -> None:
    done = repo.inv("fly.status", code=1, **program(tmp_path / "other", "echo hello"))
    assert "does not say what it is" in done.stderr


def test_without_a_token_flyctl_is_explained(repo: Repo, tmp_path: Path) -> None:
    script = f"""[ "$1" = version ] && echo '{VERSION % "0.4.87"}' && exit
echo "Error: no access token available. Please login with 'flyctl auth login'" >&2; exit 1"""
    done = repo.inv("fly.status", code=1, **program(tmp_path / "other", script))
    assert "flyctl has no token to work with" in done.stderr
    assert "FLY_API_TOKEN" in done.stderr


def test_the_simulated_flyctl_is_never_taken_for_a_real_one(repo: Repo) -> None:
    from tests.cli.fly.repo import SIMULATION

    path = f"{SIMULATION}{os.pathsep}{repo.env['PATH']}"
    done = repo.inv("fly.status", code=3, FLY_SANDBOX="", FLYSIM_STATE=str(repo.state), PATH=path)
    assert "simulated" in done.stderr


def test_no_colour_and_no_terminal_give_plain_text(repo: Repo) -> None:
    assert "\x1b" not in repo.inv("fly.status", NO_COLOR="1").stdout
