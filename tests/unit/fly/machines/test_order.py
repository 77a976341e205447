"""What `machines.run` and `.clone` are asked for."""

from pathlib import Path

import pytest

from pkg.fly.machines.birth import free_volume
from pkg.fly.machines.copying import Source, source
from pkg.fly.machines.order import Order, order
from pkg.fly.models import Volume
from pkg.shell.errors import BadInput
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, V1, V2, World

TWO_GROUPS = '[processes]\nweb = ""\nworker = "work"\n'


def ordered(world: World, what: str, **wanted: str) -> Order:
    return order(world.ws, what, **{"app": "", "region": "", "group": "", "image": "", **wanted})


def test_a_manifest_gives_app_region_group_and_what_ko_published(tmp_path: Path) -> None:
    found = ordered(World(tmp_path), "fly.toml")
    assert (found.app, found.region, found.group, found.image) == (APP, "syd", "app", V2)


def test_what_is_asked_for_wins(tmp_path: Path) -> None:
    found = ordered(World(tmp_path), "fly.toml", app="other", region="iad", image=V1)
    assert (found.app, found.region, found.image) == ("other", "iad", V1)


def test_the_manifests_own_image_comes_before_what_was_published(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("t/fly.toml", 'app = "demo"\n[build]\nimage = "registry.fly.io/demo:v3"\n')
    assert ordered(world, "t").image == "registry.fly.io/demo:v3"


def test_an_image_alone_is_a_machine_that_no_deploy_knows(tmp_path: Path) -> None:
    found = ordered(World(tmp_path), V1)
    assert (found.app, found.region, found.group) == (APP, "syd", "")
    assert "made by hand" in found.notes[0]


def test_one_of_several_groups_must_be_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("t/fly.toml", f'app = "demo"\n{TWO_GROUPS}')
    with pytest.raises(BadInput, match="2 process groups"):
        ordered(world, "t")
    assert ordered(world, "t", group="worker").group == "worker"


def test_an_image_that_a_deploy_builds_must_be_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("t/fly.toml", 'app = "demo"\n[build]\ndockerfile = "Dockerfile"\n')
    with pytest.raises(BadInput, match="built by a deploy"):
        ordered(world, "t")


def test_without_a_published_image_it_says_how_to_publish(tmp_path: Path) -> None:
    world = World(tmp_path)
    (world.ws.root / "core/image.toml").unlink()
    with pytest.raises(BadInput, match="no image was published yet"):
        ordered(world, "fly.toml")


def test_what_only_a_deploy_does_is_noted(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("t/fly.toml", 'app = "demo"\n[deploy]\nrelease_command = "migrate"\n')
    assert "deploy.release_command" in ordered(world, "t").notes[0]


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("nosuch.toml", {}),
        ("./nosuch", {}),
        ("nosuch/", {}),
        ("", {}),
        ("two words", {}),
        ("UPPER:case", {}),
        ("fly.toml", {"group": "nosuch"}),
        ("fly.toml", {"image": "nothing"}),
        (V1, {"group": "app"}),
        (V1, {"image": V2}),
    ],
)
def test_what_is_neither_is_refused(tmp_path: Path, what: str, wanted: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        ordered(World(tmp_path), what, **wanted)


def test_the_filling_of_a_new_volume() -> None:
    assert source(fork=False, snapshot="", volume="").kind is Source.EMPTY
    assert source(fork=True, snapshot="", volume="").kind is Source.FORK
    assert source(fork=False, snapshot="vs_1", volume="").words == "snapshot vs_1"
    assert source(fork=False, snapshot="", volume="vol_1").kind is Source.GIVEN


@pytest.mark.parametrize(
    ("fork", "snapshot", "volume"),
    [
        (True, "vs_1", ""),
        (True, "", "vol_1"),
        (False, "vs_1", "vol_1"),
        (False, "1", ""),
        (False, "", "data"),
    ],
)
def test_two_fillings_or_a_wrong_id_are_refused(fork: bool, snapshot: str, volume: str) -> None:
    with pytest.raises(BadInput):
        source(fork=fork, snapshot=snapshot, volume=volume)


def test_a_free_volume_is_the_oldest_of_its_name_in_its_region() -> None:
    import msgspec

    volumes = msgspec.convert(
        [
            shapes.volume("vol_new") | {"created_at": "2026-11-24T09:00:00Z"},
            shapes.volume("vol_old"),
            shapes.volume("vol_used", attached="m1"),
            shapes.volume("vol_far", region="iad"),
            shapes.volume("vol_other", name="other"),
            shapes.volume("vol_going") | {"state": "pending_destroy", "created_at": "2026-01-01T00:00:00Z"},
        ],
        list[Volume],
    )
    found = free_volume(volumes, "data", "syd")
    assert found is not None
    assert found.id == "vol_old"
    assert free_volume(volumes, "data", "syd", taken=frozenset({"vol_old", "vol_new"})) is None
