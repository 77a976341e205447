"""ko builds core and pushes it to a real registry; what is recorded is what the registry has."""

import hashlib
import json
import subprocess
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pkg.fly.image import parse
from pkg.ko import registry as registries
from tests.real.conftest import answers, environment, inv, need, running, wait_for

OCI = "application/vnd.oci.image"


@pytest.fixture
def registry(tmp_path: Path, port: int) -> Iterator[str]:
    """Debian's registry, empty, on loopback."""
    config = tmp_path / "registry.yml"
    settings = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "images")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    config.write_text(json.dumps(settings))  # which is YAML too
    with running([need("docker-registry"), "serve", str(config)], tmp_path / "registry.log") as started:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/v2/"), "the registry", started.log)
        yield f"127.0.0.1:{port}"


def call(method: str, url: str, body: bytes | None = None, kind: str = "") -> urllib.request.Request:
    headers = {"Content-Type": kind} if kind else {}
    return urllib.request.Request(url, data=body, method=method, headers=headers)


def put_base(registry: str) -> str:
    """Push an image without any file: a configuration and a manifest, which are two PUTs."""
    config = json.dumps(
        {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}
    )
    blob = config.encode()
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    with urllib.request.urlopen(call("POST", f"http://{registry}/v2/base/blobs/uploads/")) as answer:
        place = answer.headers["Location"]
    mark = "&" if "?" in place else "?"
    with urllib.request.urlopen(
        call("PUT", f"{place}{mark}digest={digest}", blob, "application/octet-stream")
    ) as answer:
        assert answer.status == 201
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": {"mediaType": f"{OCI}.config.v1+json", "digest": digest, "size": len(blob)},
        "layers": [],
    }
    request = call(
        "PUT",
        f"http://{registry}/v2/base/manifests/v1",
        json.dumps(manifest).encode(),
        f"{OCI}.manifest.v1+json",
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
    return f"{registry}/base:v1"


@pytest.fixture
def publish(
    registry: str, checkout: Path, built: Callable[[str], str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `inv core.publish` in a clean checkout, to that registry."""
    ko = built("ko")
    base = put_base(registry)
    path = f"{Path(ko).parent}:{Path(need('go')).parent}:{environment()['PATH']}"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        target = f"--repository={registry}/infra"
        return inv(checkout, "core.publish", target, *words, PATH=path, KO_DEFAULTBASEIMAGE=base)

    return run


def test_what_is_published_is_recorded_and_in_the_registry(
    publish: Callable[..., subprocess.CompletedProcess[str]],
    registry: str,
    checkout: Path,
    built: Callable[[str], str],
) -> None:
    done = publish()
    assert done.returncode == 0, done.stderr
    recorded = tomllib.loads((checkout / "core/image.toml").read_text())["image"]
    commit = subprocess.run(
        [need("git"), "rev-parse", "HEAD"], cwd=checkout, check=True, capture_output=True, text=True
    ).stdout.strip()
    assert recorded["commit"] == commit
    assert recorded["ref"].startswith(f"{registry}/infra:{commit}@sha256:")
    assert done.stdout.count(recorded["ref"]) == 1
    assert recorded["dirty"] is False
    assert recorded["ko"] in built("ko")
    image = parse(recorded["ref"])
    assert registries.has(image)
    manifest = fetch(registry, f"infra/manifests/{image.digest}")
    config = fetch(registry, f"infra/blobs/{manifest['config']['digest']}")
    assert (config["os"], config["architecture"]) == ("linux", "amd64")
    # A volume on Fly belongs to root.
    assert config["config"]["User"] == "0:0"

    again = publish()
    assert again.returncode == 0, again.stderr
    assert tomllib.loads((checkout / "core/image.toml").read_text())["image"]["ref"] == recorded["ref"]

    delete = call("DELETE", f"http://{registry}/v2/infra/manifests/{image.digest}")
    with urllib.request.urlopen(delete) as answer:
        assert answer.status == 202
    assert not registries.has(image)


def test_what_ko_pushed_is_what_a_deploy_releases(
    publish: Callable[..., subprocess.CompletedProcess[str]], checkout: Path
) -> None:
    assert publish().returncode == 0
    recorded = tomllib.loads((checkout / "core/image.toml").read_text())["image"]
    for config, app in (("fly.toml", "infra"), ("core", "infra-core")):
        done = inv(checkout, "sandbox", "fly.deploy", "-c", config, "--yes", "--json", FLY_TICK="0.1")
        assert done.returncode == 0, done.stderr
        verdict = json.loads(done.stdout)
        assert (verdict["app"], verdict["verdict"], verdict["image"]) == (app, "healthy", recorded["ref"])
    shown = inv(checkout, "sandbox", "core.image", "--check")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("what was published") == 2


def test_a_dirty_tree_is_refused_unless_that_is_allowed(
    publish: Callable[..., subprocess.CompletedProcess[str]], checkout: Path
) -> None:
    (checkout / "core/new.go").write_text("package main\n")
    refused = publish()
    assert refused.returncode == 3
    assert "core/new.go" in refused.stderr
    assert (
        not (checkout / "core/image.toml").exists()
        or "-dirty" not in (checkout / "core/image.toml").read_text()
    )
    allowed = publish("--allow-dirty")
    assert allowed.returncode == 0, allowed.stderr
    recorded = tomllib.loads((checkout / "core/image.toml").read_text())["image"]
    assert recorded["dirty"] is True
    assert parse(recorded["ref"]).tag == f"{recorded['commit']}-dirty"


def test_code_that_does_not_build_records_nothing(
    publish: Callable[..., subprocess.CompletedProcess[str]], checkout: Path
) -> None:
    before = (checkout / "core/image.toml").read_bytes() if (checkout / "core/image.toml").exists() else b""
    (checkout / "core/version.go").write_text("package main\n")
    done = publish("--allow-dirty")
    assert done.returncode == 1
    assert "nothing is recorded" in done.stderr
    after = (checkout / "core/image.toml").read_bytes() if (checkout / "core/image.toml").exists() else b""
    assert after == before


def fetch(registry: str, path: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://{registry}/v2/{path}", headers={"Accept": ", ".join(registries.ACCEPT)}
    )
    with urllib.request.urlopen(request) as answer:
        value = json.load(answer)
    assert isinstance(value, dict)
    return value
