"""Machines, as a person works on them: whole `inv` runs on the simulated Fly."""

import json
import signal
import time

import pytest

from tests.cli.fly.repo import Repo, end_group, until

CORE = ("-a", "infra-core")


def the_one(repo: Repo) -> str:
    return str(repo.machines("infra-core")[0]["id"])


def states(repo: Repo, app: str = "infra-core") -> list[str]:
    return sorted(machine["state"] for machine in repo.machines(app))


def test_a_day_with_one_machine_leaves_exactly_what_it_says(repo: Repo) -> None:
    """The issue's own words: run core/fly.toml, then clone, stop, start, restart, destroy."""
    refused = repo.inv("fly.machines.run", "core/fly.toml", code=2)
    assert "no free volume core_data in syd" in refused.stderr
    repo.inv("fly.volumes.create", "core_data", *CORE)
    first = the_one(repo)
    repo.inv("fly.machines.run", "core/fly.toml")
    [made] = [machine for machine in repo.machines("infra-core") if machine["id"] != first]
    assert made["name"].startswith("run-")
    clone = repo.inv("fly.machines.clone", made["id"], *CORE)
    assert "new, empty one" in clone.stderr
    assert states(repo) == ["started"] * 3
    repo.inv("fly.machines.stop", made["id"], *CORE, "fly.machines.start", made["id"], *CORE)
    repo.inv("fly.machines.restart", "all", *CORE)
    assert states(repo) == ["started"] * 3
    told = repo.inv("fly.machines.destroy", made["id"], *CORE, "--yes")
    assert "2 of its group stay" in told.stderr
    assert "stays, attached to nothing" in told.stderr
    assert states(repo) == ["started"] * 2
    volumes = json.loads(repo.flyctl("volumes", "list", *CORE, "--json"))
    assert sorted(bool(volume["attached_machine_id"]) for volume in volumes) == [False, True, True]


def test_a_machine_of_a_manifest_is_what_a_deploy_makes(repo: Repo) -> None:
    """The simulation's deploy derives a machine from the manifest by itself, from the recordings."""
    repo.inv("fly.volumes.create", "core_data", *CORE)
    first = the_one(repo)
    repo.inv("fly.machines.run", "core/fly.toml")
    both = {machine["id"] == first: machine["config"] for machine in repo.machines("infra-core")}
    deployed, run = both[True], both[False]
    for ours in ("stop_config", "dns"):
        deployed.pop(ours, None)
        run.pop(ours, None)
    for config in both.values():
        config.pop("image")
        config["metadata"] = {
            name: value
            for name, value in config["metadata"].items()
            if name in {"fly_process_group", "fly_platform_version"}
        }
        config["mounts"] = [{"path": mount["path"], "name": mount["name"]} for mount in config["mounts"]]
        for service in config["services"]:
            service.pop("force_instance_key", None)
    assert run == deployed


def test_several_at_once_are_told_one_by_one(repo: Repo) -> None:
    ids = [machine["id"] for machine in repo.machines()]
    told = json.loads(repo.inv("fly.machines.stop", ",".join(ids), "--json").stdout)
    assert sorted(told, key=lambda one: str(one["id"])) == [
        {"id": ident, "ok": True, "words": "stopped"} for ident in sorted(ids)
    ]
    repo.inv("fly.machines.start", "app")
    assert states(repo, "infra") == ["started", "started"]


def test_the_last_machine_is_guarded(repo: Repo) -> None:
    last = the_one(repo)
    refused = repo.inv("fly.machines.destroy", last, *CORE, "--yes", code=3)
    assert "the last machine of app" in refused.stderr
    assert f"inv sandbox fly.machines.restart {last}" in refused.stderr
    unasked = repo.inv("fly.machines.destroy", last, *CORE, "--last", code=3)
    assert "Nobody is there to answer" in unasked.stderr
    assert states(repo) == ["started"]
    both = [machine["id"] for machine in repo.machines()]
    refused = repo.inv("fly.machines.destroy", "all", "--yes", code=3)
    assert f"{', '.join(both)} are the last" in refused.stderr
    assert f"fly.machines.restart {','.join(both)} -a infra" in refused.stderr
    repo.inv("fly.machines.destroy", last, *CORE, "--last", "--yes")
    assert states(repo) == []


def test_exec_ends_as_the_command_did(repo: Repo) -> None:
    ident = the_one(repo)
    assert "made up" in repo.inv("fly.machines.exec", ident, "ls /data", *CORE).stdout
    assert repo.inv("fly.machines.exec", ident, "false", *CORE, code=1).stdout == ""
    well = repo.inv("fly.machines.exec", ident, "ls /data", *CORE, "--json")
    assert "made up" in json.loads(well.stdout)["stdout"]
    repo.control(exec={"exit 3": {"exit_code": 3, "stderr": "no\n"}})
    assert "no\n" in repo.inv("fly.machines.exec", ident, "exit 3", *CORE, code=3).stderr
    assert (
        json.loads(repo.inv("fly.machines.exec", ident, "exit 3", *CORE, "--json", code=3).stdout)[
            "exit_code"
        ]
        == 3
    )


def test_update_suspend_and_wait(repo: Repo) -> None:
    ident = the_one(repo)
    repo.inv("fly.machines.update", ident, *CORE, "--metadata", "owner=ops")
    assert repo.machines("infra-core")[0]["config"]["metadata"]["owner"] == "ops"
    assert "nothing to update" in repo.inv("fly.machines.update", ident, *CORE, code=2).stderr
    repo.inv("fly.machines.suspend", ident, *CORE)
    repo.inv("fly.machines.wait", ident, *CORE, "--state", "suspended")
    late = repo.inv("fly.machines.wait", ident, *CORE, "--state", "started", "--wait-timeout", "1", code=1)
    assert "not where it should be after 1 s" in late.stderr


def test_a_restart_that_breaks_its_checks_is_no_success(repo: Repo) -> None:
    ident = the_one(repo)
    repo.control(checks={ident: "critical"})
    failed = repo.inv("fly.machines.restart", ident, *CORE, "--wait-timeout", "1", code=1)
    assert "failed" in failed.stdout
    assert "Traceback" not in failed.stderr


def test_wrong_words_are_refused_before_anything_is_sent(repo: Repo) -> None:
    for words in (
        ("fly.machines.stop", "nosuch"),
        ("fly.machines.run", "nosuch.toml"),
        ("fly.machines.run", "not an image"),
        ("fly.machines.run", "core/fly.toml", "--group", "nosuch"),
        ("fly.machines.clone", "all"),
        ("fly.machines.wait", "all", "--state", "happy"),
        ("fly.machines.restart", "all", "--wait-timeout", "0"),
        ("fly.machines.update", "all", "--metadata", "novalue"),
        ("fly.machines.clone", "nosuch", "--fork", "--snapshot", "vs_1"),
        ("fly.machines.exec", "nosuch", "ls", "--timeout", "0"),
        ("fly.machines.exec", "nosuch", "ls", "--timeout", "-5"),
    ):
        refused = repo.inv(*words, code=2)
        assert "next:" in refused.stderr or "means:" in refused.stderr or "error:" in refused.stderr
    assert states(repo, "infra") == ["started", "started"]


@pytest.mark.parametrize(
    "words",
    [
        ("fly.machines.run", "fly.toml", "--", "-ainfra-core"),
        ("fly.machines.run", "fly.toml", "--", "--name", "mine"),
        ("fly.machines.run", "fly.toml", "--", "sleep"),
        ("fly.machines.clone", "ID", "--", "--name", "other"),
        (
            "fly.machines.update",
            "ID",
            "--image",
            "registry.fly.io/infra:a",
            "--",
            "-iregistry.fly.io/infra:b",
        ),
        ("fly.machines.update", "ID", "--", "foo"),
        ("fly.machines.update", "ID", "--", "--help"),
    ],
    ids=" ".join,
)
def test_what_would_go_past_a_task_is_refused_and_nothing_is_noted(
    repo: Repo, words: tuple[str, ...]
) -> None:
    before = [(machine["id"], machine["version"]) for machine in repo.machines()]
    refused = repo.inv(*(before[0][0] if word == "ID" else word for word in words), code=2)
    assert "after `--`" in refused.stderr
    assert [(machine["id"], machine["version"]) for machine in repo.machines()] == before
    assert len(repo.machines("infra-core")) == 1
    assert list(repo.state.glob("intents/*.json")) == []


def test_a_usage_error_of_flyctl_is_told_at_once_and_leaves_no_note(repo: Repo) -> None:
    repo.publish("good")
    began = time.monotonic()
    for words in (("fly.machines.update", repo.machines()[0]["id"]), ("fly.machines.run", "fly.toml")):
        refused = repo.inv(*words, "--", "--vm-cpus", "many", code=1)
        assert "nothing was sent" in refused.stderr
    assert time.monotonic() - began < 20
    assert list(repo.state.glob("intents/*.json")) == []


def test_a_volume_that_cannot_be_attached_is_refused_before_anything_is_noted(repo: Repo) -> None:
    taken = repo.machines("infra-core")[0]["config"]["mounts"][0]["volume"]
    for volume, why in (("vol_nope", "has no volume"), (taken, "is attached to")):
        refused = repo.inv("fly.machines.clone", the_one(repo), *CORE, "--volume", volume, code=2)
        assert why in refused.stderr
    assert list(repo.state.glob("intents/*.json")) == []


def test_a_machine_that_shall_not_start_is_no_failure(repo: Repo) -> None:
    ident = the_one(repo)
    told = repo.inv("fly.machines.update", ident, *CORE, "--metadata", "a=b", "--", "--skip-start")
    assert "not started" in told.stdout
    assert states(repo) == ["stopped"]
    repo.publish("good")
    standby = repo.inv("fly.machines.run", "fly.toml", "--", "--standby-for", repo.machines()[0]["id"])
    assert "not started" in standby.stdout


def test_an_image_that_gets_no_health_is_given_up_at_the_deadline(repo: Repo) -> None:
    bad = repo.publish("bad", "unhealthy")
    began = time.monotonic()
    failed = repo.inv(
        "fly.machines.update", repo.machines()[0]["id"], "--image", bad, "--wait-timeout", "3", code=1
    )
    assert time.monotonic() - began < 20
    assert "0/2 checks" in failed.stdout
    assert "after 3 s" in failed.stderr


def test_a_dry_run_shows_the_command_and_changes_nothing(repo: Repo) -> None:
    ident = the_one(repo)
    dry = repo.inv("--dry", "fly.machines.stop", ident, *CORE)
    assert dry.stdout.splitlines() == [f"flyctl machine stop {ident} --app infra-core"]
    assert states(repo) == ["started"]
    assert repo.journal() == []


def test_a_run_that_is_killed_is_taken_up_and_makes_no_second_machine(repo: Repo) -> None:
    repo.inv("fly.volumes.create", "core_data", *CORE)
    repo.control(die={"step": r"after POST /v1/apps/infra-core/machines$"})
    repo.inv("fly.machines.run", "core/fly.toml")  # flyctl was killed after the deed: it is looked at
    assert states(repo) == ["started", "started"]
    repo.inv("fly.volumes.create", "core_data", *CORE)
    repo.control(lag=30)
    task = repo.start("fly.machines.run", "core/fly.toml")
    until(lambda: len(repo.machines("infra-core")) == 3)
    end_group(task, signal.SIGKILL)
    assert "did not come to its end" in repo.inv("fly.doctor", *CORE, code=1).stdout
    repo.control(clock={"advance": 60}, lag=0)
    again = repo.inv("fly.machines.run", "core/fly.toml")
    assert "going on from there" in again.stderr
    assert states(repo) == ["started"] * 3


def test_ctrl_c_ends_with_130_and_says_what_to_type(repo: Repo) -> None:
    repo.control(lag=30)
    ident = the_one(repo)
    task = repo.start("fly.machines.stop", ident, *CORE)
    until(lambda: states(repo) == ["stopping"])
    _, words = end_group(task, signal.SIGINT)
    assert task.returncode == 130, words
    assert "Traceback" not in words
