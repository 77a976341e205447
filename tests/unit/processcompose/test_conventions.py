"""The repo's own tenants keep the conventions, which the folder's README states one by one."""

import re
from pathlib import Path

import pytest

from pkg.processcompose import conventions
from pkg.processcompose.tenant import names
from tests.unit.processcompose import (
    test_image,
    test_manifest,
    test_processes,
    test_replication,
    test_restoring,
    test_schema,
)
from tests.unit.processcompose.breaking import ROOT

TABLES = (test_image, test_manifest, test_processes, test_replication, test_restoring, test_schema)


def test_the_repos_tenants_keep_the_conventions() -> None:
    assert names(ROOT) == ["notes", "relay"]
    assert conventions.check(ROOT) == []


@pytest.mark.parametrize(
    "file", ["process-compose.yaml", "fly.toml", "litestream.yml", "Dockerfile", "README.md"]
)
def test_a_missing_file_is_one_finding(file: str, copy: Path) -> None:
    (copy / "processcompose/notes" / file).unlink()
    missing = [each for each in conventions.check(copy) if each.rule == "files"]
    assert [str(each) for each in missing] == [f"processcompose/notes/{file}: the file is missing [files]"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("backoff_seconds: 2", "backoff: 2"),
        ("    command: exec python3 relay.py", "    comand: exec python3 relay.py"),
        ('port: "8081"', "port: 8081"),
        ("condition: process_completed_successfully", "condition: process_complete"),
        ("condition: process_completed_successfully", "condition: process_completed"),
        ("condition: process_completed_successfully", "condition: process_started"),
        ("      restore:\n        condition", "      restored:\n        condition"),
        ("    command: litestream restore", "    comand: litestream restore"),
    ],
)
def test_one_mistake_is_one_finding(old: str, new: str, copy: Path) -> None:
    path = copy / "processcompose/relay/process-compose.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    assert len(conventions.check(copy)) == 1, conventions.check(copy)


def test_a_manifest_without_checks_is_found(copy: Path) -> None:
    path = copy / "processcompose/notes/fly.toml"
    path.write_text(path.read_text().replace("[[services.http_checks]]", "[[services.unknown]]"))
    assert "checks" in {each.rule for each in conventions.check(copy)}


def test_one_tenant_can_be_checked_alone(copy: Path) -> None:
    (copy / "processcompose/relay/README.md").unlink()
    assert conventions.check(copy, "notes") == []
    assert len(conventions.check(copy, "relay")) == 1


def test_the_readme_states_the_conventions_that_are_broken_here() -> None:
    broken = {each.rule for table in TABLES for each in table.BREAKS.values()} | {"files", "checks"}
    text = (ROOT / "processcompose/README.md").read_text()
    assert set(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)) == broken
