"""Images of the sandbox: their behaviour goes to the simulation, their record beside it."""

import hashlib
from pathlib import Path

import pytest

from pkg.fly.image import read_record
from pkg.sandbox import images
from pkg.shell.errors import BadInput
from tests.unit.sandbox.simulation import Simulation

REF = "registry.fly.io/infra:v2"
DIGEST = f"sha256:{hashlib.sha256(REF.encode()).hexdigest()}"


def test_an_image_gets_a_digest_of_its_own_and_behaves_as_told(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path)
    pinned = images.pinned(REF, "unhealthy")
    images.behave(simulation.workspace, pinned, "unhealthy", publish=False)
    assert str(pinned) == f"{REF}@{DIGEST}"
    assert simulation.controls == [{"images": {REF: {"behaviour": "unhealthy", "digest": DIGEST}}}]
    assert not (tmp_path / "image.toml").exists()


def test_a_published_image_is_what_a_deploy_takes(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path)
    images.behave(simulation.workspace, images.pinned(REF, "healthy"), "healthy", publish=True)
    record = read_record(simulation.workspace.root, tmp_path)
    assert record is not None
    assert (record.app, record.ref) == ("infra", f"{REF}@{DIGEST}")


def test_a_digest_that_is_given_stays() -> None:
    given = f"{REF}@sha256:{'a' * 64}"
    assert str(images.pinned(given, "healthy")) == given


@pytest.mark.parametrize(
    ("ref", "behaviour"), [("v2", "healthy"), (f"registry.fly.io/infra@{DIGEST}", "healthy"), (REF, "angry")]
)
def test_bad_input_is_refused(ref: str, behaviour: str) -> None:
    with pytest.raises(BadInput):
        images.pinned(ref, behaviour)
