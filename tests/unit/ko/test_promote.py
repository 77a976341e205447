"""Promotion and its report: what each app runs, and where it stops."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from pkg.fly import argv
from pkg.fly.client import Flyctl
from pkg.fly.manifest import Manifest
from pkg.fly.verdict import Outcome, Verdict
from pkg.ko import argv as git
from pkg.ko import promote as promotion
from pkg.ko import report
from pkg.ko.source import IN_NO_IMAGE
from pkg.shell.errors import BadInput, CommandMissing, Interrupted
from pkg.shell.workspace import Workspace
from tests.unit.fly import shapes
from tests.unit.fly.world import HEAD, World, record

CONFIGS = ("", "core")


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    (made.ws.root / "core/fly.toml").write_text('app = "demo-core"\n[http_service]\ninternal_port = 8080\n')
    return made


def runs(world: World, app: str, *tags: str, **more: Any) -> None:
    machines = [shapes.machine(f"m{number}", tag=tag, **more) for number, tag in enumerate(tags)]
    world.runner.answer(*argv.machine_list(app), json=machines, times=None)


class Deploys:
    """Takes deploys and answers them with verdicts."""

    def __init__(self, *verdicts: Verdict | None) -> None:
        self.verdicts = list(verdicts)
        self.apps: list[str] = []

    def __call__(self, manifest: Manifest) -> Outcome | None:
        self.apps.append(manifest.app)
        verdict = self.verdicts.pop(0)
        return Outcome(verdict, manifest.app, "image") if verdict else None


def promote(world: World, deploys: Deploys) -> int:
    return promotion.promote(world.ws, world.flyctl, CONFIGS, deploys)


def test_each_app_gets_it_in_order(world: World) -> None:
    runs(world, "demo", "v1")
    runs(world, "demo-core", "v1")
    deploys = Deploys(Verdict.HEALTHY, Verdict.HEALTHY)
    assert promote(world, deploys) == 0
    assert deploys.apps == ["demo", "demo-core"]


@pytest.mark.parametrize(
    "verdict",
    [verdict for verdict in Verdict if verdict is not Verdict.HEALTHY],
)
def test_it_stops_at_the_first_verdict_that_is_not_healthy(verdict: Verdict, world: World) -> None:
    runs(world, "demo", "v1")
    deploys = Deploys(verdict)
    assert promote(world, deploys) == Outcome(verdict, "", "").exit_code != 0
    assert deploys.apps == ["demo"]
    assert f"stopped at demo: {verdict}; not deployed: demo-core" in world.console.stderr


def test_an_app_that_has_it_and_is_healthy_is_left_alone(world: World) -> None:
    runs(world, "demo", "v2", "v2")
    runs(world, "demo-core", "v2", "v1")
    deploys = Deploys(Verdict.HEALTHY)
    assert promote(world, deploys) == 0
    assert deploys.apps == ["demo-core"]
    assert "demo runs demo:v2 already, and is healthy: left alone" in world.console.stderr


def test_an_app_that_has_it_and_is_not_healthy_gets_it_again(world: World) -> None:
    runs(world, "demo", "v2", checks=["critical"])
    runs(world, "demo-core", "v2")
    deploys = Deploys(Verdict.HEALTHY)
    assert promote(world, deploys) == 0
    assert deploys.apps == ["demo"]


def test_a_dry_run_goes_through_all_of_them(world: World) -> None:
    runs(world, "demo", "v1")
    runs(world, "demo-core", "v1")
    deploys = Deploys(None, None)
    assert promote(world, deploys) == 0
    assert deploys.apps == ["demo", "demo-core"]


def test_without_a_record_nothing_is_promoted(world: World) -> None:
    (world.ws.root / "core/image.toml").unlink()
    with pytest.raises(BadInput, match=r"core\.publish"):
        promote(world, Deploys())


def since(world: World, answer: str, code: int = 0) -> None:
    world.runner.answer(*git.commits_since(HEAD, "core", IN_NO_IMAGE), stdout=answer, code=code)


def test_the_report_tells_registry_commits_and_apps_apart(world: World, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v2/demo/manifests/sha256:" + "2" * 64, method="HEAD").respond_with_data()
    ref = f"127.0.0.1:{httpserver.port}/demo:v2@{shapes.DIGEST['v2']}"
    (world.ws.root / "core/image.toml").write_text(record(ref, dirty=True))
    since(world, "2\n")
    runs(world, "demo", "v2", "v1")
    world.runner.answer(*argv.machine_list("demo-core"), code=1, stderr="Error: unauthorized")

    found = report.gather(world.ws, lambda _: world.flyctl)

    assert (found.in_registry, found.commits_since, found.differs, found.trouble) == (True, 2, True, True)
    report.show(world.console, found)
    for words in (
        "the registry has it",
        "2 newer commits",
        "a dirty tree at cccc",
        "another image",
        "not known: ",
    ):
        assert words in world.console.stdout


def test_an_image_of_no_commit_is_compared_with_none(world: World) -> None:
    ref = f"registry.fly.io/demo:first@{shapes.DIGEST['v2']}"
    (world.ws.root / "core/image.toml").write_text(record(ref) + 'ko = "simulated"\n')
    world.runner.answer(*argv.build_only("demo", "fly.toml", ref))
    runs(world, "demo", "v2")
    runs(world, "demo-core", "v2")
    found = report.gather(replace(world.ws, sandbox=True), lambda _: world.flyctl)
    assert found.commits_since is None
    report.show(world.console, found)
    assert "simulated: of no commit" in world.console.stdout
    assert "not in this checkout" not in world.console.stdout


def test_a_registry_that_cannot_be_asked_is_no_lost_image(world: World) -> None:
    (world.ws.root / "core/image.toml").write_text(record(f"127.0.0.1:1/demo:v2@{shapes.DIGEST['v2']}"))
    since(world, "", code=128)
    runs(world, "demo", "v2")
    runs(world, "demo-core")
    found = report.gather(world.ws, lambda _: world.flyctl)
    assert (found.in_registry, found.commits_since, found.differs) == (None, None, False)
    assert "could not be asked" in found.registry_trouble
    report.show(world.console, found)
    for words in ("is not known:", "its commit is not in this checkout", "it has no machine yet"):
        assert words in world.console.stdout


def test_a_failure_that_says_nothing_of_the_image_leaves_it_unknown_on_the_simulation(world: World) -> None:
    ws = replace(world.ws, sandbox=True)
    look = argv.build_only("demo", "fly.toml", record().split('"')[3])
    world.runner.answer(*look, code=1, stderr="Error: app is suspended")
    since(world, "0")
    runs(world, "demo", "v2")
    runs(world, "demo-core", "v2")
    found = report.gather(ws, lambda _: world.flyctl)
    assert found.in_registry is None
    assert found.simulated


def test_nothing_published_is_said_so(world: World) -> None:
    (world.ws.root / "core/image.toml").unlink()
    runs(world, "demo", "v1")
    runs(world, "demo-core", "v1")
    found = report.gather(world.ws, lambda _: world.flyctl)
    assert (found.differs, found.trouble) == (False, False)
    report.show(world.console, found)
    assert "nothing was published yet: `inv core.publish`" in world.console.stdout


def test_without_flyctl_the_record_and_the_registry_are_told_all_the_same(
    world: World, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/v2/demo/manifests/sha256:" + "2" * 64, method="HEAD").respond_with_data()
    ref = f"127.0.0.1:{httpserver.port}/demo:v2@{shapes.DIGEST['v2']}"
    (world.ws.root / "core/image.toml").write_text(record(ref))
    since(world, "0")

    def missing(_: Workspace) -> Flyctl:
        raise CommandMissing("flyctl was not found on PATH", fix="./dev inv tools.install-flyctl")

    found = report.gather(world.ws, missing)
    assert (found.in_registry, found.commits_since, found.trouble) == (True, 0, True)
    assert [each.trouble for each in found.apps] == ["flyctl was not found on PATH"] * 2
    assert world.console.stderr.count("tools.install-flyctl") == 1
    report.show(world.console, found)
    assert "the registry has it" in world.console.stdout


def test_an_interrupted_question_is_no_answer(world: World) -> None:
    def interrupted(_: Workspace) -> Flyctl:
        raise Interrupted("interrupted")

    with pytest.raises(Interrupted):
        report.gather(world.ws, interrupted)
