"""What process-compose itself refuses to load under is_strict is found before a machine finds it.

Its rules: src/loader/validators.go and schemas/process-compose-schema.json in its repository.
"""

from pathlib import Path

import pytest

from pkg.processcompose import conventions
from pkg.processcompose.findings import Finding

COMPOSE = "processcompose/relay/process-compose.yaml"
PROXY = "    command: exec caddy run --config Caddyfile --adapter caddyfile\n"
TOP = "is_tui_disabled: true\n"


def check(copy: Path, old: str, new: str) -> list[Finding]:
    """Return what is found after a change of relay's process-compose.yaml."""
    path = copy / COMPOSE
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    return conventions.check(copy)


@pytest.mark.parametrize(
    ("old", "new", "rule", "says"),
    [
        (PROXY, f"{PROXY}    ready_log_line: serving\n", "probe", "has a readiness probe too"),
        (TOP, f"{TOP}log_level: loud\n", "schema", "`log_level`: invalid enum value 'loud'"),
        (TOP, f"{TOP}extends: other.yaml\n", "schema", "a tenant's processes stand in one file"),
        (PROXY, f"{PROXY}    is_disabled: 'true'\n", "schema", "write disabled: true"),
        ("    shutdown:\n      signal: 15", "    shutdown:\n      signal: 64", "schema", "`signal`"),
    ],
)
def test_it_is_one_finding_at_its_line(old: str, new: str, rule: str, says: str, copy: Path) -> None:
    found = check(copy, old, new)
    assert [each.rule for each in found] == [rule], found
    assert says in found[0].what
    assert new.splitlines()[-1] == (copy / COMPOSE).read_text().splitlines()[found[0].line - 1]


def test_waiting_for_what_is_disabled_is_found_and_its_probe_counts_for_nothing(copy: Path) -> None:
    worker = "    command: exec python3 relay.py\n"
    found = [str(each) for each in check(copy, worker, f"    disabled: true\n{worker}")]
    assert [each for each in found if "proxy waits for worker, which is disabled" in each], found
    assert [each for each in found if "no process has a probe on port 8081" in each], found


def test_what_is_disabled_may_wait_for_what_is(copy: Path) -> None:
    both = "\n  one: {command: a, disabled: true}\n  two:\n    command: b\n    disabled: true\n"
    both += "    depends_on: {one: {condition: process_started}}\n"
    assert check(copy, "\n  litestream:\n", f"{both}\n  litestream:\n") == []


def test_keys_of_its_schema_are_taken(copy: Path) -> None:
    assert check(copy, TOP, f"{TOP}name: relay\nordered_shutdown: true\nlog_level: info\n") == []
