"""process-compose.yaml is what process-compose reads."""

from pathlib import Path

import pytest

from tests.unit.processcompose.breaking import COMPOSE, HTTP, RESTORE, Break, found

BREAKS = {
    "url in http_get": Break(
        "schema",
        COMPOSE,
        HTTP,
        "      http_get:\n        url: http://127.0.0.1:8081/ready\n",
        "no `url`",
        "url:",
    ),
    "a tcp probe": Break(
        "schema", COMPOSE, HTTP, "      tcp_socket:\n        port: 8081\n", "no tcp probe", "tcp_socket:"
    ),
    "restart never": Break("schema", COMPOSE, 'restart: "no"', 'restart: "never"', "restart must be"),
    "an unquoted no": Break("schema", COMPOSE, 'restart: "no"', "restart: no", "quoted"),
    "a port that is a number": Break(
        "schema", COMPOSE, 'port: "8081"', "port: 8081", "`port`: expected `str`"
    ),
    "a command that is a list": Break(
        "schema",
        COMPOSE,
        "command: exec python3 relay.py",
        "command: [python3, relay.py]",
        "`command`: expected `str`",
    ),
    "an unknown condition": Break(
        "schema",
        COMPOSE,
        "      worker:\n        condition: process_healthy",
        "      worker:\n        condition: process_ready",
        "invalid enum value 'process_ready'",
        "condition: process_ready",
    ),
    "an unknown key": Break("schema", COMPOSE, "backoff_seconds: 2", "backoff: 2", "no key `backoff`"),
    "a negative time": Break(
        "schema", COMPOSE, "backoff_seconds: 2", "backoff_seconds: -1", "`backoff_seconds`"
    ),
    "a key twice": Break("schema", COMPOSE, "  proxy:", "  worker:", "`worker` is written twice"),
    "no YAML": Break("schema", COMPOSE, "processes:", "processes: [", "no YAML", "restore -config"),
    "a process that is nothing": Break(
        "schema",
        COMPOSE,
        f'    command: {RESTORE}\n    availability:\n      restart: "no"\n',
        "",
        "`restore` must be a mapping",
        "  restore:",
    ),
    "an alias": Break(
        "schema",
        COMPOSE,
        "processes:",
        "vars: {a: &a 1, b: *a}\nprocesses:",
        "there is an alias, `*a`",
        "vars:",
    ),
    "a byte that is no text": Break(
        "schema", COMPOSE, "processes:", "# \x00\nprocesses:", "character U+0000 must not be in it", "# "
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    found(BREAKS[name], copy)
