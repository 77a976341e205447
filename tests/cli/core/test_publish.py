"""`inv core.publish` for real, but for ko: a program of the test that pushes nothing."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.scratch import Answer, Scratch

TARGET = "127.0.0.1:5000/infra"
KO = """#!/bin/sh
[ "$1" = version ] && echo 0.19.1 && exit
while [ "$1" != --tags ]; do shift; done
%s
echo "$KO_DOCKER_REPO:$2@sha256:%s" | tee "$4"
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def publish(repo: Scratch, programs: Path, meanwhile: str = ":") -> Answer:
    ko = programs / "ko"
    ko.write_text(KO % (meanwhile, "1" * 64))
    ko.chmod(0o755)
    return repo.inv("core.publish", "--repository", TARGET, PATH=str(programs))


def test_what_ko_pushed_is_printed_once_and_recorded(repo: Scratch, programs: Path) -> None:
    done = publish(repo, programs)
    assert done.code == 0, done
    commit = repo.git("rev-parse", "HEAD").strip()
    assert done.stdout == f"{TARGET}:{commit}@sha256:{'1' * 64}\n"
    assert "core.publish: recorded in core/image.toml\n" in done.stderr
    text = (repo.folder / "core/image.toml").read_text()
    assert f"{tomllib.loads(text)['image']['ref']}\n" == done.stdout
    assert "yet" not in text


@pytest.mark.parametrize("text", ["image = 3\n", "[[["])
def test_a_damaged_record_is_told_before_ko_runs_and_written_anew(
    text: str, repo: Scratch, programs: Path
) -> None:
    path = repo.folder / "core/image.toml"
    path.write_text(text)
    done = publish(repo, programs, "echo ko runs >&2")
    assert done.code == 0, done
    assert done.stderr.index("is damaged, and is written anew") < done.stderr.index("ko runs")
    assert tomllib.loads(path.read_text())["image"]["ko"] == "0.19.1"


def test_a_record_that_cannot_be_written_stops_it_before_ko_runs(repo: Scratch, programs: Path) -> None:
    path = repo.folder / "core/image.toml"
    path.unlink()
    path.mkdir()
    done = publish(repo, programs, "echo ko runs >&2")
    assert done.code == 1, done
    assert "could not be recorded, so nothing was" in done.stderr
    assert "ko runs" not in done.stderr


def test_a_tree_that_changes_while_ko_builds_is_not_recorded(repo: Scratch, programs: Path) -> None:
    done = publish(repo, programs, "echo >> main.go")
    assert done.code == 1, done
    assert "the tree changed while ko built it" in done.stderr
    assert repo.git("status", "--porcelain") == " M core/main.go\n"


def test_of_two_at_once_the_second_is_refused(repo: Scratch, programs: Path) -> None:
    again = json.dumps(str(programs / "again"))
    second = f"touch {again}; cd ..; python3 -m invoke core.publish -r {TARGET} && echo both >&2"
    done = publish(repo, programs, f"[ -e {again} ] || ({second}) || true")
    assert done.code == 0, done
    assert "core is being published already: core.publish by" in done.stderr
    assert "both" not in done.stderr
