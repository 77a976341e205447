"""Machines made, changed, watched and destroyed by hand, and the volumes and groups that come with them."""

from __future__ import annotations

import pytest

from pkg.flysim.platform.commands import MADE_UP
from tests.flysim.flyctl.door import TOKEN, Door


@pytest.fixture
def machine(deployed: Door) -> str:
    """A web machine that runs."""
    return str(deployed.machines()[0]["id"])


def state(door: Door, machine: str) -> str:
    """The state of a machine."""
    return {each["id"]: str(each["state"]) for each in door.machines()}[machine]


def test_a_machine_stops_and_starts(deployed: Door, machine: str) -> None:
    deployed.ok("machine", "stop", machine)
    assert state(deployed, machine) == "stopped"
    deployed.ok("machine", "start", machine)
    assert state(deployed, machine) == "started"


def test_stop_returns_before_the_machine_has_stopped_unless_told_to_wait(
    deployed: Door, machine: str
) -> None:
    deployed.control(lag=3)
    deployed.ok("machine", "stop", machine)
    assert state(deployed, machine) == "stopping"
    deployed.ok("machine", "stop", machine, "--wait-timeout", "10s")
    assert state(deployed, machine) == "stopped"


def test_waiting_for_too_short_a_time_fails(deployed: Door, machine: str) -> None:
    deployed.control(lag=30)
    deployed.ok("machine", "stop", machine)
    ran = deployed.run("machine", "wait", machine, "--state", "stopped", "-w", "5s")
    assert ran.rc == 1
    assert f'machine {machine} did not reach "stopped" within 5s' in ran.err
    deployed.ok("machine", "wait", machine, "--state", "stopped")


def test_no_machine_is_changed_when_one_of_them_is_unknown(deployed: Door, machine: str) -> None:
    assert deployed.run("machine", "stop", machine, "nosuch").rc == 1
    assert state(deployed, machine) == "started"


def test_a_restart_watches_the_checks(deployed: Door, machine: str) -> None:
    deployed.control(checks="critical")
    assert deployed.run("machine", "restart", machine).rc == 1
    deployed.ok("machine", "restart", machine, "--skip-health-checks")


def test_a_lease_of_somebody_else_is_in_the_way_until_it_is_cleared(deployed: Door, machine: str) -> None:
    path = f"/v1/apps/demo/machines/{machine}/lease"
    deployed.platform.request("POST", path, query={"ttl": "600"}, token=TOKEN)
    ran = deployed.run("machine", "stop", machine)
    assert ran.rc == 1
    assert "failed to get lease on VM" in ran.err
    assert machine in deployed.ok("machine", "leases", "view", machine)
    deployed.ok("machine", "leases", "clear", machine)
    deployed.ok("machine", "stop", machine)


def test_a_command_in_a_machine_exits_0_and_json_tells_how_it_ended(deployed: Door, machine: str) -> None:
    deployed.control(exec={"^fail": {"exit_code": 3, "stderr": "no\n"}})
    ran = deployed.run("machine", "exec", machine, "fail now")
    assert (ran.rc, ran.out, ran.err) == (0, "Exit code: 3\n", "no\n")
    assert deployed.json("machine", "exec", machine, "fail now", "--json") == {
        "exit_code": 3,
        "stderr": "no\n",
    }
    assert deployed.json("machine", "exec", machine, "ls", "--json") == {"stdout": MADE_UP}


def test_a_running_machine_is_destroyed_only_by_force(deployed: Door, machine: str) -> None:
    assert deployed.run("machine", "destroy", machine).rc == 1
    deployed.ok("machine", "destroy", machine, "--force")
    assert machine not in {each["id"] for each in deployed.machines()}


def test_run_makes_a_machine_that_no_deploy_will_touch(deployed: Door) -> None:
    words = (
        "machine run registry.fly.io/demo:v9 sleep inf -n job -e A=1 -m owner=ops -p 443:8080/tcp:tls:http"
    )
    out = deployed.ok(*words.split(), "--restart", "no", "--vm-memory", "512")
    made = next(each for each in deployed.machines() if each["name"] == "job")
    assert f"Machine ID: {made['id']}" in out
    config = made["config"]
    assert config["init"]["cmd"] == ["sleep", "inf"]
    assert (config["env"], config["metadata"], config["restart"]) == (
        {"A": "1"},
        {"owner": "ops"},
        {"policy": "no"},
    )
    assert config["services"][0]["internal_port"] == 8080
    assert config["guest"]["memory_mb"] == 512
    deployed.ok("deploy", "-y", "--image", "registry.fly.io/demo:v2")
    assert {each["name"]: each["image_ref"]["tag"] for each in deployed.machines()}["job"] == "v9"


def test_a_machine_config_is_taken_from_json_or_a_file(door: Door) -> None:
    config = '{"env": {"A": "1"}, "metadata": {"fly_process_group": "job"}}'
    door.ok("machine", "run", "registry.fly.io/demo:v1", "--machine-config", config)
    (door.cwd / "machine.json").write_text(config)
    door.ok("machine", "create", "registry.fly.io/demo:v1", "--machine-config", "machine.json")
    assert [each["config"]["env"] for each in door.machines()] == [{"A": "1"}, {"A": "1"}]
    assert [each["state"] for each in door.machines()] == ["started", "stopped"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--machine-config", "{"), "invalid machine config"),
        (("--machine-config", "[]"), "failed to read machine config"),
        (("--machine-config", "none.json"), "failed to read machine config none.json"),
        (("--restart", "maybe"), "invalid restart policy: maybe"),
        (("-p", "http"), "invalid port"),
        (("-v", "data"), "--volume must be"),
        (("-v", "data:/data"), "could not find an unattached volume named 'data'"),
    ],
)
def test_a_machine_that_makes_no_sense_is_refused(door: Door, argv: tuple[str, ...], message: str) -> None:
    ran = door.run("machine", "run", "registry.fly.io/demo:v1", *argv)
    assert ran.rc == 1
    assert message in ran.err
    assert door.machines() == []


def test_an_update_asks_and_without_a_terminal_refuses(deployed: Door, machine: str) -> None:
    assert deployed.run("machine", "update", machine, "-m", "a=b").rc == 1
    assert deployed.ok("machine", "update", machine).startswith("No changes to apply")
    deployed.ok("machine", "update", machine, "-m", "a=b", "-y")
    assert deployed.machines()[0]["config"]["metadata"]["a"] == "b"


def test_an_update_to_another_image_pins_its_digest(deployed: Door, machine: str) -> None:
    deployed.ok("machine", "update", machine, "--image", "registry.fly.io/demo:v5", "-y")
    image = deployed.machines()[0]
    assert image["config"]["image"] == f"registry.fly.io/demo:v5@{image['image_ref']['digest']}"


def test_a_clone_gets_a_new_and_empty_volume(door: Door) -> None:
    door.ok("deploy", "-c", "mount.toml", "-y", "--ha=false")
    source = next(each for each in door.machines() if each["config"].get("mounts"))
    door.ok("machine", "clone", source["id"], "--region", "iad", "--name", "twin")
    twin = next(each for each in door.machines() if each["name"] == "twin")
    assert twin["region"] == "iad"
    assert twin["config"]["mounts"][0]["volume"] != source["config"]["mounts"][0]["volume"]
    assert {volume["region"] for volume in door.volumes()} == {"syd", "iad"}


def test_a_clone_takes_a_given_volume_but_not_one_in_use(door: Door) -> None:
    door.ok("deploy", "-c", "mount.toml", "-y", "--ha=false")
    source = next(each for each in door.machines() if each["config"].get("mounts"))
    used = source["config"]["mounts"][0]["volume"]
    assert "already attached" in door.run("machine", "clone", source["id"], "--attach-volume", used).err
    free = door.json("volumes", "create", "data", "-r", "syd", "-y", "--json")["id"]
    door.ok("machine", "clone", source["id"], "--attach-volume", free)
    assert all(volume["attached_machine_id"] for volume in door.volumes())


def test_groups_scale_up_and_down(deployed: Door) -> None:
    deployed.ok("scale", "count", "web=4", "-y")
    deployed.ok("scale", "count", "worker=1", "-y")
    shown = {group["Process"]: group["Count"] for group in deployed.json("scale", "show", "--json")}
    assert shown == {"web": 4, "worker": 1}
    assert "already scaled" in deployed.ok("scale", "count", "web=4", "-y")


def test_scaling_asks_and_spreads_over_regions(deployed: Door) -> None:
    assert deployed.run("scale", "count", "web=3").rc == 1
    deployed.ok("scale", "count", "web=4", "--region", "syd,iad", "--max-per-region", "2", "-y")
    shown = {group["Process"]: group["Regions"] for group in deployed.json("scale", "show", "--json")}
    assert shown["web"] == {"iad": 2, "syd": 2}
    assert deployed.run("scale", "count", "web=9", "--max-per-region", "1", "-y").rc == 1


def test_a_group_gets_a_size(deployed: Door) -> None:
    assert deployed.run("scale", "vm", "shared-cpu-2x").rc == 1
    deployed.ok("scale", "vm", "shared-cpu-2x", "-g", "web")
    deployed.ok("scale", "memory", "1024", "-g", "worker")
    shown = {
        group["Process"]: (group["CPUs"], group["Memory"])
        for group in deployed.json("scale", "show", "--json")
    }
    assert shown == {"web": (2, 512), "worker": (1, 1024)}
    assert state(deployed, deployed.machines()[-1]["id"]) == "stopped"


def test_status_exits_0_when_what_it_shows_is_unhealthy(deployed: Door) -> None:
    deployed.control(checks="critical")
    assert "1 total, 1 critical" in deployed.ok("status")
    assert deployed.json("checks", "list", "--json")


def test_status_says_that_there_are_other_machines(deployed: Door) -> None:
    deployed.ok("machine", "run", "registry.fly.io/demo:v1")
    assert "aren't part of Fly Launch" in deployed.ok("status")


def test_watching_status_needs_a_terminal(deployed: Door) -> None:
    assert deployed.run("status", "--watch").rc == 1


def test_an_app_is_destroyed_with_all_that_is_its_own(deployed: Door) -> None:
    assert deployed.run("apps", "destroy", "demo").rc == 1
    deployed.ok("apps", "destroy", "demo", "-y")
    assert deployed.json("apps", "list", "--json") == []
    assert deployed.run("status").rc == 1


def test_an_app_restarts_all_that_runs(deployed: Door) -> None:
    out = deployed.ok("apps", "restart", "demo")
    assert out.count("restarted successfully") == 3


def test_a_token_for_one_app_opens_that_app_only(deployed: Door) -> None:
    token = deployed.json("tokens", "create", "deploy", "--json", "-x", "1h")["token"]
    deployed.ok("apps", "create", "other", "--org", "personal")
    deployed.env["FLY_API_TOKEN"] = token
    deployed.ok("status")
    assert deployed.run("status", "-a", "other").rc == 1
    assert deployed.run("apps", "list").rc == 1


def test_a_revoked_token_opens_nothing(deployed: Door) -> None:
    token = deployed.json("tokens", "create", "deploy", "--json")["token"]
    ident = deployed.ok("tokens", "list").splitlines()[2].split("│")[0].strip()
    deployed.ok("tokens", "revoke", ident)
    deployed.env["FLY_API_TOKEN"] = token
    assert "revoked" in deployed.run("machine", "list").err


def test_logs_are_filtered_and_follow_what_comes(deployed: Door, machine: str) -> None:
    other = deployed.machines()[1]["id"]
    deployed.control(
        logs={"demo": [{"message": "one", "instance": machine}, {"message": "two", "instance": other}]}
    )
    assert "two" not in deployed.ok("logs", "-n", "-i", machine)
    ran = deployed.interrupted("logs", after=3)
    assert ran.rc == 127
    assert (ran.out.count("one"), ran.out.count("two")) == (1, 1)


def test_output_is_cut_short_when_control_says_so(deployed: Door) -> None:
    whole = deployed.ok("status", "--json")
    deployed.control(truncate={"flyctl status": 1})
    assert deployed.ok("status", "--json") == whole[: len(whole) // 2]
    assert deployed.ok("status", "--json") == whole


def test_an_answer_that_is_cut_short_is_an_error(deployed: Door) -> None:
    deployed.control(truncate={"GET /v1/apps/demo/machines$": 1})
    ran = deployed.run("machine", "list")
    assert (ran.rc, ran.err) == (1, "Error: failed to list VMs: unexpected EOF\n")
