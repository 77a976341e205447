"""What is wrong with an app, in order of harm."""

from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv
from pkg.fly.client import Flyctl
from pkg.fly.doctor import Ailment, examine_app
from pkg.fly.intent import FOLDER, intended
from pkg.fly.journal import STARTED, STEP, Entry, Journal
from tests.unit.fly import shapes
from tests.unit.fly.test_certificates import check
from tests.unit.fly.world import APP, V2, World

PENDING = {"hostname": "www.example.com", "status": "pending", "configured": False, "created_at": "x"}


def examined(
    tmp_path: Path,
    machines: list[dict[str, Any]],
    *,
    secrets: list[dict[str, str]] | None = None,
    certificates: bool = False,
    leases: dict[str, Any] | None = None,
    token: str = "",
    broken: bool = False,
    begun: bool = False,
) -> list[Ailment]:
    import msgspec

    world = World(tmp_path, env={"FLY_API_TOKEN": token} if token else {})
    if begun:
        at = "2026-11-24T10:00:00Z"
        journal = Journal.of(world.ws)
        journal.append(Entry(at=at, kind=STARTED, task="fly.deploy", app=APP, id="1", image=V2))
        journal.append(Entry(at=at, kind=STEP, id="1", step="deploy"))
    answer = world.runner.answer
    answer(*argv.auth_token(), code=1, stderr="Error: no access token available.", times=None)
    if broken:
        answer(*argv.machine_list(APP), code=1, stderr="Error: failed to list VMs: injected 401", times=None)
    else:
        answer(*argv.machine_list(APP), json=machines, times=None)
    ids = [machine["id"] for machine in machines]
    answer(*argv.machine_leases(APP, ids), json=leases or {}, times=None)
    answer(*argv.certs_list(APP), json=[PENDING] if certificates else [], times=None)
    stuck = msgspec.to_builtins(check("pending_validation", issued=False))
    answer(*argv.certs_check(APP, "www.example.com"), json=stuck, times=None)
    answer(*argv.volumes_list(APP), json=[], times=None)
    answer(*argv.secrets_list(APP), json=secrets or [], times=None)
    flyctl = Flyctl(world.runner, clock=world.clock, say=world.console.say, tries=1)
    return examine_app(world.ws, flyctl, APP, world.manifest)


def scoped() -> str:
    from tests.unit.fly.test_macaroon import WINDOW, macaroon

    return macaroon(WINDOW)


def test_nothing_is_wrong_with_a_healthy_app(tmp_path: Path) -> None:
    assert examined(tmp_path, [shapes.machine()], token=scoped()) == []


@pytest.mark.parametrize(
    ("machines", "word", "fix"),
    [
        ([shapes.machine(checks=["critical"])], "down", "inv fly.logs"),
        ([shapes.machine("a", checks=["critical"]), shapes.machine("b")], "danger", "inv fly.logs"),
        ([shapes.machine("a", tag="v1"), shapes.machine("b", tag="v2")], "danger", "inv fly.deploy -a demo"),
        ([shapes.machine("a", state="stopped"), shapes.machine("b")], "soon", "inv fly.machines.start a"),
        ([], "down", "inv fly.deploy -a demo"),
        ([shapes.machine("a"), shapes.machine("x", group="", expected=0)], "tidy", "fly.machines.destroy x"),
    ],
)
def test_machines(tmp_path: Path, machines: list[dict[str, Any]], word: str, fix: str) -> None:
    first = examined(tmp_path, machines, token=scoped())[0]
    assert first.word == word
    assert fix in first.fix


def test_a_bad_machine_with_another_image_than_its_siblings_is_offered_theirs(tmp_path: Path) -> None:
    bad = shapes.machine("a", tag="v2", checks=["critical"])
    first = examined(tmp_path / "differs", [bad, shapes.machine("b"), shapes.machine("c")], token=scoped())[0]
    theirs = f"registry.fly.io/demo:v1@{shapes.DIGEST['v1']}"
    assert "it runs demo:v2, and the others of its group demo:v1" in first.what
    assert first.fix == (
        f"`inv fly.logs -a {APP} --instance a -- --no-tail`, "
        f"then `inv fly.machines.update a --image {theirs} -a {APP}`"
    )
    for name, siblings in {
        "same": [shapes.machine("b", tag="v2")],
        "several": [shapes.machine("b", tag="v1"), shapes.machine("c", tag="v3")],
        "bad": [shapes.machine("b", tag="v1", checks=["critical"])],
        "elsewhere": [shapes.machine("b", tag="v1", group="worker")],
    }.items():
        found = examined(tmp_path / name, [bad, *siblings], token=scoped())
        [mend] = [one.fix for one in found if one.about == "a"]
        assert "fly.machines.restart a" in mend, name


def test_the_worst_is_first(tmp_path: Path) -> None:
    found = examined(
        tmp_path,
        [shapes.machine(checks=["critical"])],
        secrets=[{"name": "A", "digest": "d", "status": "Staged"}],
        certificates=True,
        leases={"m1": {"status": "success", "data": {"owner": "ann@desk", "expires_at": 1}}},
        token=scoped(),
    )
    assert [one.harm for one in found] == sorted((one.harm for one in found), reverse=True)
    assert found[0].word == "down"
    assert {"www.example.com", "A", "m1"} <= {one.about for one in found}


def test_a_missing_token_is_told(tmp_path: Path) -> None:
    assert any(one.about == "the token" for one in examined(tmp_path, [shapes.machine()]))


def test_what_cannot_be_looked_at_is_told_and_hides_nothing_else(tmp_path: Path) -> None:
    found = examined(
        tmp_path,
        [],
        secrets=[{"name": "A", "digest": "d", "status": "Staged"}],
        token=scoped(),
        broken=True,
    )
    assert any(one.about == "machines" and "not known" in one.what for one in found)
    assert any(one.about == "A" for one in found)


def test_a_deploy_without_an_end_is_told_even_where_the_machines_cannot_be_seen(tmp_path: Path) -> None:
    found = examined(tmp_path, [], token=scoped(), broken=True, begun=True)
    assert [one.fix for one in found if one.about == APP] == [f"`inv fly.deploy -a {APP}` finishes the job"]


def test_what_a_deploy_without_an_end_has_left_is_mended_by_its_own_next_step(tmp_path: Path) -> None:
    mixed = [shapes.machine("a", tag="v1"), shapes.machine("b", tag="v2")]
    (found,) = examined(tmp_path, mixed, token=scoped(), begun=True)
    assert (found.word, found.fix) == ("danger", f"`inv fly.deploy -a {APP}` finishes the job")


def test_a_run_that_was_cut_off_is_told_with_what_to_do(tmp_path: Path) -> None:
    state = tmp_path / "repo" / ".fly"
    with intended(state / FOLDER, task="fly.machines.clone", app=APP, what="m1", at="x", known=list):
        pass
    found = examined(tmp_path, [shapes.machine()], token=scoped())
    assert [one.about for one in found] == [APP]
    assert "fly.machines.clone" in found[0].what
    assert "give the same command again" in found[0].fix
    [note] = (state / FOLDER).glob("*.json")
    assert f"rm {note}" in found[0].fix
    note.write_bytes(b"{")
    [broken] = examined(tmp_path, [shapes.machine()], token=scoped())
    assert (broken.about, "cannot be read" in broken.what) == (note.name, True)
    assert f"rm {note}" in broken.fix
