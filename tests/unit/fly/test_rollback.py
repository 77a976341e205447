"""The way back leads to what was verified, with the manifest that it ran with."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pkg.fly import plan, rollback
from pkg.fly.facts import Facts
from pkg.fly.image import parse
from pkg.fly.journal import STARTED, VERDICT, Entry
from pkg.fly.models import Release
from pkg.shell.errors import BadInput
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, HEAD, MANIFEST, V1, V2, World, sha

V3 = f"registry.fly.io/demo:v3@{shapes.DIGEST['v3']}"
OLD = MANIFEST.replace("8080", "9090")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def facts(
    world: World, machines: list[dict[str, Any]], journal: list[Entry] | None = None, **more: Any
) -> Facts:
    world.fly(machines, **more)
    found = plan.make(world.ws, world.flyctl, world.manifest, app=APP, forced={}).facts
    return msgspec.structs.replace(found, journal=journal or [])


def verdict(image: str, *, manifest: str = MANIFEST, commit: str = HEAD, app: str = APP) -> Entry:
    return Entry(
        at="2026-11-23T10:00:00Z",
        kind=VERDICT,
        app=app,
        verified=image,
        manifest_sha=sha(manifest),
        commit=commit,
    )


def test_what_ran_healthy_when_it_began_comes_first(world: World) -> None:
    back = rollback.target(facts(world, [shapes.machine()], [verdict(V3)]), parse(V2))
    assert back is not None
    assert (str(back.image), back.verified) == (V1, True)


def test_then_the_journal_is_asked(world: World) -> None:
    mixed = [shapes.machine("m1"), shapes.machine("m2", tag="v2", checks=["critical"])]
    back = rollback.target(facts(world, mixed, [verdict(V1), verdict(V3), verdict(V2)]), parse(V2))
    assert back is not None
    assert (str(back.image), back.verified) == (V3, True)


def test_what_ran_healthy_before_a_killed_deploy_is_known(world: World) -> None:
    started = Entry(kind=STARTED, app=APP, image=V2, previous=V1, at="2026-11-23T10:00:00Z")
    mixed = [shapes.machine("m1"), shapes.machine("m2", tag="v2")]
    back = rollback.target(facts(world, mixed, [started]), parse(V2))
    assert back is not None
    assert str(back.image) == V1


def worse(image: str, previous: str) -> list[Entry]:
    """A deploy whose checks passed, and that answered worse."""
    at = "2026-11-24T11:00:00Z"
    ended = Entry(
        at=at,
        kind=VERDICT,
        app=APP,
        id="w",
        image=image,
        verified=image,
        verdict="healthy",
        worse=["more 5xx"],
    )
    return [Entry(at=at, kind=STARTED, app=APP, id="w", image=image, previous=previous), ended]


def test_what_answered_worse_is_passed_over_for_an_older_verified_one_and_that_is_said(world: World) -> None:
    for machines in ([shapes.machine()], [shapes.machine("m1"), shapes.machine("m2", checks=["critical"])]):
        journal = [verdict(V3), *worse(V1, previous=V3)]
        back = rollback.target(facts(world, machines, journal), parse(V2))
        assert back is not None
        assert (str(back.image), back.verified) == (V3, True)
        assert back.passed == "demo:v1 is passed over: it answered worse on 2026-11-24 11:00: more 5xx"


def test_what_answered_worse_is_still_better_than_what_nobody_has_verified(world: World) -> None:
    journal = worse(V1, previous="")
    back = rollback.target(facts(world, [shapes.machine()], journal), parse(V2))
    assert back is not None
    assert (str(back.image), back.verified) == (V1, True)
    assert back.passed == "there is none better: it answered worse on 2026-11-24 11:00: more 5xx"


def test_a_release_that_was_undone_is_no_way_back_though_fly_calls_it_complete(world: World) -> None:
    sick = [shapes.machine(tag="v2", checks=["critical"])]
    undone = Entry(at="2026-11-24T11:00:00Z", kind=VERDICT, app=APP, id="u", image=V3, verdict="rolled-back")
    journal = [Entry(at=undone.at, kind=STARTED, app=APP, id="u", image=V3), undone]
    releases = [shapes.release(4, "v2"), shapes.release(3, "v3"), shapes.release(2, "v1")]
    back = rollback.target(facts(world, sick, journal, releases=releases), parse(V2))
    assert back is not None
    assert str(back.image) == "registry.fly.io/demo:v1"


def test_another_apps_proof_is_none(world: World) -> None:
    sick = [shapes.machine(tag="v2", checks=["critical"])]
    releases = [shapes.release(2, "v2", "failed")]
    assert (
        rollback.target(facts(world, sick, [verdict(V3, app="other")], releases=releases), parse(V2)) is None
    )


def test_last_come_releases_that_fly_calls_done_and_that_is_said(world: World) -> None:
    sick = [shapes.machine(tag="v2", checks=["critical"])]
    releases = [
        shapes.release(4, "v2"),
        shapes.release(3, "bad", "failed"),
        shapes.release(2, "v3", "succeeded"),
    ]
    back = rollback.target(facts(world, sick, releases=releases), parse(V2))
    assert back is not None
    assert (str(back.image), back.verified) == ("registry.fly.io/demo:v3", False)
    assert "nobody has verified it" in back.why


def test_a_first_deploy_has_nothing_to_go_back_to(world: World) -> None:
    assert rollback.target(facts(world, [], releases=[shapes.release(1, "v2", "failed")]), parse(V2)) is None


def test_the_same_image_is_a_way_back_only_with_another_manifest(world: World) -> None:
    known = facts(world, [shapes.machine(tag="v2")], [verdict(V2)])
    assert rollback.target(known, parse(V2)) is None
    changed = msgspec.structs.replace(known, journal=[verdict(V2, manifest=OLD)])
    back = rollback.target(changed, parse(V2))
    assert back is not None
    assert str(back.image) == V2


def test_a_manifest_that_has_not_changed_is_taken_as_it_is(world: World) -> None:
    old = rollback.manifest_for(world.ws, facts(world, [shapes.machine()], [verdict(V1)]), parse(V1))
    assert (old.path, old.exact) == ("fly.toml", True)


def test_an_older_manifest_comes_from_its_commit(world: World) -> None:
    world.runner.answer("git", "show", "--end-of-options", f"{HEAD}:./fly.toml", stdout=OLD)
    known = facts(world, [shapes.machine()], [verdict(V1, manifest=OLD)])
    old = rollback.manifest_for(world.ws, known, parse(V1))
    assert old.exact
    assert (world.ws.root / old.path).read_text() == OLD
    assert old.path.startswith(".fly/manifests/demo/")
    assert HEAD[:12] in old.why


def test_what_was_not_committed_then_is_said_to_be_missing(world: World) -> None:
    world.runner.answer("git", "show", "--end-of-options", f"{HEAD}:./fly.toml", stdout=OLD)
    known = facts(world, [shapes.machine()], [verdict(V1, manifest="something else")])
    old = rollback.manifest_for(world.ws, known, parse(V1))
    assert not old.exact
    assert "not committed" in old.why


def test_without_a_journal_the_commit_that_recorded_the_image_is_taken(world: World) -> None:
    first = "d" * 40
    search = ("git", "log", "--format=%H", f"-S{shapes.DIGEST['v1']}", "--", "core/image.toml")
    world.runner.answer(*search, stdout=f"{'e' * 40}\n{first}\n")
    world.runner.answer("git", "show", "--end-of-options", f"{first}:./fly.toml", stdout=OLD)
    old = rollback.manifest_for(world.ws, facts(world, [shapes.machine()]), parse(V1))
    assert (world.ws.root / old.path).read_text() == OLD
    assert old.commit == first


@pytest.mark.parametrize("git", ["fails", "is missing"])
def test_without_git_the_manifest_is_taken_as_it_is_and_that_is_said(world: World, git: str) -> None:
    if git == "is missing":
        del world.runner.programs["git"]
    search = ("git", "log", "--format=%H", f"-S{shapes.DIGEST['v1']}", "--", "core/image.toml")
    world.runner.answer(*search, code=128, stderr="fatal: not a git repository", times=None)
    old = rollback.manifest_for(world.ws, facts(world, [shapes.machine()]), parse(V1))
    assert (old.path, old.exact) == ("fly.toml", False)
    assert "not known" in old.why


def test_an_older_manifest_that_cannot_be_written_is_said(world: World) -> None:
    world.runner.answer("git", "show", "--end-of-options", f"{HEAD}:./fly.toml", stdout=OLD)
    world.write(".fly/manifests", "a file")
    known = facts(world, [shapes.machine()], [verdict(V1, manifest=OLD)])
    old = rollback.manifest_for(world.ws, known, parse(V1))
    assert (old.path, old.exact) == ("fly.toml", False)
    assert "cannot be written" in old.why


def releases(*versions: int) -> list[Release]:
    return [msgspec.convert(shapes.release(version, f"v{version}"), Release) for version in versions]


@pytest.mark.parametrize("version", ["v2", "2", " v2 "])
def test_a_release_is_found_by_its_version(version: str) -> None:
    assert rollback.release_of(releases(3, 2, 1), version).version == 2


@pytest.mark.parametrize("version", ["v9", "x", "", "v"])
def test_an_unknown_release_names_those_that_are_known(version: str) -> None:
    with pytest.raises(BadInput) as caught:
        rollback.release_of(releases(3, 2), version)
    assert "v3, v2" in caught.value.meaning


def test_a_tag_gets_the_digest_that_it_had_when_it_ran() -> None:
    tag = parse("registry.fly.io/demo:v1")
    assert str(rollback.pinned_by([], [parse(V1)], tag)) == V1
    assert str(rollback.pinned_by([verdict(V1)], [], tag)) == V1
    assert rollback.pinned_by([verdict(V3)], [parse(V2)], tag) == tag
    assert str(rollback.pinned_by([], [], parse(V1))) == V1


def test_proof_is_the_newest_entry_that_says_so() -> None:
    entries = [verdict(V1), Entry(kind=STARTED, app=APP, previous=V1, at="later"), verdict(V2)]
    proof = rollback.proof_of(entries, APP, parse(V1))
    assert proof is not None
    assert proof.at == "later"
    assert rollback.proof_of(entries, APP, parse(V3)) is None
