"""The machine that a manifest describes."""

from pathlib import Path
from typing import Any

import pytest

from pkg.fly.machines.derive import guest, left_out, machine_config, megabytes
from pkg.fly.manifest import Manifest, parse
from pkg.shell.errors import BadInput

ROOT = Path(__file__).parents[4]


def manifest(more: str = "") -> Manifest:
    return parse(f'app = "demo"\nprimary_region = "syd"\n{more}', Path("fly.toml"))


def test_an_http_service_becomes_the_two_ports_that_flyctl_makes_of_it() -> None:
    """recorded: http.jsonl#265 (deploys.json), the first machine of `web`."""
    config = machine_config(
        manifest(
            """
[processes]
  web = ""
  worker = "work"
[http_service]
  internal_port = 8080
  processes = ["web"]
  [[http_service.checks]]
    interval = "10s"
    timeout = "2s"
    grace_period = "1s"
    path = "/status"
"""
        ),
        "web",
        {},
    )
    assert config == {
        "env": {"FLY_PROCESS_GROUP": "web", "PRIMARY_REGION": "syd"},
        "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256},
        "metadata": {"fly_platform_version": "v2", "fly_process_group": "web"},
        "services": [
            {
                "protocol": "tcp",
                "internal_port": 8080,
                "ports": [
                    {"port": 80, "handlers": ["http"]},
                    {"port": 443, "handlers": ["http", "tls"]},
                ],
                "checks": [
                    {
                        "type": "http",
                        "interval": "10s",
                        "timeout": "2s",
                        "grace_period": "1s",
                        "path": "/status",
                    }
                ],
            }
        ],
    }


def test_another_group_has_its_own_command_and_no_service() -> None:
    text = '[processes]\nweb = ""\nworker = "work --fast \'a b\'"\n[http_service]\nprocesses = ["web"]\n'
    config = machine_config(manifest(text), "worker", {})
    assert config["init"] == {"cmd": ["work", "--fast", "a b"]}
    assert "services" not in config


def test_services_keep_their_ports_and_checks() -> None:
    """recorded: http.jsonl#24 (daily.json), the first machine of demo."""
    text = """
[[services]]
internal_port = 8080
protocol = "tcp"
[[services.ports]]
port = 443
handlers = ["tls", "http"]
[[services.http_checks]]
interval = "10s"
timeout = "2s"
grace_period = "1s"
path = "/status"
[[services.tcp_checks]]
interval = "15s"
[[mounts]]
source = "data"
destination = "/data"
"""
    config = machine_config(manifest(text), "app", {"data": "vol_1"})
    [service] = config["services"]
    assert service["ports"] == [{"port": 443, "handlers": ["tls", "http"]}]
    assert [check["type"] for check in service["checks"]] == ["http", "tcp"]
    assert config["mounts"] == [{"path": "/data", "volume": "vol_1", "name": "data"}]


def test_the_rest_of_a_manifest_that_a_machine_is_made_of() -> None:
    text = """
kill_signal = "SIGTERM"
kill_timeout = 5
[env]
PORT = 8080
DEBUG = true
[checks.worker]
type = "http"
port = 8081
path = "/ready"
[checks.worker.headers]
X-Probe = "1"
[[restart]]
policy = "never"
[[files]]
guest_path = "/etc/app"
secret_name = "APP_CONFIG"
"""
    config = machine_config(manifest(text), "app", {})
    assert config["env"] | {"PORT": "8080", "DEBUG": "true"} == config["env"]
    assert config["checks"]["worker"]["headers"] == [{"name": "X-Probe", "values": ["1"]}]
    assert config["restart"] == {"policy": "no"}
    assert config["stop_config"] == {"signal": "SIGTERM", "timeout": "5s"}
    assert config["files"] == [{"guest_path": "/etc/app", "secret_name": "APP_CONFIG"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("shared", 1, 256)),
        ('[[vm]]\nsize = "shared-cpu-2x"', ("shared", 2, 512)),
        ('[[vm]]\nsize = "performance-1x"', ("performance", 1, 2048)),
        ('[[vm]]\ncpu_kind = "shared"\ncpus = 4\nmemory = "1gb"', ("shared", 4, 1024)),
        ("[[vm]]\nmemory = 512", ("shared", 1, 512)),
        ("[vm]\nmemory_mb = 1024", ("shared", 1, 1024)),
        ('[[vm]]\nmemory = "2gb"\nprocesses = ["other"]\n[[vm]]\nmemory = "1gb"', ("shared", 1, 1024)),
        ('[[vm]]\nmemory = "2gb"\n[[vm]]\nmemory = "1gb"\nprocesses = ["app"]', ("shared", 1, 1024)),
    ],
)
def test_the_size_of_a_machine(text: str, expected: tuple[str, int, int]) -> None:
    kind, cpus, memory = expected
    assert guest(manifest(text), "app") == {"cpu_kind": kind, "cpus": cpus, "memory_mb": memory}


@pytest.mark.parametrize("value", ["", "lots", "1tb", "-1", "1.5gb", "gb"])
def test_what_is_no_amount_of_memory(value: str) -> None:
    with pytest.raises(BadInput, match="no amount of memory"):
        megabytes(value)


@pytest.mark.parametrize("size", ["big", "shared-cpu-x", "a100-40gb"])
def test_what_is_no_size(size: str) -> None:
    with pytest.raises(BadInput, match="no size"):
        guest(manifest(f'[[vm]]\nsize = "{size}"'), "app")


def test_a_group_that_there_is_none_of() -> None:
    with pytest.raises(BadInput, match="it has: app"):
        machine_config(manifest(), "web", {})


def test_what_only_a_deploy_does_is_named() -> None:
    text = '[deploy]\nrelease_command = "migrate"\n[[statics]]\nguest_path = "/p"\nurl_prefix = "/s"\n'
    assert left_out(manifest(text)) == ["statics", "deploy.release_command"]


@pytest.mark.parametrize("path", ["fly.toml", "core/fly.toml"])
def test_nothing_of_this_repos_manifests_is_left_out(path: str) -> None:
    found: Any = parse((ROOT / path).read_text(), Path(path))
    assert left_out(found) == []
    assert machine_config(found, "app", {mount.source: "vol_1" for mount in found.all_mounts})["services"]
