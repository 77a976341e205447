"""What is kept for the completion is what Invoke knows of this repo's tasks."""

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from invoke import Collection

from pkg.shell.completion import cli
from pkg.shell.completion.complete import KEPT, Kept, candidates

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def collection() -> Collection:
    spec = spec_from_file_location("tasks_of_this_repo", ROOT / "tasks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    make: Callable[[], Collection] = module.collection
    return make()


@pytest.fixture(scope="module")
def kept(collection: Collection) -> Kept:
    return Kept(cli.kept(collection, ROOT))


def offered(kept: Kept, *words: str) -> list[str]:
    return [one for one, _ in candidates(kept, str(ROOT), "", list(words))]


def test_every_task_is_kept_with_its_words(collection: Collection, kept: Kept) -> None:
    names = {name for pair in collection.task_names.items() for name in (pair[0], *pair[1])}
    assert set(kept.tasks) == names
    assert len(names) > 50
    assert all(task.words for task in kept.tasks.values())


def test_options_values_and_operands_are_those_of_the_task(kept: Kept) -> None:
    flags = {"--app", "--config", "--watch", "--guard", "--no-rollback", "--json"}
    assert flags <= set(offered(kept, "fly.deploy", "--"))
    assert "--no-publish" in offered(kept, "sandbox.image", "--")
    assert "--dry" in offered(kept, "--")
    assert offered(kept, "fly.deploy", "--app", "infra-c") == ["infra-core"]
    assert offered(kept, "fly.machines.run", "co")[0] == "core"
    for name in ("fly.machines.restart", "fly.machines.exec", "fly.machines.clone"):
        assert kept.tasks[name].operands[0][0] == "machine", name
    for name, kind in (("releases.revert", "release"), ("secrets.unset", "secret"), ("certs.show", "host")):
        assert kept.tasks[f"fly.{name}"].operands == [[kind]], name
    assert kept.tasks["fly.secrets.import"].operands == [["file"]]
    assert kept.tasks["tools.pin"].operands == [["any"], ["any"]]
    assert kept.tasks["tools.install"].operands == [["any", "many"]]
    assert offered(kept, "--help", "fly.dep") == ["fly.deploy"]


def test_a_change_of_any_file_with_tasks_shows(kept: Kept) -> None:
    files = {path for path, _ in kept.files}
    assert {"tasks.py", "pkg/fly/cli", "pkg/fly/cli/deploy.py", "pkg/onboard/cli.py"} <= files
    assert "pkg/shell/completion/complete.py" in files  # it says of which kind a value is
    assert not kept.is_old(str(ROOT))
    assert kept.is_old("/nonexistent")


def test_it_is_written_whole(tmp_path: Path) -> None:
    cli.keep(tmp_path, "task\ta\twords\n")
    assert (tmp_path / KEPT).read_text() == "task\ta\twords\n"
    assert [path.name for path in (tmp_path / KEPT).parent.iterdir()] == ["completion"]
