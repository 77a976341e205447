"""process-compose.yaml: how processes start, are probed, wait and come back."""

from pathlib import Path

import pytest

from pkg.processcompose import conventions
from tests.unit.processcompose.breaking import COMPOSE, HTTP, MANIFEST, REPLICATE, Break, found

BREAKS = {
    "no is_strict": Break("strict", COMPOSE, "is_strict: true", "is_strict: false", "is_strict: true"),
    "no is_strict at all": Break(
        "strict",
        COMPOSE,
        "is_strict: true # an unknown key is an error, not a log line\n",
        "",
        "is_strict",
        "version:",
    ),
    "a probe port that the manifest lacks": Break(
        "probe-port", COMPOSE, 'port: "8081"', 'port: "9090"', 'asks port "9090", but the internal ports'
    ),
    "a probe without a port": Break(
        "probe-port",
        COMPOSE,
        '        path: /ready\n        port: "8081"\n',
        "        path: /ready\n",
        "and would ask port 80",
        "http_get:",
    ),
    "an empty probe": Break("probe", COMPOSE, HTTP, "", "needs either exec or http_get", "readiness_probe:"),
    "pgrep": Break(
        "probe",
        COMPOSE,
        HTTP,
        "      exec:\n        command: pgrep -f relay.py\n",
        "only sees that",
        "command: pgrep",
    ),
    "process_completed": Break(
        "success",
        COMPOSE,
        "condition: process_completed_successfully",
        "condition: process_completed",
        "use process_completed_successfully",
    ),
    "|| true": Break(
        "success", COMPOSE, "restore -config", "restore || true; -config", "whatever happens", "|| true"
    ),
    "no command": Break(
        "command", COMPOSE, "    command: exec python3 relay.py\n", "", "either command", "  worker:"
    ),
    "command and entrypoint": Break(
        "command",
        COMPOSE,
        "    command: exec python3 relay.py\n",
        "    command: exec python3 relay.py\n    entrypoint: [python3]\n",
        "either command or entrypoint",
        "  worker:",
    ),
    "waiting for what is not there": Break(
        "depends",
        COMPOSE,
        "      restore:\n        cond",
        "      restored:\n        cond",
        "which there is not",
        "restored:",
    ),
    "waiting for the health of what has no probe": Break(
        "depends",
        COMPOSE,
        "condition: process_completed_successfully",
        "condition: process_healthy",
        "restore has no probe",
    ),
    "waiting for a log line that nobody names": Break(
        "depends",
        COMPOSE,
        "condition: process_healthy",
        "condition: process_log_ready",
        "has no ready_log_line",
    ),
    "waiting in a circle": Break(
        "depends",
        COMPOSE,
        '    availability:\n      restart: "no"\n',
        "    depends_on: {litestream: {condition: process_started}}\n",
        "wait for each other: litestream, proxy, restore, worker",
        "depends_on: {",
    ),
    "a probed process that stays down": Break(
        "restart", COMPOSE, "restart: always", 'restart: "no"', "worker would not come back", 'restart: "no"'
    ),
    "a probe without a host": Break(
        "probe-port",
        COMPOSE,
        "        host: 127.0.0.1\n        scheme: http\n        path: /ready\n",
        "        scheme: http\n        path: /ready\n",
        "names no host",
        "http_get:",
    ),
    "a probe without scheme and path": Break(
        "probe-port",
        COMPOSE,
        "        scheme: http\n        path: /ready\n",
        "",
        "names no scheme and no path",
        "http_get:",
    ),
    "a probed process that ends everything": Break(
        "restart",
        COMPOSE,
        "restart: always",
        "restart: exit_on_failure",
        "set availability.restart to always",
        "restart: exit_on_failure",
    ),
    "an exec probe that asks no port": Break(
        "probe-port",
        COMPOSE,
        HTTP,
        "      exec:\n        command: litestream list\n",
        "no process has a probe on port 8081",
        "services",
        MANIFEST,
    ),
    "|| exit 0": Break(
        "success", COMPOSE, "${DATABASE}", "${DATABASE} || exit 0", "whatever happens", "|| exit"
    ),
    "|| echo": Break(
        "success", COMPOSE, "${DATABASE}", "${DATABASE} || echo no", "whatever happens", "|| echo"
    ),
    "|| true in an entrypoint": Break(
        "success",
        COMPOSE,
        "    command: exec python3 relay.py\n",
        '    entrypoint: ["sh", "-c", "python3 relay.py || true"]\n',
        "whatever happens",
        "entrypoint: [",
    ),
    "a part of an awaited command that may fail": Break(
        "success",
        COMPOSE,
        "  worker:\n    command: exec python3 relay.py\n    depends_on:\n      restore:\n",
        "  migrate:\n    command: a; b\n  worker:\n    command: exec python3 relay.py\n    depends_on:\n"
        "      migrate:\n        condition: process_completed_successfully\n      restore:\n",
        "the command of migrate may succeed whatever happens to a part of it",
        "command: a; b",
    ),
    "waiting for the end of what restarts always": Break(
        "depends",
        COMPOSE,
        "      worker:\n        condition: process_healthy",
        "      worker:\n        condition: process_completed_successfully",
        "waits until worker has ended, but worker restarts always",
    ),
    "a process twice": Break(
        "replicas",
        COMPOSE,
        "    command: exec python3 relay.py\n",
        "    command: exec python3 relay.py\n    replicas: 2\n",
        "worker would run 2 times",
    ),
    "Litestream not at all": Break(
        "replicas",
        COMPOSE,
        f"    command: {REPLICATE}\n",
        f"    command: {REPLICATE}\n    replicas: 0\n",
        "litestream would run 0",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    found(BREAKS[name], copy)


def test_an_exec_probe_that_asks_the_port_probes_it(copy: Path) -> None:
    path = copy / "processcompose/relay/process-compose.yaml"
    asks = "      exec:\n        command: curl --fail http://127.0.0.1:8081/ready\n"
    path.write_text(path.read_text().replace(HTTP, asks))
    assert conventions.check(copy) == []


def test_litestream_restarts_always(copy: Path) -> None:
    path = copy / "processcompose/relay" / COMPOSE
    before, litestream, after = path.read_text().partition("  litestream:\n")
    path.write_text(before + litestream + after.replace("restart: always", "restart: on_failure"))
    (told,) = conventions.check(copy)
    assert "litestream would not come back when it ends" in told.what
    assert "restart: on_failure" in path.read_text().splitlines()[told.line - 1]


@pytest.mark.parametrize("command", ["a && b", "a >&2", "a &> b", "a && b 2>&1"])
def test_commands_that_all_decide_may_be_waited_for(command: str, copy: Path) -> None:
    path = copy / "processcompose/relay" / COMPOSE
    both = f"  migrate:\n    command: {command}\n    depends_on:\n      restore:\n"
    both += "        condition: process_completed_successfully\n  last:\n    command: z\n    depends_on:\n"
    both += "      migrate:\n        condition: process_completed_successfully\n"
    path.write_text(f"{path.read_text()}{both}")
    assert conventions.check(copy) == []


@pytest.mark.parametrize("command", ["a || exit 1", "a || { echo no; exit 1; }", "a || exec b"])
def test_a_command_that_can_fail_hides_nothing(command: str, copy: Path) -> None:
    path = copy / "processcompose/relay/process-compose.yaml"
    path.write_text(path.read_text().replace("exec python3 relay.py", command))
    assert [each for each in conventions.check(copy) if each.rule == "success"] == []
