"""A plan knows everything beforehand, and each refusal says what, why and what to do."""

from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv, plan
from pkg.fly.image import parse, read_record
from pkg.fly.refusals import CHECKS, forced
from pkg.shell.errors import BadInput, Failure, Interrupted, Refused
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, HEAD, MANIFEST, V1, V2, World, record


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def made(world: World, *, image: str = "", force: list[str] | None = None) -> plan.Plan:
    return plan.make(world.ws, world.flyctl, world.manifest, app=APP, image=image, forced=forced(force or []))


def names(found: plan.Plan) -> list[str]:
    return [refusal.name for refusal in found.refusals]


def test_a_good_plan_has_nothing_against_it_and_changes_nothing(world: World) -> None:
    world.fly([shapes.machine("m1"), shapes.machine("m2")])
    found = made(world)
    found.require()
    assert found.refusals == []
    assert [str(change) for change in found.changes] == ["- 2 machines go from demo:v1 to demo:v2: m1, m2"]
    assert not any(call.changes for call in world.runner.calls)
    assert len(world.runner.calls) == 8


def refusing(world: World, name: str, says: str, *, image: str = "") -> None:
    found = made(world, image=image)
    assert names(found) == [name]
    with pytest.raises(Refused) as caught:
        found.require()
    text = str(caught.value)
    assert caught.value.exit_code == 3
    assert f"[{name}]" in text
    assert says in text
    assert f"--force {name}=REASON" in text
    made(world, image=image, force=[f"{name}=because"]).require()


def test_an_interrupt_while_it_is_gathered_ends_it_all(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer(*argv.status(APP), raises=Interrupted("interrupted"))
    world.fly([])
    with pytest.raises(Interrupted):
        plan.make(world.ws, world.flyctl, world.manifest, app=APP, forced={})


def test_another_flyctl_is_refused(world: World) -> None:
    world.fly([shapes.machine()])
    world.write("pkg/tools/pins.toml", '[flyctl]\nversion = "0.5.0"\n')
    refusing(world, "flyctl", "made for 0.5.0")


def test_a_personal_token_in_ci_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path, env={"CI": "true", "FLY_API_TOKEN": "fo1_" + "x" * 30})
    world.fly([shapes.machine()])
    refusing(world, "token", "person's own token")


def test_a_personal_token_at_home_and_a_scoped_one_in_ci_are_fine(tmp_path: Path) -> None:
    for number, env in enumerate(({"FLY_API_TOKEN": "fo1_x"}, {"CI": "1", "FLY_API_TOKEN": "FlyV1 fm2_abc"})):
        world = World(tmp_path / str(number), env=env)
        world.fly([shapes.machine()])
        assert names(made(world)) == []


def test_a_manifest_that_flyctl_refuses_is_refused(world: World) -> None:
    world.fly([shapes.machine()], valid=False)
    refusing(world, "manifest", "not valid")


def test_a_manifest_with_a_grave_finding_is_refused_with_its_line(world: World) -> None:
    world.write("fly.toml", MANIFEST.replace("rolling", "immediate"))
    world.fly([shapes.machine()])
    refusing(world, "manifest", "fly.toml:4")


def test_an_unmirrored_manifest_is_refused(world: World) -> None:
    world.write("core/fly.toml", MANIFEST.replace('"syd"', '"iad"'))
    world.fly([shapes.machine()])
    refusing(world, "manifest", "primary_region is 'iad'")


def test_no_health_check_is_refused(world: World) -> None:
    world.write("fly.toml", MANIFEST.split("[[")[0])
    world.fly([shapes.machine()])
    refusing(world, "checks", "no health check")


def test_a_missing_image_is_refused(world: World) -> None:
    world.fly([shapes.machine()], found=False)
    with pytest.raises(Refused, match="does not exist") as caught:
        made(world).require()
    assert "--force" not in str(caught.value)


def test_an_image_that_ko_did_not_publish_last_is_refused(world: World) -> None:
    world.fly([shapes.machine()], image=V1)
    refusing(world, "published", "is not what ko published last", image=V1)


def test_nothing_published_is_refused(world: World) -> None:
    (world.ws.root / "core/image.toml").unlink()
    world.fly([shapes.machine()])
    refusing(world, "published", "nothing is recorded", image=V2)


MOUNTED = MANIFEST + '[[mounts]]\nsource = "data"\ndestination = "/data"\n'


def mounted(name: str = "m1", **more: Any) -> dict[str, Any]:
    return shapes.machine(
        name, config={"mounts": [{"path": "/data", "volume": "vol_1", "name": "data"}]}, **more
    )


def test_a_volume_in_another_region_is_refused(world: World) -> None:
    world.write("fly.toml", MOUNTED)
    world.fly([mounted()], volumes=[shapes.volume(region="iad", attached="m1")])
    refusing(world, "volumes", "is in iad")


def test_too_few_volumes_are_refused(world: World) -> None:
    world.write("fly.toml", MOUNTED)
    world.fly([shapes.machine("m1"), shapes.machine("m2")], volumes=[shapes.volume()])
    refusing(world, "volumes", "2 machines need a volume data, 1 are free")


def test_a_first_deploy_makes_its_volumes_itself(world: World) -> None:
    world.write("fly.toml", MOUNTED)
    world.fly([])
    assert names(made(world)) == []


def test_a_missing_secret_is_refused(world: World) -> None:
    world.write("fly.toml", MANIFEST + '[[files]]\nguest_path = "/k"\nsecret_name = "KEY"\n')
    world.fly([shapes.machine()])
    refusing(world, "secrets", "KEY")


def test_a_lease_is_refused_with_its_owner(world: World) -> None:
    until = world.clock.now().timestamp() + 20
    lease = {
        "status": "success",
        "data": {"nonce": "n", "owner": "eve@example.com", "expires_at": int(until)},
    }
    world.fly([shapes.machine()], leases={"m1": lease})
    refusing(world, "running", "eve@example.com until 12:00:20")


def test_a_lease_that_has_ended_is_none(world: World) -> None:
    lease = {"status": "success", "data": {"nonce": "n", "owner": "eve@example.com", "expires_at": 1}}
    world.fly([shapes.machine()], leases={"m1": lease})
    assert names(made(world)) == []


def test_a_group_that_is_gone_from_the_manifest_is_refused(world: World) -> None:
    world.fly([shapes.machine("m1"), shapes.machine("w1", group="worker", expected=0)])
    refusing(world, "destroys", "group worker is not in the manifest any more: machine w1 is destroyed")


def test_a_mount_that_is_gone_from_the_manifest_is_refused(world: World) -> None:
    world.fly([mounted()])
    refusing(world, "destroys", "loses its volume data")


def test_all_refusals_are_told_at_once(world: World) -> None:
    world.write("fly.toml", MANIFEST.split("[[")[0])
    world.fly([mounted()], found=False)
    with pytest.raises(Refused) as caught:
        made(world).require()
    for name in ("checks", "image", "destroys"):
        assert f"[{name}]" in str(caught.value)


def test_every_check_has_a_name_that_force_takes() -> None:
    assert forced([f"{name}=x" for name in CHECKS]) == dict.fromkeys(CHECKS, "x")


@pytest.mark.parametrize("option", ["nosuch=x", "image", "image=", "image= "])
def test_a_force_without_a_check_or_a_reason_is_bad_input(option: str) -> None:
    with pytest.raises(BadInput, match="CHECK=REASON"):
        forced([option])


@pytest.mark.parametrize("error", ["injected 401", "injected 503", "Could not find App"])
def test_without_a_status_there_is_no_plan(world: World, error: str) -> None:
    world.runner.answer(*argv.status(APP), code=1, stderr=f"Error: {error}", times=None)
    world.fly([shapes.machine()])
    with pytest.raises(Failure, match=error.rsplit(maxsplit=1)[-1]):
        made(world)


def test_an_image_that_could_not_be_looked_for_is_no_missing_image(world: World) -> None:
    world.runner.answer(
        *argv.build_only(APP, "fly.toml", V2), code=1, stderr="Error: injected 500", times=None
    )
    world.fly([shapes.machine()])
    with pytest.raises(Failure, match="injected 500"):
        made(world)


def test_what_is_nice_to_know_may_be_missing_and_is_named(world: World) -> None:
    world.runner.answer(*argv.certs_list(APP), code=1, stderr="Error: injected 403", times=None)
    world.runner.answer(*argv.machine_leases(APP, ["m1"]), code=70, stderr="Error: not simulated", times=None)
    world.fly([shapes.machine()])
    found = made(world)
    found.require()
    assert any("certificates" in note and "injected 403" in note for note in found.notes)
    assert any("leases" in note for note in found.notes)


def test_volumes_must_be_known_where_the_manifest_mounts_some(world: World) -> None:
    world.write("fly.toml", MOUNTED)
    world.runner.answer(*argv.volumes_list(APP), code=1, stderr="Error: injected 500", times=None)
    world.fly([mounted()])
    with pytest.raises(Failure, match="injected 500"):
        made(world)


def test_a_release_that_says_it_is_running_is_only_noted(world: World) -> None:
    world.fly([shapes.machine()], releases=[shapes.release(2, "v2", "running"), shapes.release(1, "v1")])
    found = made(world)
    found.require()
    assert any("v2 says it is running" in note for note in found.notes)


def test_an_image_of_uncommitted_changes_is_noted(world: World) -> None:
    world.write("core/image.toml", record(dirty=True))
    world.fly([shapes.machine()])
    assert any("uncommitted" in note for note in made(world).notes)


def test_the_image_is_what_was_published_unless_one_is_given(world: World) -> None:
    published = read_record(world.ws.root, world.ws.state)
    choose = plan.choose_image
    assert str(choose(world.manifest, published).image) == V2
    assert str(choose(world.manifest, published, V1).image) == V1


def test_a_tag_is_pinned_by_the_record_and_by_nothing_else(world: World) -> None:
    published = read_record(world.ws.root, world.ws.state)
    found = plan.choose_image(world.manifest, published, "registry.fly.io/demo:v2")
    assert (str(found.image), "digest of core/image.toml" in found.source) == (V2, True)
    other = plan.choose_image(world.manifest, published, "registry.fly.io/demo:v9")
    assert not other.image.pinned


def test_a_manifest_may_name_its_image(world: World) -> None:
    world.write("fly.toml", MANIFEST + f'[build]\nimage = "{V1}"\n')
    world.fly([shapes.machine()], image=V1)
    found = made(world)
    assert (str(found.target.image), names(found)) == (V1, [])


def test_no_image_at_all_is_bad_input(world: World) -> None:
    with pytest.raises(BadInput, match="no image to deploy"):
        plan.choose_image(world.manifest, None)


def test_the_record_of_ko_is_never_deployed_where_flyctl_builds(world: World) -> None:
    world.write("fly.toml", MANIFEST + '[build]\ndockerfile = "Dockerfile"\n')
    published = read_record(world.ws.root, world.ws.state)
    with pytest.raises(BadInput, match="built by flyctl"):
        plan.choose_image(world.manifest, published)
    given = plan.choose_image(world.manifest, published, "registry.fly.io/demo:mine")
    assert given.image == parse("registry.fly.io/demo:mine")


def test_an_image_that_a_deploy_would_build_is_planned_and_said_to_be_built(world: World) -> None:
    world.write("fly.toml", MANIFEST + '[build]\ndockerfile = "Dockerfile"\n')
    image = f"registry.fly.io/demo:{HEAD[:12]}-20261124T120000"
    world.runner.answer("git", "status", "--porcelain", "--", ".", times=None)
    world.fly([shapes.machine()], image=image, found=False)
    found = made(world)
    found.require()
    assert (str(found.target.image), found.target.to_build, names(found)) == (image, True, [])
    assert "fly.toml: a deploy builds it first" in found.target.source


def test_who_gave_the_image_is_said(world: World) -> None:
    choose = plan.choose_image
    assert choose(world.manifest, None, V1).source == "--image"
    assert choose(world.manifest, None, V1, source="built").source == "built"
    published = read_record(world.ws.root, world.ws.state)
    assert choose(world.manifest, published, recorded="x.toml").source == "x.toml: what ko published last"
