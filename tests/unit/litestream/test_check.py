"""Which databases are checked where, and what a deploy is told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pkg.fly import argv as fly
from pkg.fly import manifest as manifests
from pkg.fly.manifest import Manifest
from pkg.litestream import argv, check, simulated
from pkg.litestream.deployed import problem
from pkg.litestream.failures import Unproven
from pkg.litestream.place import Here, OnMachine
from pkg.shell.errors import BadInput, CommandFailed, CommandMissing
from tests.fakes import FakeRunner
from tests.unit.fly.world import World

TOML = 'app = "demo"\n[env]\nDATABASE = "/data/a.db"\n[[mounts]]\nsource = "a_data"\ndestination = "/data"\n'
YML = "socket: {enabled: true, path: /s.sock}\ndbs: [{path: $DATABASE, replica: {url: $REPLICA_URL}}]\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def manifest(world: World) -> Manifest:
    folder = world.ws.root / "processcompose/a"
    folder.mkdir(parents=True)
    (folder / "litestream.yml").write_text(YML)
    return manifests.parse(TOML, folder / "fly.toml")


def started_here(world: World) -> dict[str, str]:
    """Leave what `inv tenants.up a` leaves; return the tenant's variables."""
    env = {"DATABASE": "/home/a.db", "REPLICA_URL": "file:///home/replica"}
    folder = world.ws.root / ".fly/tenants/a"
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text(json.dumps(env))
    return env


def answers(runner: FakeRunner, env: str = "") -> None:
    """Announce what the programs here answer to the proof that writes the simulation's sentinel."""
    config = env
    runner.answer(*argv.version(), stdout="0.5.18")
    runner.answer(*argv.listed("/s.sock"), stdout='{"databases": []}')
    runner.answer(*argv.write("/home/a.db", simulated.SENTINEL))
    runner.answer(*argv.sync("/home/a.db", "/s.sock", 120), stdout='{"txid": 7, "replica_txid": 7}')
    runner.answer(*argv.scratch(), stdout="/tmp/x\n")
    restored = '{"txid": "7", "integrity_check": "full"}'
    runner.answer(*argv.restore("/home/a.db", config, "/tmp/x/copy.db"), stdout=restored)
    runner.answer(*argv.read("/tmp/x/copy.db", sentinel=True), stdout=f"8192\n{simulated.SENTINEL}\n")
    runner.answer(*argv.remove("/tmp/x"))


def test_a_tenant_that_runs_here_is_checked_with_the_variables_it_runs_with(
    world: World, manifest: Manifest
) -> None:
    env = started_here(world)
    answers(world.runner, str(manifest.path.parent / "litestream.yml"))
    (proof,) = check.here(replace(world.ws, sandbox=True), manifest)
    assert (proof.database, proof.where, proof.size) == ("/home/a.db", "here", 8192)
    assert {tuple(call.env.items()) for call in world.runner.calls} == {tuple(env.items())}
    world.runner.assert_all_used()


def test_what_fails_here_says_what_to_do_here(world: World, manifest: Manifest) -> None:
    started_here(world)
    world.runner.answer(*argv.version(), stdout="0.5.18")
    world.runner.answer(*argv.listed("/s.sock"), code=1, stderr="failed to connect to control socket")
    with pytest.raises(Unproven) as caught:
        check.here(world.ws, manifest)
    assert "tenants.up" in caught.value.fix
    assert "fly.logs" not in str(caught.value)


@pytest.mark.parametrize(
    ("read_only", "dry", "says"),
    [(False, False, "writing a row"), (True, False, "comparing positions"), (False, True, "")],
)
def test_what_is_being_done_is_told_as_it_is(
    read_only: bool, dry: bool, says: str, world: World, manifest: Manifest
) -> None:
    started_here(world)
    world.runner.answer(*argv.version(), code=1)
    with pytest.raises(Unproven):
        check.here(replace(world.ws, dry=dry), manifest, read_only=read_only)
    told = [words for words in ("writing a row", "comparing positions") if words in world.console.stderr]
    assert told == [says] * bool(says)


@pytest.mark.parametrize("text", [None, "no json", "[]"])
def test_a_tenant_that_does_not_run_here_says_how_to_start_it(
    text: str | None, world: World, manifest: Manifest
) -> None:
    if text is not None:
        folder = world.ws.root / ".fly/tenants/a"
        folder.mkdir(parents=True)
        (folder / "environment.json").write_text(text)
    with pytest.raises(BadInput, match=r"tenants\.up a"):
        check.here(world.ws, manifest)


def test_a_manifest_without_litestream_is_bad_input_and_no_problem_of_a_deploy(
    world: World, manifest: Manifest
) -> None:
    (manifest.path.parent / "litestream.yml").unlink()
    with pytest.raises(BadInput, match="name a tenant"):
        check.on_machines(world.ws, "demo", manifest)
    assert problem(world.ws, "demo", manifest) == ""
    assert world.runner.calls == []


def test_what_is_replicated_off_the_volume_is_bad_input_and_no_problem_of_a_deploy(
    world: World, manifest: Manifest
) -> None:
    elsewhere = manifests.parse(TOML.replace('"/data/a.db"', '"/var/a.db"'), manifest.path)
    with pytest.raises(BadInput, match="nothing that lies on a volume"):
        check.on_machines(world.ws, "demo", elsewhere)
    assert problem(world.ws, "demo", elsewhere) == ""


def test_a_litestream_yml_that_cannot_be_read_is_a_problem_of_the_deploy(
    world: World, manifest: Manifest
) -> None:
    (manifest.path.parent / "litestream.yml").write_text(YML.replace("true", "false"))
    assert "has no control socket" in problem(world.ws, "demo", manifest)


def test_a_program_that_is_missing_here_is_not_looked_for_in_an_image(world: World) -> None:
    missing = CommandMissing("litestream was not found on PATH", fix="./dev inv tools.install")
    world.runner.answer("litestream", "version", raises=missing)
    with pytest.raises(CommandMissing, match=r"tools\.install"):
        Here(world.runner, {}).run(argv.version())


def test_a_machine_gets_its_command_as_one_text_that_a_shell_splits_the_same(world: World) -> None:
    command = ["sqlite3", "-cmd", ".timeout 5000", "/data/it's.db", "select 1;"]
    text = "sqlite3 -cmd '.timeout 5000' '/data/it'\"'\"'s.db' 'select 1;'"
    world.runner.answer(
        *fly.machine_exec("demo", "m1", text, timeout=9), json={"exit_code": 3, "stderr": "no"}
    )
    answer = OnMachine(world.flyctl, "demo", "m1").run(command, timeout=9)
    assert (answer.argv, answer.code, answer.stdout, answer.stderr) == (tuple(command), 3, "", "no")


def test_a_simulated_machine_is_taught_once(world: World) -> None:
    place = Here(world.runner, {})
    world.runner.answer("litestream", "version", stdout="0.5.18")
    simulated.teach(world.ws, place)
    assert len(world.runner.calls) == 1


def test_a_simulation_that_cannot_be_taught_is_said_so(world: World) -> None:
    place = Here(world.runner, {})
    world.runner.answer("litestream", "version", stdout="ok\n")
    told = json.dumps({"exec": simulated._ANSWERS})
    world.runner.answer("flysim", "control", told, code=1)
    with pytest.raises(CommandFailed, match=r"sandbox\.reset"):
        simulated.teach(world.ws, place)
