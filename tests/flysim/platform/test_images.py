"""A reference is taken apart, has a digest, and behaves as it was told, or as its tag says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.flysim.platform import images
from tests.flysim.simulation import Simulation

SHA = f"sha256:{'ab' * 32}"
OTHER = f"sha256:{'cd' * 32}"


@pytest.mark.parametrize(
    ("reference", "registry", "repository", "tag", "digest"),
    [
        ("registry.fly.io/demo:v1", "registry.fly.io", "demo", "v1", None),
        (f"registry.fly.io/demo:v1@{SHA}", "registry.fly.io", "demo", "v1", SHA),
        (f"registry.fly.io/demo@{SHA}", "registry.fly.io", "demo", "", SHA),
        ("registry.fly.io/demo", "registry.fly.io", "demo", "latest", None),
        ("localhost:5000/team/demo:v1", "localhost:5000", "team/demo", "v1", None),
        ("nginx", "docker-hub-mirror.fly.io", "library/nginx", "latest", None),
        ("nginx:1.27", "docker-hub-mirror.fly.io", "library/nginx", "1.27", None),
        ("team/demo:v1", "docker-hub-mirror.fly.io", "team/demo", "v1", None),
    ],
)
def test_a_reference_is_taken_apart(
    reference: str, registry: str, repository: str, tag: str, digest: str | None
) -> None:
    image = images.parse(reference, {})
    assert image is not None
    assert (image.registry, image.repository, image.tag) == (registry, repository, tag)
    assert digest in {None, image.digest}


@pytest.mark.parametrize(
    "text",
    ["", ":", "@", "a b", "demo:v1:v2", "demo@sha256:12", "demo:v1@", "./core/fly.toml", "/demo", "Demo:v1"],
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert images.parse(text, {}) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    image = images.parse(text, {})
    assert image is None or image.digest.startswith("sha256:")


def test_a_tag_has_the_digest_of_the_recordings_and_always_the_same() -> None:
    first, again = images.parse("registry.fly.io/demo:v1", {}), images.parse("registry.fly.io/demo:v1", {})
    assert first
    assert again
    assert first.names == again.names
    assert first.digest == "sha256:bad8651d74dd98721f30c0bb128d806d3a97a2647289cbaf2ecabb1bd9cca9a0"


@pytest.mark.parametrize(
    ("tag", "behaviour"),
    [
        ("v1", "healthy"),
        ("bad", "unhealthy"),
        ("bad-3", "unhealthy"),
        ("missing", "missing"),
        ("relfail", "release-fails"),
    ],
)
def test_a_tag_says_how_its_image_behaves(tag: str, behaviour: str) -> None:
    image = images.parse(f"registry.fly.io/demo:{tag}", {})
    assert image
    assert images.behaviour(image, {}) == behaviour


@pytest.mark.parametrize(
    "name", [SHA, f"registry.fly.io/demo@{SHA}", "registry.fly.io/demo:v1", "demo:v1", "v1"]
)
def test_a_behaviour_may_be_set_for_a_digest_a_tag_or_both(name: str) -> None:
    image = images.parse(f"registry.fly.io/demo:v1@{SHA}", {})
    assert image
    assert images.behaviour(image, {name: {"behaviour": "crashes"}}) == "crashes"
    assert images.behaviour(image, {"demo:v2": {"behaviour": "crashes"}}) == "healthy"


def test_what_was_set_for_the_digest_counts_more_than_for_the_tag() -> None:
    image = images.parse(f"registry.fly.io/demo:v1@{SHA}", {})
    assert image
    known = {"demo:v1": {"behaviour": "unhealthy"}, SHA: {"behaviour": "healthy"}}
    assert images.behaviour(image, known) == "healthy"


def test_a_tag_may_be_moved_to_another_digest_but_a_pinned_one_stays(sim: Simulation) -> None:
    sim.control(images={"demo:latest": {"digest": SHA}})
    machine = sim.machine("latest")
    assert sim.see(machine)["image_ref"]["digest"] == SHA
    sim.control(images={"demo:latest": {"digest": OTHER}})
    assert sim.see(machine)["image_ref"]["digest"] == SHA
    assert sim.see(sim.machine("latest"))["image_ref"]["digest"] == OTHER
    assert sim.see(sim.machine(f"latest@{SHA}"))["image_ref"]["digest"] == SHA


def test_a_digest_and_a_behaviour_may_be_told_of_one_tag_by_different_names(sim: Simulation) -> None:
    sim.control(images={"registry.fly.io/demo:v1": "slow", "demo:v1": {"digest": SHA}})
    machine = sim.machine()
    assert sim.see(machine)["image_ref"]["digest"] == SHA
    assert sim.check(machine) == "critical"


def test_setting_a_behaviour_changes_machines_that_already_run_the_image(sim: Simulation) -> None:
    machine = sim.machine()
    assert sim.check(machine) == "passing"
    sim.control(images={"demo:v1": "unhealthy"})
    assert sim.check(machine) == "critical"
    sim.control(images={"demo:v1": None})
    assert sim.check(machine) == "passing"


def test_graphql_shows_an_image_under_the_reference_that_was_asked_for(sim: Simulation) -> None:
    pinned = f"registry.fly.io/demo:v1@{SHA}"
    shown = sim.ask("query app", appName="demo", imageRef=pinned)["data"]["app"]["image"]
    assert (shown["ref"], shown["digest"], shown["configDigest"]) == (pinned, SHA, SHA)


@pytest.mark.parametrize("reference", ["registry.fly.io/demo:missing", "./core/fly.toml", ""])
def test_graphql_shows_nothing_of_an_image_that_does_not_exist(sim: Simulation, reference: str) -> None:
    assert sim.ask("query app", appName="demo", imageRef=reference)["data"]["app"]["image"] is None
