"""fly.toml: found, read, and said to be wrong."""

from __future__ import annotations

import pytest

from tests.flysim.flyctl.door import Door

FULL = """
app = "demo"
primary_region = "syd"
kill_signal = "SIGTERM"
kill_timeout = "30s"
swap_size_mb = 256

[build]
image = "registry.fly.io/demo:v1"

[processes]
web = "serve --port 80"
job = ""

[http_service]
internal_port = 80
force_https = true
auto_stop_machines = true
auto_start_machines = true
min_machines_running = 1
processes = ["web"]

[http_service.concurrency]
type = "requests"
soft_limit = 5

[checks.alive]
type = "tcp"
port = 80
interval = "5s"
processes = ["web"]

[[vm]]
size = "performance-1x"
processes = ["web"]

[[vm]]
memory = "1gb"
processes = ["job"]

[[restart]]
policy = "never"
retries = 2
processes = ["job"]
"""


def test_a_folder_names_the_manifest_in_it(door: Door) -> None:
    (door.cwd / "core").mkdir()
    (door.cwd / "core" / "fly.toml").write_text('app = "demo"\n')
    assert "core/fly.toml" in door.ok("config", "validate", "-c", "core")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app = \n", "failed loading app config from"),
        ('app = "demo"\nbuild = 1\n', "build must be a table"),
        ('app = "demo"\nmounts = "x"\n', "mounts must be tables"),
        ('app = "demo"\n[deploy]\nstrategy = "hope"\n', "App configuration is not valid"),
        ('app = "demo"\n[http_service]\nprocesses = ["nosuch"]\n', "App configuration is not valid"),
        ('app = "demo"\n[[services]]\ninternal_port = 99999\n', "App configuration is not valid"),
        ('app = "demo"\n[[mounts]]\nsource = "data"\n', "App configuration is not valid"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(door: Door, text: str, message: str) -> None:
    (door.cwd / "wrong.toml").write_text(text)
    ran = door.run("config", "validate", "-c", "wrong.toml")
    assert ran.rc == 1
    assert message in ran.err
    assert door.run("deploy", "-y", "-c", "wrong.toml").rc == 1
    assert door.machines() == []


def test_bytes_that_are_no_text_are_refused(door: Door) -> None:
    (door.cwd / "wrong.toml").write_bytes(b'app = "\xff"\n')
    assert door.run("config", "validate", "-c", "wrong.toml").rc == 1


def test_without_a_manifest_an_app_must_be_named(door: Door) -> None:
    (door.cwd / "fly.toml").unlink()
    ran = door.run("status")
    assert ran.rc == 1
    assert "missing an app name" in ran.err
    door.ok("status", "-a", "demo")
    door.env["FLY_APP"] = "demo"
    door.ok("status")


def test_a_single_table_counts_as_a_list_of_one(door: Door) -> None:
    (door.cwd / "fly.toml").write_text(
        'app = "demo"\nprimary_region = "syd"\n[build]\nimage = "registry.fly.io/demo:v1"\n'
        '[mounts]\nsource = "data"\ndestination = "/data"\n[env]\nPORT = 8080\nDEBUG = true\n'
    )
    assert door.json("config", "show", "--local")["mounts"] == [{"source": "data", "destination": "/data"}]
    door.ok("deploy", "-y")
    config = door.machines()[0]["config"]
    assert config["mounts"][0]["path"] == "/data"
    assert (config["env"]["PORT"], config["env"]["DEBUG"]) == ("8080", "true")


def test_a_section_that_is_not_followed_is_said_to_be(door: Door) -> None:
    (door.cwd / "fly.toml").write_text(
        'app = "demo"\nprimary_region = "syd"\n[build]\nimage = "registry.fly.io/demo:v1"\n'
        '[[files]]\nguest_path = "/x"\nraw_value = ""\n'
    )
    assert door.run("deploy", "-y").rc == 70
    assert door.machines() == []


def test_a_manifest_becomes_the_configuration_of_machines(door: Door) -> None:
    (door.cwd / "fly.toml").write_text(FULL)
    door.ok("deploy", "-y", "--ha=false")
    web, job = sorted(
        (machine["config"] for machine in door.machines()), key=lambda config: "services" not in config
    )
    service = web["services"][0]
    assert web["init"] == {"cmd": ["serve", "--port", "80"], "swap_size_mb": 256}
    assert (service["autostop"], service["autostart"], service["min_machines_running"]) == ("stop", True, 1)
    assert service["ports"][0] == {"port": 80, "handlers": ["http"], "force_https": True}
    assert service["concurrency"] == {"type": "requests", "soft_limit": 5}
    assert web["checks"] == {"alive": {"port": 80, "type": "tcp", "interval": "5s"}}
    assert web["guest"] == {"cpu_kind": "performance", "cpus": 1, "memory_mb": 2048}
    assert web["stop_config"] == {"timeout": "30s", "signal": "SIGTERM"}
    assert job["guest"] == {"cpu_kind": "shared", "cpus": 1, "memory_mb": 1024}
    assert job["restart"] == {"policy": "no", "max_retries": 2}
    assert "services" not in job
    assert "checks" not in job
