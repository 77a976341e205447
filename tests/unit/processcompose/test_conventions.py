"""The repo's own tenants keep the conventions; each one, broken in turn, is found by file and line."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from pkg.processcompose import conventions
from pkg.processcompose.tenant import names

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repo's tenants, beside a default app."""
    shutil.copytree(ROOT / "processcompose", tmp_path / "processcompose")
    (tmp_path / "fly.toml").write_text('app = "infra"\nprimary_region = "syd"\n')
    return tmp_path


@dataclass(frozen=True)
class Break:
    """One convention broken: what is replaced in which file of `relay`, and what must be found where."""

    rule: str
    file: str
    old: str
    new: str
    says: str
    line: str = ""  # text of the line that the finding names, after the change; empty: `new`; "-": no line
    named: str = ""  # the file that the finding names, when it is not the changed one


COMPOSE, MANIFEST, LITESTREAM, DOCKERFILE = "process-compose.yaml", "fly.toml", "litestream.yml", "Dockerfile"
HTTP = """      http_get:
        host: 127.0.0.1
        scheme: http
        path: /ready
        port: "8081"
"""

BREAKS = {
    "the app has another name": Break(
        "app", MANIFEST, '"infra-relay"', '"relay"', 'is "infra-relay"', "app ="
    ),
    "another region": Break("region", MANIFEST, '"syd"', '"ams"', "the default app's is", "primary_region"),
    "no region": Break(
        "region", MANIFEST, 'primary_region = "syd"\n', "", 'primary_region is ""', "# The tenant"
    ),
    "another volume": Break(
        "volume", MANIFEST, '"relay_data"', '"data"', '"relay_data", not "data"', "source"
    ),
    "mounted elsewhere": Break("volume", MANIFEST, '"/data"', '"/mnt"', '"/data", not "/mnt"', "destination"),
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
    "a database that nobody replicates": Break(
        "litestream",
        MANIFEST,
        'DATABASE = "/data/relay.db"',
        'DATABASE = "/data/relay.db"\nEVENTS_DATABASE = "/data/events.db"',
        "/data/events.db is not replicated",
        "dbs:",
        LITESTREAM,
    ),
    "Litestream on another path": Break(
        "litestream", LITESTREAM, "${DATABASE}", "/data/other.db", "no database of fly.toml"
    ),
    "Litestream with an unset variable": Break(
        "litestream", LITESTREAM, "${DATABASE}", "${DATABASES}", "needs DATABASES"
    ),
    "no replica": Break(
        "litestream",
        LITESTREAM,
        "    replica:\n      url: ${REPLICA_URL}\n",
        "",
        "has no replica",
        "path: ${DATABASE}",
    ),
    "the socket off": Break(
        "litestream", LITESTREAM, "enabled: true", "enabled: false", "socket.enabled: true"
    ),
    "no socket": Break(
        "litestream",
        LITESTREAM,
        "socket:\n  enabled: true # off by default; without it nobody can ask the daemon anything\n"
        "  path: ${LITESTREAM_SOCKET}\n",
        "",
        "socket.enabled: true",
        "# Read by",
    ),
    "the socket unset": Break(
        "litestream", LITESTREAM, "${LITESTREAM_SOCKET}", "${SOCKET}", "needs SOCKET", "path: ${SOCKET}"
    ),
    "no is_strict": Break("strict", COMPOSE, "is_strict: true", "is_strict: false", "is_strict: true"),
    "no is_strict at all": Break(
        "strict",
        COMPOSE,
        "is_strict: true # an unknown key is an error, not a log line\n",
        "",
        "is_strict",
        "version:",
    ),
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
    "no mapping": Break(
        "schema",
        LITESTREAM,
        Path(ROOT / "processcompose/relay/litestream.yml").read_text(),
        "- a\n",
        "a mapping at",
    ),
    "no TOML": Break("schema", MANIFEST, 'app = "infra-relay"', "app = infra-relay", "no TOML"),
    "a manifest of another shape": Break(
        "schema",
        MANIFEST,
        "internal_port = 8080",
        'internal_port = "8080"',
        "`internal_port`: expected `int`",
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
    "an internal port that nobody probes": Break(
        "probe-port",
        MANIFEST,
        "internal_port = 8080",
        "internal_port = 8088",
        "no process has a probe on port 8088",
        "[[services]]",
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
        "restart", COMPOSE, "restart: always", 'restart: "no"', "worker would stay down", 'restart: "no"'
    ),
    "an old Litestream": Break(
        "image", DOCKERFILE, "@v0.5.18", "@v0.5.9", "older than 0.5.12", "litestream@v0.5.9"
    ),
    "an unpinned Litestream": Break("image", DOCKERFILE, "@v0.5.18", "@latest", "no pinned Litestream", "-"),
    "no sqlite3": Break(
        "image", DOCKERFILE, "ca-certificates sqlite3", "ca-certificates", "install sqlite3", "-"
    ),
    "process-compose's own server": Break("image", DOCKERFILE, "PC_NO_SERVER=1 ", "", "PC_NO_SERVER=1", "-"),
}


def test_the_repos_tenants_keep_the_conventions() -> None:
    assert names(ROOT) == ["notes", "relay"]
    assert conventions.check(ROOT) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    broken = BREAKS[name]
    path = copy / "processcompose/relay" / broken.file
    before = path.read_text()
    assert broken.old in before
    after = before.replace(broken.old, broken.new, 1)
    path.write_text(after)

    found = [each for each in conventions.check(copy) if each.rule == broken.rule]

    assert any(broken.says in each.what for each in found), found
    finding = next(each for each in found if broken.says in each.what)
    assert finding.path == f"processcompose/relay/{broken.named or broken.file}"
    if broken.line == "-":
        assert str(finding).startswith(f"{finding.path}: ")
    else:
        assert str(finding).startswith(f"{finding.path}:{finding.line}: ")
        line = (copy / finding.path).read_text().splitlines()[finding.line - 1]
        assert (broken.line or broken.new.splitlines()[-1].strip()) in line


@pytest.mark.parametrize(
    "file", ["process-compose.yaml", "fly.toml", "litestream.yml", "Dockerfile", "README.md"]
)
def test_a_missing_file_is_one_finding(file: str, copy: Path) -> None:
    (copy / "processcompose/notes" / file).unlink()
    missing = [each for each in conventions.check(copy) if each.rule == "files"]
    assert [str(each) for each in missing] == [f"processcompose/notes/{file}: the file is missing [files]"]


def test_a_manifest_without_checks_is_found(copy: Path) -> None:
    path = copy / "processcompose/notes/fly.toml"
    path.write_text(path.read_text().replace("[[services.http_checks]]", "[[services.unknown]]"))
    assert "checks" in {each.rule for each in conventions.check(copy)}


def test_one_tenant_can_be_checked_alone(copy: Path) -> None:
    (copy / "processcompose/relay/README.md").unlink()
    assert conventions.check(copy, "notes") == []
    assert len(conventions.check(copy, "relay")) == 1


def test_every_convention_is_in_the_readme() -> None:
    rules = {broken.rule for broken in BREAKS.values()} | {"files", "checks"}
    text = (ROOT / "processcompose/README.md").read_text()
    assert [rule for rule in sorted(rules) if f"| `{rule}` |" not in text] == []
