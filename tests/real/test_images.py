"""The tenants' Dockerfiles are built, and what they make holds what a tenant on Fly needs."""

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from pkg.litestream.place import Answer
from pkg.litestream.proof import Target, prove
from pkg.litestream.replicated import ON_MACHINE
from pkg.processcompose.tenant import DOCKERFILE, Tenant, read
from pkg.shell.clock import SystemClock
from tests.real.conftest import ROOT, answers, environment, run, running, wait_for
from tests.real.images import Images, without_process_compose
from tests.real.machine import Machine

TENANTS = pytest.mark.parametrize("name", ["notes", "relay"])


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    if os.geteuid():
        pytest.skip(
            "NOT RUN: the Dockerfiles are built as root only (mmdebstrap, and buildah without namespaces)"
        )
    made = Images(tmp_path_factory.mktemp("images"))
    yield made
    made.remove()


class Inside:
    """A container, as the replication check meets a machine of Fly."""

    name = "container"

    def __init__(self, within: Sequence[str]) -> None:
        self.within = within

    def run(self, argv: Sequence[str], *, timeout: int = 60) -> Answer:
        done = run([*self.within, *argv], env=environment())
        return Answer(tuple(argv), done.returncode, done.stdout, done.stderr)


def dockerfile(tenant: Tenant) -> str:
    return (ROOT / tenant.folder / DOCKERFILE).read_text()


def variables(tenant: Tenant) -> dict[str, str]:
    assert tenant.manifest
    return {**tenant.manifest.env, "REPLICA_URL": "file:///data/replica"}


@TENANTS
def test_hadolint_finds_nothing(name: str) -> None:
    program = Path(sys.executable).parent / "hadolint"
    done = run([program, "--no-color", f"processcompose/{name}/Dockerfile"], cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "")


@TENANTS
def test_the_image_has_what_runs_the_tenant_and_proves_its_replica(
    name: str, images: Images, tmp_path: Path, ports: None
) -> None:
    """All but process-compose, which starts the same commands in the same order where it is to be had."""
    tenant, _ = read(ROOT, name)
    image = images.build(without_process_compose(dockerfile(tenant)), name)
    volume = tmp_path / "data"
    volume.mkdir()
    within = images.within(images.container(image), volume, **variables(tenant))

    told = run(
        [*within, "sh", "-c", "litestream version; echo $PC_NO_SERVER; pwd; readlink /etc/litestream.yml"]
    )
    pinned = re.search(r"litestream@v([\d.]+)", dockerfile(tenant))
    assert pinned
    assert told.stdout.split() == [pinned[1], "1", "/app", "/app/litestream.yml"]
    assert images.command(image) == ["process-compose", "up", "--config", "process-compose.yaml"]

    env = variables(tenant)
    with ExitStack() as stack:
        machine = Machine(tenant, tmp_path, cwd=tmp_path, env=environment(), within=within)
        machine.boot(stack)
        with urllib.request.urlopen("http://127.0.0.1:8080/status") as answer:
            assert answer.status == 200
        target = Target(env["DATABASE"], env["LITESTREAM_SOCKET"], ON_MACHINE)
        proof = prove(Inside(within), target, SystemClock(), timeout=10)
        for started in machine.started:
            started.end()
    assert proof
    assert (proof.sentinel, proof.version) == (True, pinned[1])


@TENANTS
def test_the_image_starts_by_its_own_command(
    process_compose: str, name: str, images: Images, tmp_path: Path, ports: None
) -> None:
    assert process_compose  # where it is not to be had, the Dockerfile cannot be built as it stands
    tenant, _ = read(ROOT, name)
    image = images.build(dockerfile(tenant), f"{name}-whole")
    volume = tmp_path / "data"
    volume.mkdir()
    env = variables(tenant)
    within = images.within(images.container(image), volume, **env)
    log = tmp_path / "log"
    with running([*within, *images.command(image)], log) as started:
        wait_for(lambda: answers("http://127.0.0.1:8080/status"), "/status", log, seconds=60)
        listed = run([*within, "litestream", "list", "-json", "-socket", env["LITESTREAM_SOCKET"]])
        assert [each["path"] for each in json.loads(listed.stdout)["databases"]] == [env["DATABASE"]]
        started.end()
