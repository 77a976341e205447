"""fly.toml: its app, region, volume, databases and keys."""

from pathlib import Path

import pytest

from tests.unit.processcompose.breaking import COMPOSE, MANIFEST, Break, found

BREAKS = {
    "the app has another name": Break(
        "app", MANIFEST, '"infra-relay"', '"relay"', 'is "relay": it must be "infra-relay"', "app ="
    ),
    "another region": Break("region", MANIFEST, '"syd"', '"ams"', "the default app's is", "primary_region"),
    "no region": Break(
        "region", MANIFEST, 'primary_region = "syd"\n', "", 'primary_region is ""', "# The tenant"
    ),
    "another volume": Break(
        "volume",
        MANIFEST,
        '"relay_data"',
        '"data"',
        'the source of the volume is "data": it must be "relay_data"',
        "source",
    ),
    "mounted elsewhere": Break(
        "volume", MANIFEST, '"/data"', '"/mnt"', 'is "/mnt": it must be "/data"', "destination"
    ),
    "two volumes": Break(
        "volume",
        MANIFEST,
        "# The proxy",
        '[[mounts]]\nsource = "b"\ndestination = "/b"\n\n# The proxy',
        "one volume, not 2",
        "[[mounts]]",
    ),
    "no volume": Break(
        "volume",
        MANIFEST,
        '[[mounts]]\nsource = "relay_data"\ndestination = "/data"\n',
        "",
        "not 0",
        "# The tenant",
    ),
    "the database off the volume": Break(
        "database", MANIFEST, '"/data/relay.db"', '"/var/relay.db"', "throws away", "DATABASE"
    ),
    "the database through a back door": Break(
        "database", MANIFEST, '"/data/relay.db"', '"/data/../relay.db"', "throws away", "DATABASE"
    ),
    "no database": Break(
        "database", MANIFEST, 'DATABASE = "/data/relay.db"', "", "name the database in [env]", "[env]"
    ),
    "no TOML": Break("schema", MANIFEST, 'app = "infra-relay"', "app = infra-relay", "no TOML"),
    "a manifest of another shape": Break(
        "schema",
        MANIFEST,
        "internal_port = 8080",
        'internal_port = "8080"',
        "`internal_port`: expected `int`",
    ),
    "an internal port that nobody probes": Break(
        "probe-port",
        MANIFEST,
        "internal_port = 8080",
        "internal_port = 8088",
        "no process has a probe on port 8088",
        "[[services]]",
    ),
    "the database elsewhere, for one process": Break(
        "database",
        COMPOSE,
        "    command: exec python3 relay.py\n",
        "    command: exec python3 relay.py\n    environment:\n      - A=1\n      - DATABASE=/tmp/x.db\n",
        "DATABASE is set here too",
    ),
    "the database elsewhere, for all": Break(
        "database",
        COMPOSE,
        "processes:\n",
        "environment: [DATABASE=/tmp/x.db]\nprocesses:\n",
        "DATABASE is set here too",
        "environment:",
    ),
    "the database elsewhere, by a command": Break(
        "database",
        COMPOSE,
        "processes:\n",
        "env_cmds:\n  DATABASE: echo /tmp/x.db\nprocesses:\n",
        "DATABASE is set here too",
        "DATABASE: echo",
    ),
    "a misspelt key": Break(
        "schema",
        MANIFEST,
        "strategy =",
        "stratgy =",
        "would ignore it: write `strategy`",
    ),
    "a key that there is not": Break(
        "schema", MANIFEST, "[build]", "foo = 1\n\n[build]", "flyctl knows no key `foo` here", "foo = 1"
    ),
    "a misspelt key in a list": Break(
        "schema", MANIFEST, "force_https = true", "force_http = true", "no key `force_http` here"
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    found(BREAKS[name], copy)
