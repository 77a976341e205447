"""Keys that flyctl does not know are told; those that it knows never are."""

import tomllib
from pathlib import Path

import pytest

from pkg.fly import manifest_keys

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "place", "instead"),
    [
        ("foo = 1", ("foo",), ""),
        ('[deploy]\nstratgy = "rolling"', ("deploy", "stratgy"), "strategy"),
        ("[[mounts]]\nsorce = 1", ("mounts", 0, "sorce"), "source"),
        ("[mounts]\nsorce = 1", ("mounts", "sorce"), "source"),
        (
            "[[services]]\n[[services.ports]]\nhandler = []",
            ("services", 0, "ports", 0, "handler"),
            "handlers",
        ),
        ("[checks.worker]\nprot = 1", ("checks", "worker", "prot"), "port"),
        ("[[vm]]\nmemmory = 1", ("vm", 0, "memmory"), "memory"),
    ],
)
def test_an_unknown_key_is_told_with_what_was_meant(
    text: str, place: manifest_keys.Place, instead: str
) -> None:
    assert list(manifest_keys.unknown(tomllib.loads(text))) == [place]
    assert manifest_keys.instead(place) == instead


# As in flyctl's own internal/appconfig/testdata, in our words: every kind of table that it reads.
REFERENCE = """
app = "a"
primary_region = "syd"
kill_signal = "SIGTERM"
kill_timeout = "3s"
swap_size_mb = 512
console_command = "sh"
[experimental]
cmd = ["c"]
auto_rollback = true
compression = "zstd"
[build]
builder = "b"
build-target = "t"
[build.args]
anything = "1"
[build.settings]
foo = "bar"
[deploy]
strategy = "rolling"
max_unavailable = 0.5
release_command_vm = {size = "shared-cpu-1x"}
[env]
ANY = "thing"
[processes]
web = "w"
[[mounts]]
source = "d"
destination = "/d"
scheduled_snapshots = true
[http_service]
internal_port = 8080
auto_stop_machines = "stop"
[http_service.concurrency]
type = "requests"
[http_service.http_options.response.headers]
x-any = "y"
[[http_service.checks]]
path = "/"
[http_service.checks.headers]
X-Any = "y"
[[http_service.machine_checks]]
command = ["x"]
[[services]]
internal_port = 1
protocol = "tcp"
[[services.ports]]
port = 80
tls_options = {alpn = ["h2"]}
[[services.tcp_checks]]
interval = "1s"
[[services.http_checks]]
tls_server_name = "n"
[checks.any]
port = 1
type = "tcp"
[[files]]
guest_path = "/f"
raw_value = "x"
[[restart]]
policy = "always"
retries = 3
[[vm]]
memory = "1gb"
[[statics]]
guest_path = "/s"
url_prefix = "/s"
[[metrics]]
port = 1
path = "/m"
"""


def test_keys_that_flyctl_knows_are_left_alone() -> None:
    assert list(manifest_keys.unknown(tomllib.loads(REFERENCE))) == []


def test_a_list_of_named_checks_is_left_alone() -> None:
    assert list(manifest_keys.unknown(tomllib.loads('[[checks]]\nname = "a"\nport = 1\n'))) == []


@pytest.mark.parametrize(
    "path", ["fly.toml", "core/fly.toml", "processcompose/notes/fly.toml", "processcompose/relay/fly.toml"]
)
def test_the_repos_manifests_have_no_unknown_key(path: str) -> None:
    assert list(manifest_keys.unknown(tomllib.loads((ROOT / path).read_text()))) == []
