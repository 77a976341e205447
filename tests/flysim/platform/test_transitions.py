"""States move at once, after a time, or after reads; and leave the events that the recordings show."""

import pytest

from tests.flysim.simulation import Simulation

MACHINES = "/v1/apps/demo/machines"

ACTIONS = [
    # what is done, from which state, through which, to which, with what event at the end
    ("start", "stopped", "starting", "started", ("start", "started")),
    ("stop", "started", "stopping", "stopped", ("exit", "stopped")),
    ("restart", "started", "starting", "started", ("start", "started")),
    ("suspend", "started", "suspending", "suspended", ("suspended", "suspended")),
]


def prepared(sim: Simulation, state: str) -> str:
    machine = sim.machine()
    if state == "stopped":
        sim.post(f"{MACHINES}/{machine}/stop")
    return machine


@pytest.mark.parametrize("done", ACTIONS, ids=lambda done: done[0])
def test_without_lag_a_machine_is_where_it_should_be_at_once(
    sim: Simulation, done: tuple[str, str, str, str, tuple[str, str]]
) -> None:
    action, before, _, after, event = done
    machine = prepared(sim, before)
    sim.post(f"{MACHINES}/{machine}/{action}")
    assert sim.state(machine) == after
    assert sim.events(machine)[-1] == event


@pytest.mark.parametrize("done", ACTIONS, ids=lambda done: done[0])
def test_with_lag_it_stays_in_between_for_that_time(
    sim: Simulation, done: tuple[str, str, str, str, tuple[str, str]]
) -> None:
    action, before, through, after, event = done
    machine = prepared(sim, before)
    sim.control(lag=2)
    sim.post(f"{MACHINES}/{machine}/{action}")
    assert sim.state(machine) == through
    assert sim.events(machine)[-1] == (through, through)
    sim.advance(1.9)
    assert sim.state(machine) == through
    sim.advance(0.2)
    assert sim.state(machine) == after
    assert sim.events(machine)[-1] == event


def test_a_new_machine_is_created_then_started(sim: Simulation) -> None:
    sim.control(lag=2)
    machine = sim.machine()
    assert sim.state(machine) == "created"
    sim.advance(2)
    assert sim.state(machine) == "started"
    assert sim.events(machine) == [("launch", "created"), ("start", "started")]


def test_an_update_replaces_and_a_destroy_destroys_after_the_lag(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(lag=2)
    sim.post(f"{MACHINES}/{machine}", {"config": {"image": "registry.fly.io/demo:v2"}})
    assert sim.state(machine) == "replacing"
    sim.advance(2)
    assert sim.state(machine) == "started"
    sim.delete(f"{MACHINES}/{machine}", kill="true")
    assert sim.state(machine) == "destroying"
    assert [one["id"] for one in sim.get(MACHINES)] == [machine]
    sim.advance(2)
    assert sim.state(machine) == "destroyed"
    assert sim.get(MACHINES) == []


def test_stopping_again_keeps_it_stopping_and_ends_once(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(lag=2)
    sim.post(f"{MACHINES}/{machine}/stop")
    sim.advance(1)
    sim.post(f"{MACHINES}/{machine}/stop")
    sim.advance(2)
    assert sim.events(machine)[2:] == [
        ("stopping", "stopping"),
        ("stopping", "stopping"),
        ("exit", "stopped"),
    ]


def test_a_step_is_dated_when_it_was_due_not_when_it_was_seen(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(lag=2)
    sim.post(f"{MACHINES}/{machine}/stop")
    sim.advance(3600)
    seen = sim.see(machine)
    assert seen["updated_at"] == "2026-11-24T07:34:52Z"
    assert seen["events"][0]["request"]["exit_event"]["exited_at"] == "2026-11-24T07:34:52Z"
    assert seen["events"][0]["timestamp"] == seen["events"][1]["timestamp"] + 2000


def test_lag_may_be_a_range_and_the_seed_draws_from_it(sim: Simulation) -> None:
    sim.control(lag=[1, 5], seed=7)
    machine = sim.machine()
    sim.advance(0.9)
    assert sim.state(machine) == "created"
    sim.advance(4.2)
    assert sim.state(machine) == "started"


def test_a_transition_may_take_reads_instead_of_time(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(reads=3)
    sim.post(f"{MACHINES}/{machine}/stop")
    assert [sim.state(machine) for _ in range(4)] == ["stopping", "stopping", "stopped", "stopped"]


def test_every_listing_is_one_read(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(reads=2)
    sim.post(f"{MACHINES}/{machine}/stop")
    sim.get(MACHINES)
    assert sim.get(MACHINES)[0]["state"] == "stopped"


@pytest.mark.parametrize("boot", ["stopped", "failed", "created", "starting"])
def test_a_booting_machine_ends_where_boot_says(sim: Simulation, boot: str) -> None:
    sim.control(boot=boot)
    assert sim.state(sim.machine()) == boot


def test_a_machine_of_a_release_command_runs_once_and_is_gone(sim: Simulation) -> None:
    machine = sim.machine(
        metadata={"fly_process_group": "fly_app_release_command"}, auto_destroy=True, skip_launch=True
    )
    assert sim.state(machine) == "stopped"
    sim.post(f"{MACHINES}/{machine}/start")
    assert sim.state(machine) == "started"
    sim.advance(1)
    assert sim.state(machine) == "destroyed"
    assert sim.events(machine) == [
        ("launch", "created"),
        ("starting", "starting"),
        ("start", "started"),
        ("exit", "stopped"),
        ("destroyed", "destroyed"),
    ]


@pytest.mark.parametrize(("tag", "code"), [("v1", 0), ("relfail", 1), ("relfail-2", 1)])
def test_the_release_command_exits_as_its_image_does(sim: Simulation, tag: str, code: int) -> None:
    machine = sim.machine(tag, metadata={"fly_process_group": "fly_app_release_command"}, auto_destroy=True)
    sim.advance(1)
    exits = [event for event in sim.see(machine)["events"] if event["type"] == "exit"]
    assert exits[0]["request"]["exit_event"]["exit_code"] == code
    assert exits[0]["request"]["exit_event"]["requested_stop"] is False


def test_an_image_that_crashes_restarts_ten_times_and_then_stays_down(sim: Simulation) -> None:
    sim.control(images={"demo:v1": "crashes"})
    machine = sim.machine()
    assert sim.state(machine) == "started"
    assert sim.check(machine) == "critical"
    sim.advance(3.5)
    assert sim.state(machine) == "started"
    assert sim.events(machine).count(("exit", "stopped")) == 3
    sim.advance(60)
    exits = [event for event in sim.see(machine)["events"] if event["type"] == "exit"]
    assert sim.state(machine) == "stopped"
    assert len(exits) == 11
    assert [event["request"]["exit_event"]["restarting"] for event in exits] == [False, *[True] * 10]


@pytest.mark.parametrize(
    ("restart", "exits"), [({"policy": "no"}, 1), ({"policy": "on-failure", "max_retries": 2}, 3)]
)
def test_the_restart_policy_bounds_a_crash_loop(
    sim: Simulation, restart: dict[str, object], exits: int
) -> None:
    sim.control(images={"demo:v1": "crashes"})
    machine = sim.machine(restart=restart)
    sim.advance(60)
    assert sim.events(machine).count(("exit", "stopped")) == exits


def test_no_machine_keeps_more_than_sixty_events(sim: Simulation) -> None:
    machine = sim.machine()
    for _ in range(40):
        sim.post(f"{MACHINES}/{machine}/restart")
    assert len(sim.see(machine)["events"]) == 60
