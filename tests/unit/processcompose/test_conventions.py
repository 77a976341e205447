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
WAITS = "    depends_on:\n      restore:\n        condition: process_completed_successfully\n"
RESTORE = "litestream restore -config litestream.yml -if-db-not-exists -if-replica-exists ${DATABASE}"

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
        "restart", COMPOSE, "restart: always", 'restart: "no"', "worker would not come back", 'restart: "no"'
    ),
    "an old Litestream": Break(
        "image", DOCKERFILE, "@v0.5.18", "@v0.5.9", "older than 0.5.12", "litestream@v0.5.9"
    ),
    "an unpinned Litestream": Break(
        "image", DOCKERFILE, "@v0.5.18", "@latest", "no pinned Litestream", "FROM python"
    ),
    "no sqlite3": Break(
        "image", DOCKERFILE, "ca-certificates sqlite3", "ca-certificates", "install sqlite3", "FROM python"
    ),
    "process-compose's own server": Break(
        "image", DOCKERFILE, "PC_NO_SERVER=1 ", "", "PC_NO_SERVER=1", "FROM python"
    ),
    "process-compose's own server, in a comment": Break(
        "image", DOCKERFILE, "ENV PC_NO_SERVER=1", "# ENV PC_NO_SERVER=1", "PC_NO_SERVER=1", "FROM python"
    ),
    "Litestream in a comment": Break(
        "image", DOCKERFILE, "    && go get", "#   && go get", "no pinned Litestream", "FROM python"
    ),
    "nobody waits for the restore": Break(
        "restore", COMPOSE, WAITS, "", "worker starts before the database is restored", "  worker:"
    ),
    "the restore without a condition": Break(
        "restore",
        COMPOSE,
        WAITS,
        "    depends_on:\n      restore:\n",
        "worker starts before the database is restored",
        "restore:",
    ),
    "the restore only started": Break(
        "restore",
        COMPOSE,
        "condition: process_completed_successfully",
        "condition: process_started",
        "worker starts before the database is restored",
        "condition: process_started",
    ),
    "a restore of nothing": Break(
        "restore", COMPOSE, RESTORE, "'true'", "no process restores DATABASE", "processes:"
    ),
    "a restore in a comment": Break(
        "restore", COMPOSE, RESTORE, f'"true # {RESTORE}"', "no process restores DATABASE", "processes:"
    ),
    "a restore of another database": Break(
        "restore", COMPOSE, "${DATABASE}", "${DATABASES}", "no process restores DATABASE", "processes:"
    ),
    "a restore that is disabled": Break(
        "restore",
        COMPOSE,
        f"    command: {RESTORE}",
        f"    disabled: true\n    command: {RESTORE}",
        "no process restores DATABASE",
        "processes:",
    ),
    "a restore over what is there": Break(
        "restore", COMPOSE, "-if-db-not-exists ", "", "-if-db-not-exists", "litestream restore"
    ),
    "a restore that needs a replica": Break(
        "restore", COMPOSE, "-if-replica-exists ", "", "-if-replica-exists", "litestream restore"
    ),
    "nobody replicates": Break(
        "restore",
        COMPOSE,
        "exec litestream replicate -config litestream.yml",
        "exec litestream version",
        "no process runs `litestream replicate`",
        "processes:",
    ),
    "a replica without a url": Break(
        "litestream", LITESTREAM, "      url: ${REPLICA_URL}", "      type: s3", "has no url", "replica:"
    ),
    "a replica with an unset variable": Break(
        "litestream", LITESTREAM, "${REPLICA_URL}", "${REPLICA_UR}", "needs REPLICA_UR,", "url:"
    ),
    "a replica with an empty url": Break(
        "litestream",
        MANIFEST,
        'REPLICA_URL = "s3://infra-relay-replica/relay?endpoint=fly.storage.tigris.dev&region=auto"',
        'REPLICA_URL = ""',
        "has no url",
        "url:",
        LITESTREAM,
    ),
    "an unknown key of a replica": Break(
        "schema", LITESTREAM, "      url:", "      urll:", "Litestream has no key `urll` here", "urll:"
    ),
    "an unknown key of the socket": Break(
        "schema", LITESTREAM, "socket:\n", "socket:\n  foo: 1\n", "Litestream has no key `foo` here", "foo:"
    ),
    "an unknown key of Litestream": Break(
        "schema", LITESTREAM, "dbs:\n", "dbss: []\ndbs:\n", "Litestream has no key `dbss` here", "dbss:"
    ),
    "an unknown key of a database": Break(
        "schema",
        LITESTREAM,
        "    replica:\n",
        "    recplica: 1\n    replica:\n",
        "no key `recplica`",
        "recplica: 1",
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
    "a process that is nothing": Break(
        "schema",
        COMPOSE,
        f'    command: {RESTORE}\n    availability:\n      restart: "no"\n',
        "",
        "`restore` must be a mapping",
        "  restore:",
    ),
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


def test_an_exec_probe_that_asks_the_port_probes_it(copy: Path) -> None:
    path = copy / "processcompose/relay/process-compose.yaml"
    asks = "      exec:\n        command: curl --fail http://127.0.0.1:8081/ready\n"
    path.write_text(path.read_text().replace(HTTP, asks))
    assert conventions.check(copy) == []


@pytest.mark.parametrize("command", ["a || exit 1", "a || { echo no; exit 1; }", "a || exec b"])
def test_a_command_that_can_fail_hides_nothing(command: str, copy: Path) -> None:
    path = copy / "processcompose/relay/process-compose.yaml"
    path.write_text(path.read_text().replace("exec python3 relay.py", command))
    assert [each for each in conventions.check(copy) if each.rule == "success"] == []


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
