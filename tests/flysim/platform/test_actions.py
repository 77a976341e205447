"""What one does to a machine, and when it is refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pkg.flysim.platform.commands import MADE_UP
from tests.flysim.simulation import Simulation

MACHINES = "/v1/apps/demo/machines"


def test_start_says_what_state_the_machine_was_in(sim: Simulation) -> None:
    machine = sim.machine()
    path = f"{MACHINES}/{machine}/start"
    assert sim.post(path) == {"previous_state": "started", "migrated": False}
    sim.post(f"{MACHINES}/{machine}/stop")
    assert sim.post(path)["previous_state"] == "stopped"
    sim.post(f"{MACHINES}/{machine}/suspend")
    assert sim.post(path)["previous_state"] == "suspended"


def test_start_of_a_machine_that_runs_changes_nothing(sim: Simulation) -> None:
    machine = sim.machine()
    before = sim.see(machine)
    sim.post(f"{MACHINES}/{machine}/start")
    assert sim.see(machine) == before


@pytest.mark.parametrize("action", ["start", "stop", "restart", "suspend", "cordon", "uncordon"])
def test_nothing_is_done_to_a_machine_that_is_gone(sim: Simulation, action: str) -> None:
    machine = sim.machine()
    sim.delete(f"{MACHINES}/{machine}", kill="true")
    assert sim.request("POST", f"{MACHINES}/{machine}/{action}").status == 412
    assert sim.request("POST", f"{MACHINES}/nosuch/{action}").status == 404


def test_a_machine_that_is_replaced_cannot_be_started_or_suspended(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(lag=2)
    sim.post(f"{MACHINES}/{machine}", {"config": {"image": "registry.fly.io/demo:v2"}})
    assert sim.request("POST", f"{MACHINES}/{machine}/start").status == 412
    assert sim.request("POST", f"{MACHINES}/{machine}/suspend").status == 412


@pytest.mark.parametrize(
    ("signal", "state"),
    [(9, "stopped"), ("SIGTERM", "stopped"), (2, "stopped"), ("sigint", "stopped"), (1, "started")],
)
def test_a_signal_ends_what_runs_or_is_taken_without_effect(
    sim: Simulation, signal: object, state: str
) -> None:
    machine = sim.machine()
    assert sim.post(f"{MACHINES}/{machine}/signal", {"signal": signal}) == {"ok": True}
    assert sim.state(machine) == state


@pytest.mark.parametrize("signal", [None, "", "SIGNOTHING", 0, -1, [], 1.5])
def test_what_is_no_signal_is_refused(sim: Simulation, signal: object) -> None:
    machine = sim.machine()
    assert sim.request("POST", f"{MACHINES}/{machine}/signal", {"signal": signal}).status == 400
    assert sim.state(machine) == "started"


def test_a_stopped_machine_takes_no_signal_and_no_command(sim: Simulation) -> None:
    machine = sim.machine()
    sim.post(f"{MACHINES}/{machine}/stop")
    assert sim.request("POST", f"{MACHINES}/{machine}/signal", {"signal": 9}).status == 412
    assert sim.request("POST", f"{MACHINES}/{machine}/exec", {"cmd": "ls"}).status == 412


@pytest.mark.parametrize(
    ("command", "code", "stdout"),
    [
        ("true", 0, ""),
        ("false", 1, ""),
        ("exit 3", 3, ""),
        ("exit", 0, ""),
        ("exit 256", 0, ""),
        ("echo 'a  b' c", 0, "a  b c\n"),
        ("/bin/false", 1, ""),
        (["sh", "-c", "exit 3"], 3, ""),
        ("sh -c 'echo hello'", 0, "hello\n"),
    ],
)
def test_a_command_of_plain_words_does_what_they_mean(
    sim: Simulation, command: object, code: int, stdout: str
) -> None:
    path = f"{MACHINES}/{sim.machine()}/exec"
    answer = {"exit_code": code, "stdout": stdout, "stderr": ""}
    assert sim.post(path, {"cmd": command}) == answer


@pytest.mark.parametrize("command", ["ls", "echo a > b", "echo $HOME", "exit x", "false; true", "it's", "sh"])
def test_any_other_commands_answer_says_that_it_is_made_up(sim: Simulation, command: str) -> None:
    answer = sim.post(f"{MACHINES}/{sim.machine()}/exec", {"cmd": command})
    assert answer == {"exit_code": 0, "stdout": MADE_UP, "stderr": ""}


def test_a_command_says_ok_unless_control_has_an_answer_for_it(sim: Simulation) -> None:
    machine = sim.machine()
    path = f"{MACHINES}/{machine}/exec"
    assert sim.post(path, {"cmd": "ls"}) == {"exit_code": 0, "stdout": MADE_UP, "stderr": ""}
    sim.control(exec={"^litestream ": {"exit_code": 3, "stderr": "no replica\n"}})
    failed = {"exit_code": 3, "stdout": "", "stderr": "no replica\n"}
    assert sim.post(path, {"cmd": "litestream sync"}) == failed
    assert sim.post(path, {"command": ["litestream", "sync"]}) == failed
    sim.control(exec={"^litestream ": None})
    assert sim.post(path, {"cmd": "litestream sync"})["exit_code"] == 0
    assert sim.request("POST", path, {}).status == 400


def test_a_cordoned_machine_says_so(sim: Simulation) -> None:
    machine = sim.machine()
    sim.post(f"{MACHINES}/{machine}/cordon")
    assert sim.see(machine)["cordoned"] is True
    sim.post(f"{MACHINES}/{machine}/uncordon")
    assert sim.see(machine)["cordoned"] is False


def test_metadata_changes_one_key_while_the_machine_runs_on(sim: Simulation) -> None:
    machine = sim.machine(metadata={"owner": "dev", "kept": "yes"})
    before = sim.see(machine)
    assert sim.request("POST", f"{MACHINES}/{machine}/metadata/owner", {"value": "ops"}).status == 204
    assert sim.get(f"{MACHINES}/{machine}/metadata") == {"kept": "yes", "owner": "ops"}
    assert sim.request("DELETE", f"{MACHINES}/{machine}/metadata/kept").status == 204
    assert sim.see(machine)["config"]["metadata"] == {"owner": "ops"}
    assert sim.see(machine)["instance_id"] == before["instance_id"]
    assert sim.request("POST", f"{MACHINES}/{machine}/metadata/owner", {"value": 7}).status == 400


def test_events_and_processes_are_there_to_ask_for(sim: Simulation) -> None:
    machine = sim.machine()
    assert sim.get(f"{MACHINES}/{machine}/events") == sim.see(machine)["events"]
    assert sim.get(f"{MACHINES}/{machine}/ps") == []


def test_a_wait_ends_when_the_machine_is_there(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(lag=5)
    sim.post(f"{MACHINES}/{machine}/stop")
    assert sim.get(f"{MACHINES}/{machine}/wait", state="stopped", timeout="10") == {"ok": True}
    assert sim.platform.clock.now() == pytest.approx(1795505690 + 5, abs=0.1)


def test_a_wait_that_is_in_vain_ends_at_its_time_and_says_where_the_machine_is(sim: Simulation) -> None:
    machine = sim.machine()
    began = sim.platform.clock.now()
    answer = sim.request("GET", f"{MACHINES}/{machine}/wait", query={"state": "stopped", "timeout": "3"})
    assert answer.status == 408
    message = "deadline_exceeded: machine failed to reach desired state, stopped, currently started"
    assert answer.body == {"error": message}
    assert sim.platform.clock.now() - began == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("action", ["stop", "suspend"])
def test_a_settled_machine_is_one_that_has_nowhere_to_go(sim: Simulation, action: str) -> None:
    machine = sim.machine()
    sim.control(lag=5)
    sim.post(f"{MACHINES}/{machine}/{action}")
    assert (
        sim.request("GET", f"{MACHINES}/{machine}/wait", query={"state": "settled", "timeout": "1"}).status
        == 408
    )
    assert sim.get(f"{MACHINES}/{machine}/wait", state="settled", timeout="60") == {"ok": True}


def test_a_release_command_that_is_done_was_started(sim: Simulation) -> None:
    machine = sim.machine(metadata={"fly_process_group": "fly_app_release_command"}, auto_destroy=True)
    sim.advance(10)
    assert sim.state(machine) == "destroyed"
    assert sim.get(f"{MACHINES}/{machine}/wait", state="started", timeout="1") == {"ok": True}
    assert sim.get(f"{MACHINES}/{machine}/wait", state="destroyed", timeout="1") == {"ok": True}


@pytest.mark.parametrize("timeout", ["soon", "-1", "nan", "inf"])
def test_a_wait_needs_a_time_that_is_one(sim: Simulation, timeout: str) -> None:
    machine = sim.machine()
    answer = sim.request("GET", f"{MACHINES}/{machine}/wait", query={"state": "stopped", "timeout": timeout})
    assert answer.status == 400


def test_a_wait_sees_what_another_does_meanwhile(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(clock={"mode": "real"})
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(sim.get, f"{MACHINES}/{machine}/wait", state="stopped", timeout="20")
        sim.post(f"{MACHINES}/{machine}/stop")
        assert waiting.result(timeout=10) == {"ok": True}
