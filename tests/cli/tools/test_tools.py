"""Whole runs of `inv tools.*`."""

import json
import time

import pytest

from tests.cli.tools.conftest import Project

OLD, NEW = "0.4.86", "0.4.87"


def test_the_tasks_are_listed_with_what_they_do(project: Project) -> None:
    listed = project.inv("--list").stdout
    names = ("tools.exec", "tools.install", "tools.install-flyctl", "tools.list (tools)", "tools.pin")
    assert all(name in listed for name in names)


def test_a_platform_without_a_confirmed_digest_is_refused_before_any_request(project: Project) -> None:
    answer = project.inv("tools.install-flyctl")
    assert answer.code == 1
    assert "error: flyctl 0.4.87 has no confirmed digest for " in answer.stderr
    assert "next:  inv tools.pin flyctl 0.4.87" in answer.stderr
    assert project.server.requests == []
    assert not project.link.exists()


def test_the_printed_fix_confirms_the_digest_and_then_it_installs(project: Project) -> None:
    text = "".join(
        line
        for line in project.pins.read_text().splitlines(keepends=True)
        if "unconfirmed_sha256 =" not in line
    )
    project.pins.write_text(text)
    # inv runs on the machine's own clock, so the release must be of a day that is past for it.
    route = "/repos/superfly/flyctl/releases/tags/v0.4.87"
    release = json.loads(project.server.files[route].body)
    release["published_at"] = "2026-08-20T00:00:00Z"
    project.server.put(route, json.dumps(release).encode())
    pinned = project.inv("tools.pin", "flyctl", NEW)
    assert (pinned.code, pinned.stdout) == (0, "")
    assert "flyctl 0.4.87 is pinned" in pinned.stderr
    assert project.inv("tools.install-flyctl").code == 0
    assert project.flyctl() == "flyctl 0.4.87"
    again = project.inv("tools.pin", "flyctl", NEW)
    assert "was pinned already" in again.stderr


def test_flyctl_is_installed_once_and_then_needs_no_network_and_half_a_second(project: Project) -> None:
    project.confirm(NEW)
    cold = project.inv("tools.install-flyctl")
    assert cold.code == 0
    assert f"flyctl 0.4.87 was installed: {project.link}" in cold.stderr
    assert cold.stdout == ""
    assert project.flyctl() == "flyctl 0.4.87"
    assert [path.name for path in project.cached(NEW).parents[1].iterdir() if ".part" in path.name] == []
    assert len(project.server.requests) == 1
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        warm = project.inv("tools.install-flyctl", INFRA_TOOLS_MIRROR="http://127.0.0.1:9")
        seconds.append(time.perf_counter() - began)
        assert (warm.code, warm.stderr) == (0, f"flyctl 0.4.87 is installed: {project.link}\n")
    assert len(project.server.requests) == 1
    # A figure of a machine that does nothing else; here other tests run beside it.
    assert min(seconds) < 3


def test_a_changed_binary_is_told_refused_and_repaired(project: Project) -> None:
    project.confirm(NEW)
    project.inv("tools.install-flyctl")
    project.cached(NEW).write_text("#!/bin/sh\necho evil\n")
    listed = project.inv("tools.list", "--json")
    flyctl = next(one for one in json.loads(listed.stdout) if one["name"] == "flyctl")
    assert (flyctl["state"], flyctl["sound"]) == ("changed since it was installed", False)
    ran = project.inv("tools.exec", "flyctl")
    assert (ran.code, ran.stdout) == (1, "")
    assert "next:  inv tools.install flyctl" in ran.stderr
    repaired = project.inv("tools.install", "flyctl")
    assert "had been changed since it was installed, and was repaired" in repaired.stderr
    assert project.flyctl() == "flyctl 0.4.87"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"INFRA_TOOLS_MIRROR": "", "HTTPS_PROXY": "PROXY"}, "the proxy did not fetch"),
        ({"INFRA_TOOLS_MIRROR": "", "HTTPS_PROXY": "http://127.0.0.1:9"}, "http://127.0.0.1:9: "),
        ({"INFRA_TOOLS_MIRROR": "", "HTTPS_PROXY": "socks5://127.0.0.1:9"}, "is a SOCKS proxy"),
        ({"INFRA_TOOLS_MIRROR": "PROXY/nowhere"}, "is not there (404 Not Found)"),
        ({"INFRA_TOOLS_MIRROR": "nowhere"}, "INFRA_TOOLS_MIRROR is no URL"),
        ({"INFRA_TOOLS_CACHE": "/dev/full/cache"}, "was not installed"),
        ({"INFRA_TOOLS_CACHE": "~/.fly/cache"}, "where flyctl replaces itself"),
        ({"FLYCTL_INSTALL": "FOLDER"}, "where flyctl replaces itself"),
    ],
)
def test_each_obstacle_is_told_and_the_old_flyctl_still_runs(
    project: Project, variables: dict[str, str], words: str
) -> None:
    project.confirm(OLD)
    project.inv("tools.install-flyctl")
    project.confirm(NEW)
    project.server.connect_status = 403
    told = {
        name: value.replace("PROXY", project.server.url).replace("FOLDER", str(project.folder))
        for name, value in variables.items()
    }
    answer = project.inv("tools.install-flyctl", **told)
    assert answer.code in {1, 2}
    assert words in answer.stderr
    assert "next:" in answer.stderr
    assert project.flyctl() == "flyctl 0.4.86"


def test_a_wrong_digest_is_told_and_the_old_flyctl_still_runs(project: Project) -> None:
    project.confirm(OLD)
    project.inv("tools.install-flyctl")
    project.confirm(NEW)
    for file in project.server.files.values():
        file.body = bytes(len(file.body))
    answer = project.inv("tools.install-flyctl")
    assert answer.code == 1
    assert "is not what was pinned: sha256" in answer.stderr
    assert project.flyctl() == "flyctl 0.4.86"


def test_a_dry_run_changes_nothing_and_asks_nobody(project: Project) -> None:
    project.confirm(NEW)
    project.program("go", "exit 1")
    answer = project.inv("--dry", "tools.install", "flyctl", "ko", "litestream")
    assert answer.code == 0
    assert "would download https://github.com/superfly/flyctl/releases/download/v0.4.87/" in answer.stdout
    assert "go install -trimpath github.com/google/ko@v" in answer.stdout
    pins = project.pins.read_text()
    assert (
        "would confirm flyctl 0.5.0 (now 0.4.87)"
        in project.inv("--dry", "tools.pin", "flyctl", "0.5.0").stdout
    )
    assert project.pins.read_text() == pins
    assert project.server.requests == []
    assert not (project.folder / "cache").exists()
    assert not (project.folder / ".tools").exists()


def test_a_dry_run_of_what_is_installed_says_so(project: Project) -> None:
    project.confirm(NEW)
    project.inv("tools.install-flyctl")
    answer = project.inv("--dry", "tools.install-flyctl")
    assert (answer.code, answer.stdout) == (0, "")
    assert "flyctl 0.4.87 is installed" in answer.stderr
    ran = project.inv("--dry", "tools.exec", "flyctl", "--", "apps", "list")
    assert ran.code == 0
    assert ran.stdout.strip().endswith("flyctl apps list")


def test_all_tools_are_tried_and_those_that_failed_are_named(project: Project) -> None:
    project.confirm(NEW)
    project.program("op", "echo 2.30.0")
    project.program("process-compose", "echo v1.4.0")
    project.program("go", 'test "$1" = env && echo off')
    answer = project.inv("tools.install")
    assert answer.code == 1
    assert "flyctl 0.4.87 was installed" in answer.stderr
    assert f"op 2.30.0 is on PATH: {project.folder}/bin/op" in answer.stderr
    assert "process-compose is 1.4.0, and 1.5.0 or newer is needed" in answer.stderr
    assert "not installed: ko, litestream, process-compose" in answer.stderr


@pytest.mark.parametrize(
    ("script", "words"),
    [(None, "op is not on PATH, and"), ("echo none", "op is of an unknown version, and")],
)
def test_a_tool_that_is_installed_by_hand_is_missed_with_its_hint(
    project: Project, script: str | None, words: str
) -> None:
    if script:
        project.program("op", script)
    answer = project.inv("tools.install", "op")
    assert answer.code == 1
    assert words in answer.stderr
    assert "next:" in answer.stderr


def test_to_run_a_tool_that_is_installed_by_hand_its_hint_is_the_next_step(project: Project) -> None:
    ran = project.inv("tools.exec", "process-compose")
    assert ran.code == 1
    assert "process-compose 1.5.0 cannot be used: not on PATH" in ran.stderr
    assert "releases" in ran.stderr
    assert "inv tools.install" not in ran.stderr


def test_pins_that_are_cut_short_stop_every_task(project: Project) -> None:
    project.pins.write_text("")
    for words in (("tools.install",), ("tools.list",)):
        ran = project.inv(*words)
        assert ran.code == 2
        assert "pins.toml lacks flyctl" in ran.stderr


def test_a_tool_that_is_not_pinned_is_bad_input(project: Project) -> None:
    for words in (
        ("tools.install", "ko", "nothing"),
        ("tools.exec", "nothing"),
        ("tools.pin", "nothing", "1.2.3"),
    ):
        answer = project.inv(*words)
        assert answer.code == 2
        assert "no tool is called 'nothing'" in answer.stderr


def test_the_list_tells_each_tool_its_state_and_what_to_do(project: Project) -> None:
    project.program("op", "echo 2.1.0")
    project.program("process-compose", "exit 1")
    rows = {one["name"]: one for one in json.loads(project.inv("tools", "--json").stdout)}
    assert rows["flyctl"] == {
        "name": "flyctl",
        "version": "0.4.87",
        "source": "release",
        "state": "no confirmed digest",
        "sound": False,
        "path": "",
        "next": "inv tools.pin flyctl 0.4.87",
    }
    assert rows["ko"]["state"] == "not installed"
    assert rows["ko"]["next"] == "inv tools.install ko"
    assert rows["op"]["state"] == "2.1.0 on PATH, older than 2.18.0"
    assert rows["process-compose"]["state"] == "does not tell its version"
    text = project.inv("tools.list").stdout
    assert text.splitlines()[0].split() == ["tool", "pinned", "state", "path", "next"]
    project.confirm(NEW)
    project.inv("tools.install-flyctl")
    project.link.unlink()
    flyctl = json.loads(project.inv("tools.list", "--json").stdout)[0]
    assert (flyctl["state"], flyctl["sound"]) == ("installed, not linked", False)


def test_a_tool_is_run_with_its_arguments_and_its_exit_code(project: Project) -> None:
    project.program("op", 'test "$1" = --version && echo 2.30.0 && exit 0; printf "<%s>" "$@"; exit 7')
    answer = project.inv("tools.exec", "op", "--", "a b", "--c", "")
    assert (answer.code, answer.stdout) == (7, "<a b><--c><>")


def test_the_pinned_flyctl_runs_and_never_replaces_itself(project: Project) -> None:
    project.confirm(NEW)
    project.inv("tools.install-flyctl")
    project.program("flyctl", "echo another one on PATH")
    answer = project.inv("tools.exec", "flyctl")
    assert (answer.code, answer.stdout) == (0, "flyctl 0.4.87\n")


def test_in_the_sandbox_flyctl_is_the_one_of_the_sandbox(project: Project) -> None:
    state = project.folder / "state"
    answer = project.inv("tools.exec", "flyctl", "--", "version", FLY_SANDBOX=str(state))
    assert answer.code == 0
    assert "simulat" in answer.stdout


def test_a_tool_that_is_none_is_told_before_its_version(project: Project) -> None:
    answer = project.inv("tools.pin", "flyctk", "1")
    assert answer.code == 2
    assert "no tool is called 'flyctk'" in answer.stderr


def test_a_name_with_a_line_end_is_refused(project: Project) -> None:
    answer = project.inv("tools.pin", "fly\nctl", "1")
    assert answer.code == 2
    assert r"NAME has a character that no line can show: '\n'" in answer.stderr
