"""Control takes all of what it is told, or none of it, and says what was wrong."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pkg.flysim import control
from pkg.flysim.platform import SettingError
from tests.flysim.simulation import Simulation

PROGRAM = Path(__file__).resolve().parents[3] / "pkg" / "flysim" / "bin" / "flysim"
DIGEST = f"sha256:{'ab' * 32}"

GOOD: list[dict[str, Any]] = [
    {"apps": ["one", "two"]},
    {"lag": 2},
    {"lag": 0.5},
    {"lag": [0, 3]},
    {"boot": "failed"},
    {"checks": "warning"},
    {"checks": {"*": "flapping"}},
    {"fail": {".*": [500, 1]}},
    {"fail": {".*": {"status": 503}}},
    {"fail": {"x": [1, 0]}},
    {"truncate": {"GET": 2}},
    {"die": {"step": "after"}},
    {"certs": {"demo/www.example.com": "active"}},
    {"certs": {"demo/www.example.com": {"status": "active", "expires_at": "2027-01-01T00:00:00Z"}}},
    {"images": {"demo:v1": "healthy", DIGEST: {"behaviour": "slow"}, "demo:v2": {"digest": DIGEST}}},
    {"exec": {"^ls": {"exit_code": 1, "stdout": "", "stderr": "no"}}},
    {"tokens": {"fo1_old": "expired"}},
    {"logs": {"demo": [{"message": "hello", "level": "warn", "instance": "m", "region": "syd"}]}},
    {"clock": {"mode": "virtual", "advance": 30}},
    {"clock": {"mode": "virtual", "now": "2026-01-01T00:00:00Z"}},
    {"settle": 1.5},
    {"reads": 3},
    {"clock": {"mode": "virtual", "now": "1970-01-01T00:00:00Z"}},
    {"clock": {"mode": "virtual", "now": "9998-12-31T23:59:49Z", "advance": 10}},
    {"certs": {"new/www.example.com": "active"}, "apps": ["new"]},
    {"certs": {"gone/www.example.com": None}},
    {"exec": {"^ls": {"exit_code": 255}}},
    {"lag": 86400},
    {"seed": 7},
    {"seed": "seven"},
    {"lag": None, "images": None, "fail": None, "logs": None, "apps": None, "leases": None},
    {},
]

BAD: list[tuple[Any, str]] = [
    ([], "must be an object, not \\[\\]"),
    ("lag", 'must be an object, not "lag"'),
    (None, "must be an object, not null"),
    ("x" * 500, "…$"),
    ({"lagg": 2}, "'lagg' is no setting; there are: apps, boot"),
    ({"apps": "demo"}, "apps must be a list"),
    ({"apps": [7]}, "apps must be a string"),
    ({"apps": ["\ud800"]}, r'apps must be Unicode text, but "\\ud800" is half a character'),
    ({"apps": ["No Name"]}, "apps: 'No Name': Validation failed"),
    ({"lag": "2"}, "lag must be a number"),
    ({"lag": -1}, "lag must be a number"),
    ({"lag": True}, "lag must be a number"),
    ({"lag": 86401}, "lag must be a number, zero or more, 86400 at most, not 86401"),
    ({"lag": 99999999999999999999}, "lag must be a number"),
    ({"lag": 10**400}, "lag must be a number"),
    ({"lag": [1, 10**400]}, "lag must be a number"),
    ({"settle": 1e308}, "settle must be a number"),
    ({"reads": 10**400}, "reads must be a number"),
    ({"lag": [3, 1]}, "lag must be seconds, or"),
    ({"lag": [1]}, "lag must be seconds, or"),
    ({"boot": "flying"}, "boot must be one of started"),
    ({"boot": 1}, "boot must be one of"),
    ({"checks": "green"}, "checks must be one of passing, warning, critical, flapping"),
    ({"checks": {"m": "green"}}, "checks: 'm' must be one of"),
    ({"fail": []}, "fail must be an object"),
    ({"fail": {"(": [500, 1]}}, "no regular expression"),
    ({"fail": {"a{99999999999}": [500, 1]}}, "no regular expression"),
    ({"fail": {"(" * 9999: [500, 1]}}, "no regular expression"),
    ({"fail": {".*": [500]}}, "must be \\[HTTP status, how many times\\]"),
    ({"fail": {".*": [200, 1]}}, "must be 400 to 599"),
    ({"fail": {".*": ["500", 1]}}, "must be a number"),
    ({"fail": {".*": [500.5, 1]}}, "must be a whole number"),
    ({"fail": {".*": {"status": 500, "when": "never"}}}, "when must be one of before, after"),
    ({"fail": {".*": {"status": 500, "often": 1}}}, "but not often"),
    ({"fail": {".*": {}}}, "status must be a number"),
    ({"truncate": {".*": "once"}}, "must be a number"),
    ({"die": "now"}, "die must be an object"),
    ({"die": {}}, "die: step must be a string"),
    ({"die": {"step": "("}}, "no regular expression"),
    ({"certs": {"www.example.com": "active"}}, "must be APP/HOSTNAME"),
    ({"certs": {"nodemo/x.com": "active"}}, "certs: there is no app 'nodemo'"),
    ({"certs": {"demo/x.com": "Issued"}}, 'must be one of pending_validation, active, not "Issued"'),
    ({"certs": {"demo/x.com": {"status": "weird"}}}, "must be one of pending_validation, active"),
    ({"certs": {"demo/x.com": {"expires_at": "0001-01-01T00:00:00Z"}}}, "must lead to a time from 1970"),
    ({"certs": {"demo/x.com": 7}}, "must be an object"),
    ({"certs": {"demo/x.com": {"expires_at": "tomorrow"}}}, "must be a time such as"),
    ({"images": {"demo:v1": "lazy"}}, "must be one of healthy"),
    ({"images": {"demo:v1": {"digest": "sha256:12"}}}, "must be sha256: and 64 hex digits"),
    ({"images": {"demo:\ud800": "slow"}}, "images must be Unicode text"),
    ({"exec": {"\ud800": {}}}, "exec must be Unicode text"),
    ({"exec": {"ls": {"exit_code": 10**400}}}, "exit_code must be a number, zero or more, 255 at most"),
    ({"images": {"demo:v1": {"size": 1}}}, "but not size"),
    ({"exec": {"ls": {"exit_code": "1"}}}, "must be a number"),
    ({"exec": {"(": {}}}, "no regular expression"),
    ({"tokens": {"x": "lost"}}, "must be one of valid, expired, revoked"),
    ({"logs": {"nosuch": []}}, "there is no app 'nosuch'"),
    ({"logs": {"demo": [{}]}}, "logs: message must be a string"),
    ({"logs": {"demo": [{"message": "x", "colour": "red"}]}}, "but not colour"),
    ({"leases": {"nosuch": {}}}, "neither a machine nor an app"),
    ({"clock": {"mode": "sand"}}, "clock: mode must be one of real, virtual"),
    ({"clock": {"mode": "real", "now": "2026-01-01T00:00:00Z"}}, "only a virtual clock"),
    ({"clock": {"advance": 1e308}}, "clock: advance must be a number"),
    ({"clock": {"advance": 10**400}}, "clock: advance must be a number"),
    ({"clock": {"now": "0001-01-01T00:00:00Z"}}, "from 1970-01-01T00:00:00Z to 9998-12-31T23:59:59Z, not"),
    ({"clock": {"now": "9999-12-31T23:59:59Z"}}, "clock: now must lead to a time from 1970"),
    ({"clock": {"now": "9998-12-31T23:59:50Z", "advance": 10}}, "clock: advance must lead to a time"),
    ({"clock": {"mode": "real", "advance": 253000000000}}, "clock: advance must lead to a time"),
    ({"clock": {"advance": -1}}, "clock: advance must be a number"),
    ({"settle": None, "reads": 1.5}, "reads must be a whole number"),
    ({"seed": []}, "seed must be a number or a text"),
]


@pytest.mark.parametrize("wanted", GOOD, ids=str)
def test_what_control_takes_it_shows(sim: Simulation, wanted: dict[str, Any]) -> None:
    shown = sim.platform.control(wanted)
    assert shown == sim.platform.control({})
    assert json.dumps(shown)


@pytest.mark.parametrize(("wanted", "message"), BAD, ids=str)
def test_what_is_wrong_is_named_and_nothing_is_changed(sim: Simulation, wanted: Any, message: str) -> None:
    before = sim.platform.control({})
    with pytest.raises(SettingError, match=message):
        sim.platform.control({"settle": 9, **wanted} if isinstance(wanted, dict) else wanted)
    assert sim.platform.control({}) == before


def test_images_certs_commands_and_tokens_are_added_to_what_was_set(sim: Simulation) -> None:
    sim.control(images={"demo:v1": "slow", "demo:v2": "slow"}, tokens={"a": "expired"})
    shown = sim.control(images={"demo:v1": None, "demo:v3": "crashes"}, tokens={"b": "revoked"})
    assert shown["images"] == {"demo:v2": {"behaviour": "slow"}, "demo:v3": {"behaviour": "crashes"}}
    assert shown["tokens"] == {"a": "expired", "b": "revoked"}


def test_apps_that_are_there_already_stay_as_they_are(sim: Simulation) -> None:
    sim.machine()
    assert sim.control(apps=["demo", "other"])["apps"] == ["demo", "other"]
    assert sim.get("/v1/apps/demo")["machine_count"] == 1


def test_a_virtual_clock_stands_still_until_it_is_moved_or_slept_on(sim: Simulation) -> None:
    clock = sim.platform.clock
    began = clock.now()
    assert clock.now() == began
    clock.sleep(90)
    sim.control(clock={"advance": 30})
    clock.sleep(0)
    clock.sleep(-5)
    assert clock.now() == began + 120
    assert sim.control()["clock"]["now"] == "2026-11-24T07:36:50Z"


def test_a_real_clock_runs_and_can_be_put_forward(sim: Simulation) -> None:
    sim.control(clock={"mode": "real"})
    began = sim.platform.clock.now()
    sim.platform.clock.sleep(0.01)
    sim.control(clock={"advance": 1000})
    assert 1000 < sim.platform.clock.now() - began < 1060


def test_switching_to_a_virtual_clock_begins_at_the_present(sim: Simulation) -> None:
    sim.control(clock={"mode": "real"})
    real = sim.platform.clock.now()
    sim.control(clock={"mode": "virtual"})
    assert sim.platform.clock.now() == pytest.approx(real, abs=60)


def run(argv: list[str], folder: Path | None, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = control.main(argv, {"FLYSIM_STATE": str(folder)} if folder else {})
    out, err = capsys.readouterr()
    return code, out, err


def test_the_program_prints_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(["control", '{"apps": ["demo"], "lag": 2}'], tmp_path / "new" / "state", capsys)
    assert (code, err) == (0, "")
    assert json.loads(out)["lag"] == 2
    assert run(["control"], tmp_path / "new" / "state", capsys)[1] == out or json.loads(out)["apps"] == [
        "demo"
    ]


def test_the_program_reads_stdin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"lag": 3}'))
    code, out, _ = run(["control", "-"], tmp_path, capsys)
    assert (code, json.loads(out)["lag"]) == (0, 3)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "Usage"),
        (["fly"], "unknown command 'fly'"),
        (["control", "{"], "that is no JSON"),
        (["control", "{} {}"], "that is no JSON"),
        (["control", "[" * 100_000], "that is nested too deep. Nothing was changed."),
        (["control", '{"exec": ' + "[" * 900 + "]" * 900 + "}"], "Nothing was changed."),
        (["control", "9" * 5000], "that cannot be read"),
        (["control", "null"], "control must be an object, not null. Nothing was changed."),
        (["control", '{"apps": ["\\ud800"]}'], "apps must be Unicode text"),
        (["control", '{"clock": {"advance": 1e308}}'], "Nothing was changed."),
        (["control", '{"lagg": 1}'], "'lagg' is no setting"),
        (["control", "{}", "{}"], "control takes one JSON object"),
        (["serve", "--host", "0.0.0.0"], "loopback only"),
        (["serve", "--port", "http"], "--port must be 0 to 65535"),
        (["serve", "--port"], "serve takes --port N"),
        (["serve", "now"], "serve takes --port N"),
    ],
)
def test_bad_input_is_exit_2_with_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    code, out, err = run(argv, tmp_path, capsys)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("flysim: ")


@pytest.mark.parametrize("argv", [["control"], ["control", "{}"], ["serve"]])
def test_without_a_state_folder_the_program_refuses(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(argv, None, capsys)
    assert (code, out) == (78, "")
    assert "FLYSIM_STATE is not set" in err


def test_a_state_that_is_no_database_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state.db").write_text("not a database, and long enough to be taken for one" * 20)
    code, _, err = run(["control"], tmp_path, capsys)
    assert code == 78
    assert "state.db: file is not a database" in err
    assert "; `inv sandbox.reset` makes it anew" in err


def test_help_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"], None, capsys)[0] == 0


def test_the_program_runs_as_it_is(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [PROGRAM, "control", '{"apps": ["demo"]}'],
        env={"PATH": path, "FLYSIM_STATE": str(tmp_path / "a folder")},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["apps"] == ["demo"]
    assert (tmp_path / "a folder" / "state.db").exists()
