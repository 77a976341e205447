"""The workflows: pinned by commit, least permissions, one deploy at a time; two linters find nothing."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pkg.docs.nox_words import nox_sessions, wrong_session
from pkg.docs.task_words import wrong_tasks
from pkg.docs.tasklist import describe, load_collection
from pkg.shell.clock import SystemClock
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from pkg.tools import golang
from pkg.tools.pins import GoModule
from pkg.tools.platforms import here
from pkg.tools.store import Store
from tests.fakes import MemoryConsole

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONLINT = GoModule(
    version="1.7.12",
    module="github.com/rhysd/actionlint",
    package="github.com/rhysd/actionlint/cmd/actionlint",
    sum="h1:vQ4GeJN86C0QH+gTUQcs8McmK62OLT3kmakPMtEWYnY=",
)

every_workflow = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def load(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text())
    return loaded


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from load(path)["jobs"].items()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for _, job in jobs(path):
        yield from job["steps"]


def test_town_listare_two_workflows() -> None:
    assert [path.name for path in FILES] == ["ci.yml", "deploy.yml"]


@every_workflow
def test_actions_are_pinned_by_commit_with_their_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for line in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_the_same_commit_everywhere() -> None:
    used = {line for path in FILES for line in re.findall(r"uses: (\S+)", path.read_text())}
    assert len({line.partition("@")[0] for line in used}) == len(used)


def test_uv_is_the_locked_one() -> None:
    locked = re.search(r"^uv==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert locked is not None
    versions = {
        step["with"]["version"]
        for path in FILES
        for step in steps(path)
        if "setup-uv" in step.get("uses", "")
    }
    assert versions == {locked[1]}


@every_workflow
def test_nothing_is_permitted_but_reading_the_code(path: Path) -> None:
    assert load(path)["permissions"] == {}
    assert all(job["permissions"] == {"contents": "read"} for _, job in jobs(path))


@every_workflow
def test_every_job_ends_and_no_checkout_leaves_a_credential(path: Path) -> None:
    assert all(job["timeout-minutes"] <= 45 for _, job in jobs(path))
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(list(jobs(path)))
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@every_workflow
def test_no_script_has_anything_pasted_into_it(path: Path) -> None:
    assert not [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


def test_pull_requests_get_no_secret() -> None:
    assert "secrets." not in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_no_two_deploys_meet_and_each_is_approved_after_its_plan() -> None:
    path = ROOT / ".github" / "workflows" / "deploy.yml"
    assert load(path)["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    found = dict(jobs(path))
    assert found["deploy"]["needs"] == "plan"
    assert found["deploy"]["environment"] == "production"
    assert found["plan"]["environment"] == "plan"
    assert not any(step["with"]["enable-cache"] for step in steps(path) if "setup-uv" in step.get("uses", ""))


def test_the_token_is_given_to_the_one_step_of_each_job_that_needs_it() -> None:
    path = ROOT / ".github" / "workflows" / "deploy.yml"
    assert "FLY_API_TOKEN" not in str(load(path).get("env", {}))
    for _, job in jobs(path):
        holders = [step["name"] for step in job["steps"] if "FLY_API_TOKEN" in step.get("env", {})]
        assert holders in (["Plan"], ["Deploy"])


def test_the_manifests_that_can_be_deployed_are_those_of_the_repo() -> None:
    workflow = load(ROOT / ".github" / "workflows" / "deploy.yml")
    # YAML reads a bare `on` as true.
    offered = workflow[True]["workflow_dispatch"]["inputs"]["manifest"]["options"]
    present = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("processcompose/*/fly.toml")]
    assert sorted(offered) == sorted(["fly.toml", "core/fly.toml", *present])
    assert all((ROOT / manifest).is_file() for manifest in offered)


def test_each_manifest_is_deployed_with_a_token_of_its_own_app() -> None:
    path = ROOT / ".github" / "workflows" / "deploy.yml"
    offered = load(path)[True]["workflow_dispatch"]["inputs"]["manifest"]["options"]
    for step in steps(path):
        if "FLY_API_TOKEN" in step.get("env", {}):
            token = step["env"]["FLY_API_TOKEN"]
            chosen = dict(re.findall(r"env\.MANIFEST == '(\S+)' && secrets\.(\w+)", token))
            assert list(chosen) == offered
            assert len(set(chosen.values())) == len(offered)
            assert token.endswith("|| '' }}")


def test_the_summary_tells_also_why_a_plan_or_a_deploy_was_refused() -> None:
    text = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
    assert text.count("| tee ") == text.count("2>&1 | tee ") == 2


def test_both_ways_into_ci_install_the_same_packages() -> None:
    ci = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    own = (ROOT / ".ci" / "run").read_text()
    there = re.search(r"--no-install-recommends ([a-z0-9 -]+)$", ci, re.MULTILINE)
    own_list = re.search(r"^packages=\((.+)\)$", own, re.MULTILINE)
    assert there
    assert own_list
    assert there[1].split() == [name for name in own_list[1].split() if not name.startswith("chromium")]


@every_workflow
def test_every_task_and_session_that_is_run_exists_and_takes_its_options(path: Path) -> None:
    tasks = {name: task for task in describe(load_collection(ROOT)) for name in (task.name, *task.aliases)}
    sessions = nox_sessions(ROOT)
    ran = [
        line
        for step in steps(path)
        for line in re.findall(r"\./dev (.+?)(?: 2>&1| \||$)", step.get("run", ""), re.MULTILINE)
    ]
    assert ran
    for line in ran:
        program, *words = shlex.split(line)
        assert not (
            wrong_tasks(words, tasks) if program == "inv" else wrong_session(["nox", *words], sessions)
        ), line


@pytest.mark.parametrize("strictness", ["--persona=regular", "--persona=pedantic"])
def test_zizmor_finds_nothing(strictness: str) -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    ran = subprocess.run(
        [zizmor, "--offline", strictness, "--no-progress", ".github/workflows"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.real
@pytest.mark.timeout(600)
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        if os.environ.get("CI"):
            pytest.fail("Go is needed, and CI is set")
        pytest.skip("Go was not found on PATH: actionlint was not run")
    console = MemoryConsole()
    clock = SystemClock()
    runner = ProcessRunner(env=os.environ, cwd=ROOT, console=console, redactor=Redactor(), clock=clock)
    store = Store(tmp_path / "cache", tmp_path / "links", clock, console.say)
    goal = golang.wanted("actionlint", ACTIONLINT, here(runner))
    golang.install(goal, ACTIONLINT, store=store, console=console, runner=runner)
    ran = runner.capture([str(store.program(goal)), "-no-color", *map(str, FILES)])
    assert ran.code == 0, ran.stdout
