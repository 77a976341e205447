"""Deploys: what becomes of the machines, and of the release."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flysim.flyctl.door import Door

V2 = ("deploy", "-y", "--image", "registry.fly.io/demo:v2")
BAD = ("deploy", "-y", "--image", "registry.fly.io/demo:bad", "--wait-timeout", "5s")


def tags(door: Door) -> dict[str, list[str]]:
    """The tags that the machines of each group run."""
    found: dict[str, list[str]] = {}
    for machine in door.machines():
        group = machine["config"]["metadata"]["fly_process_group"]
        found.setdefault(group, []).append(machine["image_ref"]["tag"])
    return {group: sorted(each) for group, each in found.items()}


def release(door: Door) -> str:
    """The status of the newest release."""
    return str(door.json("releases", "--json")[0]["Status"])


def holders(door: Door) -> dict[str, Any]:
    """The leases that are held."""
    return dict(
        door.json("machine", "leases", "view", *[machine["id"] for machine in door.machines()], "--json")
    )


def test_a_first_deploy_makes_spares_and_gives_addresses(door: Door) -> None:
    out = door.ok("deploy", "-y")
    states = sorted((m["config"]["metadata"]["fly_process_group"], m["state"]) for m in door.machines())
    assert states == [("web", "started"), ("web", "started"), ("worker", "started"), ("worker", "stopped")]
    assert "Provisioning ips for demo" in out
    assert release(door) == "complete"


def test_without_high_availability_there_is_one_machine_a_group(door: Door) -> None:
    door.ok("deploy", "-y", "--ha=false")
    assert len(door.machines()) == 2


def test_a_deploy_updates_all_machines_in_place(deployed: Door) -> None:
    before = {machine["id"] for machine in deployed.machines()}
    deployed.ok(*V2)
    assert {machine["id"] for machine in deployed.machines()} == before
    assert tags(deployed) == {"web": ["v2", "v2"], "worker": ["v2", "v2"]}
    assert holders(deployed) == {}


def test_a_failing_deploy_stops_where_it_failed_and_leaves_the_rest(deployed: Door) -> None:
    deployed.ok(*V2)
    assert deployed.run(*BAD).rc == 1
    assert tags(deployed) == {"web": ["bad", "v2"], "worker": ["bad", "bad"]}
    assert release(deployed) == "failed"
    assert holders(deployed) == {}


def test_stopped_machines_are_updated_and_not_started(deployed: Door) -> None:
    for machine in deployed.machines():
        deployed.ok("machine", "stop", machine["id"])
    deployed.ok(*BAD)
    assert {machine["state"] for machine in deployed.machines()} == {"stopped"}
    assert tags(deployed)["web"] == ["bad", "bad"]
    assert release(deployed) == "complete"


def test_build_only_finds_the_image_and_releases_nothing(door: Door) -> None:
    door.ok("deploy", "--build-only", "-y", "--image", "registry.fly.io/demo:v2")
    assert door.machines() == []
    assert door.json("releases", "--json") == []


def test_detach_does_not_wait_for_health(deployed: Door) -> None:
    deployed.ok(*BAD, "--detach")
    assert tags(deployed)["web"] == ["bad", "bad"]
    assert release(deployed) == "complete"


def test_a_group_that_is_gone_from_the_manifest_loses_its_machines_without_a_question(deployed: Door) -> None:
    out = deployed.ok("deploy", "-c", "noworker.toml")
    assert 'destroy 2 "worker" machines' in out
    assert set(tags(deployed)) == {"web"}


def test_update_only_makes_no_machines_for_a_new_group(deployed: Door) -> None:
    deployed.ok("deploy", "-c", "noworker.toml")
    deployed.ok("deploy", "-y", "--update-only")
    assert set(tags(deployed)) == {"web"}


def test_a_crashing_image_without_checks_fails_its_smoke_checks(deployed: Door) -> None:
    deployed.control(images={"registry.fly.io/demo:boom": "crashes"})
    ran = deployed.run("deploy", "-y", "-c", "nochecks.toml", "--image", "registry.fly.io/demo:boom")
    assert ran.rc == 1
    assert "the app appears to be crashing" in ran.err
    assert release(deployed) == "failed"


def test_a_slow_image_becomes_healthy_in_time(deployed: Door) -> None:
    deployed.control(images={"registry.fly.io/demo:slow": "slow"})
    deployed.ok("deploy", "-y", "--image", "registry.fly.io/demo:slow")
    assert release(deployed) == "complete"


def test_a_machine_that_never_starts_fails_the_deploy(deployed: Door) -> None:
    deployed.control(boot="stopped")
    ran = deployed.run(*V2, "--wait-timeout", "5")
    assert ran.rc == 1
    assert "timeout reached waiting for machine's state to change" in ran.err


def test_a_mount_takes_a_free_volume_and_replaces_the_machine(deployed: Door) -> None:
    before = {machine["id"] for machine in deployed.machines()}
    deployed.ok("volumes", "create", "data", "-r", "syd", "-n", "2", "-y")
    deployed.ok("deploy", "-c", "mount.toml", "-y")
    after = {machine["id"] for machine in deployed.machines()}
    assert len(before - after) == 2
    assert all(volume["attached_machine_id"] in after for volume in deployed.volumes())


def test_a_first_deploy_with_a_mount_makes_its_volume_and_no_second_machine(door: Door) -> None:
    door.ok("deploy", "-c", "mount.toml", "-y", "--volume-initial-size", "3")
    assert [volume["size_gb"] for volume in door.volumes()] == [3]
    assert tags(door)["web"] == ["v1"]


@pytest.mark.parametrize("strategy", ["canary", "bluegreen"])
def test_volumes_rule_out_canary_and_bluegreen(door: Door, strategy: str) -> None:
    ran = door.run("deploy", "-c", "mount.toml", "-y", "--strategy", strategy)
    assert ran.rc == 1
    assert door.json("releases", "--json") == []


def test_bluegreen_is_not_simulated_and_says_so(deployed: Door) -> None:
    assert deployed.run("deploy", "-y", "--strategy", "bluegreen").rc == 70
    assert len(deployed.json("releases", "--json")) == 1


def test_only_some_machines_may_be_deployed_to(deployed: Door) -> None:
    deployed.ok(*V2, "--process-groups", "worker")
    assert tags(deployed) == {"web": ["v1", "v1"], "worker": ["v2", "v2"]}


def test_a_digest_pins_the_image(deployed: Door) -> None:
    digest = "sha256:" + "ab" * 32
    deployed.ok("deploy", "-y", "--image", f"registry.fly.io/demo:v9@{digest}")
    assert {machine["image_ref"]["digest"] for machine in deployed.machines()} == {digest}


def test_a_lease_of_somebody_else_stops_the_deploy_before_it_touches_anything(deployed: Door) -> None:
    machine = deployed.machines()[0]["id"]
    deployed.platform.request(
        "POST", f"/v1/apps/demo/machines/{machine}/lease", query={"ttl": "60"}, token="fo1_x"
    )
    ran = deployed.run(*V2)
    assert ran.rc == 1
    assert "lease currently held by" in ran.err
    assert tags(deployed) == {"web": ["v1", "v1"], "worker": ["v1", "v1"]}
    assert release(deployed) == "failed"


def test_leases_are_kept_while_a_deploy_waits_for_longer_than_they_last(deployed: Door) -> None:
    assert deployed.run(*BAD[:-1], "60s").rc == 1
    assert release(deployed) == "failed"


def test_the_restart_policy_that_an_update_gave_is_lost_with_the_next_deploy(deployed: Door) -> None:
    machine = deployed.machines()[0]["id"]
    deployed.ok("machine", "update", machine, "--restart", "always", "-y")
    deployed.ok("secrets", "set", "A=1")
    assert deployed.machines()[0]["config"]["restart"] == {"policy": "always"}
    deployed.ok(*V2)
    assert "restart" not in deployed.machines()[0]["config"]


@pytest.mark.parametrize(
    "pattern",
    [
        "GET /v1/apps/demo$",
        "POST /api/v1/builds$",
        "GET /v1/apps/demo/machines$",
        "POST /api/v1/releases$",
        "PATCH /api/v1/releases",
        "POST /v1/apps/demo/machines/[0-9a-f]+/lease",
        "POST /v1/apps/demo/machines/[0-9a-f]+$",
        "GET /v1/apps/demo/machines/[0-9a-f]+$",
    ],
)
@pytest.mark.parametrize("status", [401, 429, 500, 503])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_api_failure_at_any_step_is_an_error_and_the_next_deploy_succeeds(
    deployed: Door, pattern: str, status: int, when: str
) -> None:
    deployed.control(fail={pattern: {"status": status, "times": 1, "when": when}})
    ran = deployed.run(*V2)
    assert ran.rc == 1
    assert f"injected {status}" in ran.err
    deployed.platform.clock.sleep(60)
    deployed.ok(*V2)
    assert tags(deployed) == {"web": ["v2", "v2"], "worker": ["v2", "v2"]}
    assert len(deployed.machines()) == 4


def test_interrupted_early_it_exits_127_and_leaves_its_leases(deployed: Door) -> None:
    deployed.control(lag=2)
    assert deployed.interrupted(*V2, after=0).rc == 127
    assert release(deployed) == "interrupted"
    assert tags(deployed)["web"] == ["v1", "v2"]
    assert holders(deployed)
    deployed.platform.clock.sleep(14)
    assert holders(deployed) == {}


def test_interrupted_late_it_exits_0_and_the_release_stays_running(door: Door) -> None:
    door.ok("deploy", "-y", "-c", "noworker.toml", "--ha=false")
    door.control(lag=2)
    ran = door.interrupted(*V2, "-c", "noworker.toml", after=0)
    assert ran.rc == 0
    assert release(door) == "running"


def test_it_settles_for_as_long_as_control_says(deployed: Door) -> None:
    deployed.control(settle=15)
    before = deployed.platform.clock.now()
    deployed.ok("deploy", "-y", "-c", "nochecks.toml", "--smoke-checks=false")
    assert deployed.platform.clock.now() - before == pytest.approx(15, abs=1)


def test_a_release_command_runs_before_any_machine_is_touched(deployed: Door) -> None:
    ran = deployed.run("deploy", "-y", "-c", "release.toml", "--image", "registry.fly.io/demo:relfail")
    assert ran.rc == 1
    assert tags(deployed) == {"web": ["v1", "v1"], "worker": ["v1", "v1"]}
    assert release(deployed) == "failed"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--wait-timeout", "soon"), "failed to parse duration soon from --wait-timeout"),
        (("--max-unavailable", "0"), "Invalid --max-unavailable value: 0"),
        (("-e", "NOVALUE"), "must be in the format NAME=VALUE"),
        (("--vm-size", "huge"), "invalid machine size requested, 'huge'"),
        (("--vm-memory", "lots"), "failed to parse size"),
        (("--strategy", "hope"), "unsupported deployment strategy 'hope'"),
        (("-c", "none"), "config file not found at specified path: none"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(door: Door, argv: tuple[str, ...], message: str) -> None:
    ran = door.run("deploy", "-y", *argv)
    assert ran.rc == 1
    assert message in ran.err
    assert door.machines() == []


def test_without_an_image_there_is_nothing_to_deploy(door: Door) -> None:
    (door.cwd / "fly.toml").write_text('app = "demo"\n')
    ran = door.run("deploy", "-y")
    assert ran.rc == 1
    assert "does not have a Dockerfile" in ran.err
    (door.cwd / "Dockerfile").write_text("FROM scratch\n")
    assert door.run("deploy", "-y").rc == 70


def test_flags_set_environment_and_size(door: Door) -> None:
    door.ok("deploy", "-y", "--ha=false", "-e", "A=1", "--vm-size", "shared-cpu-2x", "--vm-memory", "1gb")
    config = door.machines()[0]["config"]
    assert config["env"]["A"] == "1"
    assert config["guest"] == {"cpu_kind": "shared", "cpus": 2, "memory_mb": 1024}
