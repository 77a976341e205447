"""One method a command; reads are tried again when that may help, changes never are."""

import pytest

from pkg.fly import answers, argv
from pkg.fly.client import Flyctl
from pkg.shell.errors import CommandFailed, Failure
from tests.fakes import FakeRunner, ManualClock
from tests.unit.fly import shapes

STATUS = argv.status("demo")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def flyctl(runner: FakeRunner, clock: ManualClock, said: list[str]) -> Flyctl:
    return Flyctl(runner, clock=clock, say=said.append, version="0.4.87")


def test_each_read_is_typed(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*STATUS, json=shapes.status([shapes.machine()]))
    runner.answer(*argv.machine_list("demo"), json=[shapes.machine()])
    runner.answer(*argv.releases("demo"), json=[shapes.release(1, "v1")])
    runner.answer(*argv.volumes_list("demo"), json=[shapes.volume()])
    runner.answer(*argv.secrets_list("demo"), json=[{"name": "A", "digest": "d"}])
    runner.answer(*argv.certs_list("demo"), json=[])
    runner.answer(
        *argv.certs_check("demo", "a.b"), json={"hostname": "a.b", "status": "active", "configured": True}
    )
    runner.answer(*argv.whoami(), json={"email": "dev@example.com"})
    runner.answer(
        *argv.version(),
        json={"Name": "flyctl", "Version": "0.4.87", "Environment": "production", "Architecture": "amd64"},
    )
    assert flyctl.status("demo").machines[0].id == "m1"
    assert flyctl.machine_list("demo")[0].id == "m1"
    assert flyctl.releases("demo")[0].version == 1
    assert flyctl.volumes_list("demo")[0].region == "syd"
    assert flyctl.secrets_list("demo")[0].name == "A"
    assert flyctl.certs_list("demo") == []
    assert flyctl.certs_check("demo", "a.b").status == "active"
    assert flyctl.whoami().email == "dev@example.com"
    assert flyctl.version().version == "0.4.87"
    runner.assert_all_used()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_read_is_tried_again_when_the_api_fails(
    runner: FakeRunner, flyctl: Flyctl, clock: ManualClock, said: list[str], status: int
) -> None:
    runner.answer(*STATUS, stderr=f"Error: injected {status}", code=1, times=3)
    runner.answer(*STATUS, json=shapes.status([]))
    assert flyctl.status("demo").machines == []
    assert clock.sleeps == [0.5, 1.0, 2.0]
    assert len(said) == 1
    assert "trying again" in said[0]


@pytest.mark.parametrize("half", ["", "  \n", '{"ID": "demo", "Mach', '{"'])
def test_half_an_answer_is_asked_for_again(
    runner: FakeRunner, flyctl: Flyctl, said: list[str], half: str
) -> None:
    runner.answer(*STATUS, stdout=half)
    runner.answer(*STATUS, json=shapes.status([]))
    assert flyctl.status("demo").machines == []
    assert "trying again" in said[0]


def test_half_an_answer_that_stays_half_is_given_up(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*STATUS, stdout='{"ID": "de', times=None)
    with pytest.raises(answers.CutShort, match="JSON that is cut short or broken"):
        flyctl.status("demo")
    assert len(runner.calls) == 4


@pytest.mark.parametrize("answer", ['{"ID": 7}', "hello", "Usage:\n  flyctl status [flags]\n"])
def test_a_whole_answer_that_is_wrong_is_not_asked_for_again(
    runner: FakeRunner, flyctl: Flyctl, answer: str
) -> None:
    runner.answer(*STATUS, stdout=answer)
    with pytest.raises(answers.NotAnAnswer):
        flyctl.status("demo")
    assert len(runner.calls) == 1


def test_half_a_lease_is_asked_for_again(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*argv.machine_leases("demo", ["m1"]), stdout='{"m1": {')
    runner.answer(*argv.machine_leases("demo", ["m1"]), stdout="No leases found\n")
    assert flyctl.machine_leases("demo", ["m1"]) == {}


def test_the_look_for_an_image_and_the_check_of_a_manifest_are_reads_too(
    runner: FakeRunner, flyctl: Flyctl, clock: ManualClock
) -> None:
    for command in (argv.build_only("demo", "fly.toml", "i:v1"), argv.config_validate("demo", "fly.toml")):
        runner.answer(*command, stderr="Error: injected 503", code=1)
        runner.answer(*command)
    flyctl.find_image("demo", "fly.toml", "i:v1")
    flyctl.config_validate("demo", "fly.toml")
    assert [call.timeout for call in runner.calls] == [120, 120, 60, 60]
    assert clock.sleeps == [0.5, 0.5]
    runner.assert_all_used()


def test_a_read_is_given_up_after_four_tries(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*STATUS, stderr="Error: injected 503", code=1, times=None)
    with pytest.raises(answers.Passing, match="reading the status of demo failed: injected 503"):
        flyctl.status("demo")
    assert len(runner.calls) == 4


@pytest.mark.parametrize("error", ["injected 401", "Could not find App", "unknown flag: --x"])
def test_what_is_certain_is_not_tried_again(runner: FakeRunner, flyctl: Flyctl, error: str) -> None:
    runner.answer(*STATUS, stderr=f"Error: {error}", code=1)
    with pytest.raises(CommandFailed):
        flyctl.status("demo")
    assert len(runner.calls) == 1


def test_who_polls_gets_one_try(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*argv.machine_list("demo"), stderr="Error: injected 500", code=1)
    with pytest.raises(answers.Passing):
        flyctl.machine_list("demo", once=True)
    assert len(runner.calls) == 1


def test_a_change_is_never_tried_again(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*argv.machine_restart("demo", ["m1"]), stderr="Error: injected 500", code=1)
    with pytest.raises(answers.Passing):
        flyctl.machine_restart("demo", ["m1"])
    assert [call.changes for call in runner.calls] == [True]


def test_starting_machines_is_a_change(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*argv.machine_start("demo", ["m1", "m2"]))
    flyctl.machine_start("demo", ["m1", "m2"])
    assert runner.calls[0].changes


def test_help_with_exit_code_0_is_no_success(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*argv.config_validate("demo", "fly.toml"), stdout="Usage:\n  flyctl config [command]\n")
    with pytest.raises(answers.NotAnAnswer, match="printed its help"):
        flyctl.config_validate("demo", "fly.toml")


def test_an_image_is_looked_for_without_releasing_it(runner: FakeRunner, flyctl: Flyctl) -> None:
    missing = "registry.fly.io/demo:missing"
    runner.answer(*argv.build_only("demo", "fly.toml", "registry.fly.io/demo:v1"))
    runner.answer(
        *argv.build_only("demo", "fly.toml", missing),
        code=1,
        stderr=f'Error: failed to fetch an image or build from source: could not find image "{missing}"',
    )
    flyctl.find_image("demo", "fly.toml", "registry.fly.io/demo:v1")
    with pytest.raises(answers.NoSuchImage):
        flyctl.find_image("demo", "fly.toml", missing)
    assert not any(call.changes for call in runner.calls)


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        ("{}", []),
        ("No leases found\n", []),
        ('{"m1": {"status": "success", "data": {"owner": "a@b", "expires_at": 5, "nonce": "n"}}}', ["m1"]),
    ],
)
def test_leases_are_read_in_both_forms(
    runner: FakeRunner, flyctl: Flyctl, answer: str, held: list[str]
) -> None:
    runner.answer(*argv.machine_leases("demo", ["m1"]), stdout=answer)
    assert list(flyctl.machine_leases("demo", ["m1"])) == held


def test_no_machines_have_no_leases_and_flyctl_is_not_asked(runner: FakeRunner, flyctl: Flyctl) -> None:
    assert flyctl.machine_leases("demo", []) == {}
    assert runner.calls == []


def test_a_leases_answer_that_is_nothing_is_an_error(runner: FakeRunner, flyctl: Flyctl) -> None:
    runner.answer(*argv.machine_leases("demo", ["m1"]), stdout="", times=None)
    with pytest.raises(Failure, match="printed nothing"):
        flyctl.machine_leases("demo", ["m1"])
