"""The image holds what runs the tenant and what proves its replica."""

from pathlib import Path

import pytest

from pkg.processcompose import conventions
from tests.unit.processcompose.breaking import DOCKERFILE, MANIFEST, Break, found

BREAKS = {
    "an old Litestream": Break(
        "image", DOCKERFILE, "@v0.5.18", "@v0.5.9", "older than 0.5.12", "litestream@v0.5.9"
    ),
    "an unpinned Litestream": Break(
        "image", DOCKERFILE, "@v0.5.18", "@latest", "no pinned Litestream", "FROM python"
    ),
    "no sqlite3": Break(
        "image", DOCKERFILE, "ca-certificates sqlite3", "ca-certificates", "install sqlite3", "FROM python"
    ),
    "process-compose's own server": Break(
        "image", DOCKERFILE, "PC_NO_SERVER=1 ", "", "PC_NO_SERVER=1", "FROM python"
    ),
    "process-compose's own server, in a comment": Break(
        "image", DOCKERFILE, "ENV PC_NO_SERVER=1", "# ENV PC_NO_SERVER=1", "PC_NO_SERVER=1", "FROM python"
    ),
    "Litestream in a comment": Break(
        "image", DOCKERFILE, "    && go get", "#   && go get", "no pinned Litestream", "FROM python"
    ),
    "Litestream left in the other stage": Break(
        "image",
        DOCKERFILE,
        "/tools/litestream /tools",
        "/tools",
        "litestream is not in the image",
        "FROM python",
    ),
    "process-compose left in the other stage": Break(
        "image",
        DOCKERFILE,
        "/tools/litestream /tools/process-compose",
        "/tools/litestream",
        "process-compose is not in the image",
        "FROM python",
    ),
    "Litestream from an old image": Break(
        "image",
        DOCKERFILE,
        "COPY --from=tools /tools/litestream /tools/process-compose",
        "COPY --from=tools /tools/process-compose /bin/\nCOPY --from=a/litestream:0.5.9 /bin/litestream",
        "older than 0.5.12",
        "COPY --from=a/litestream",
    ),
    "process-compose's own server, on in the manifest": Break(
        "image", MANIFEST, "[env]", '[env]\nPC_NO_SERVER = "0"', "PC_NO_SERVER must be 1 here too"
    ),
    "sqlite3 in a comment behind": Break(
        "image",
        DOCKERFILE,
        "ca-certificates sqlite3 ",
        "ca-certificates # sqlite3 ",
        "install sqlite3",
        "FROM python",
    ),
    "litestream.yml not copied": Break(
        "image",
        DOCKERFILE,
        " processcompose/relay/litestream.yml",
        "",
        "does not COPY processcompose/relay/litestream.yml",
        "FROM python",
    ),
    "process-compose.yaml of another tenant": Break(
        "image",
        DOCKERFILE,
        "processcompose/relay/process-compose.yaml",
        "processcompose/notes/process-compose.yaml",
        "does not COPY processcompose/relay/process-compose.yaml",
        "FROM python",
    ),
    "another Dockerfile": Break(
        "image", MANIFEST, '"Dockerfile"', '"Dockerfil"', 'write dockerfile = "Dockerfile" in [build]'
    ),
    "no Dockerfile": Break(
        "image", MANIFEST, 'dockerfile = "Dockerfile"', "", 'write dockerfile = "Dockerfile"', "[build]"
    ),
    "an image instead": Break(
        "image", MANIFEST, 'dockerfile = "Dockerfile"', 'image = "x:latest"', "[build] has `image`"
    ),
    "another stage of it": Break(
        "image",
        MANIFEST,
        'dockerfile = "Dockerfile"',
        'dockerfile = "Dockerfile"\nbuild-target = "tools"',
        "[build] has `build-target`",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    found(BREAKS[name], copy)


def dockerfile(copy: Path) -> Path:
    return copy / "processcompose/relay" / DOCKERFILE


def test_a_dockerfile_without_a_stage_is_one_finding(copy: Path) -> None:
    dockerfile(copy).write_text("RUN a\n")
    assert [each.what for each in conventions.check(copy)] == ["there is no FROM: nothing can be built"]


def test_what_another_stage_sets_is_not_in_the_image(copy: Path) -> None:
    text = dockerfile(copy).read_text().replace("PC_NO_SERVER=1 ", "")
    dockerfile(copy).write_text(text.replace("ENV CGO_ENABLED=0", "ENV PC_NO_SERVER=1 CGO_ENABLED=0"))
    (found,) = conventions.check(copy)
    assert found.what.startswith("set PC_NO_SERVER=1")
    assert dockerfile(copy).read_text().splitlines()[found.line - 1].startswith("FROM python")


def test_a_dockerfile_that_is_no_text_is_found_by_its_line(copy: Path) -> None:
    dockerfile(copy).write_bytes(b"FROM a\nRUN \xff\n")
    (found,) = conventions.check(copy)
    assert str(found).startswith("processcompose/relay/Dockerfile:2: no UTF-8")


def test_a_stage_may_stand_on_an_earlier_one_and_copy_the_whole_folder(copy: Path) -> None:
    text = dockerfile(copy).read_text()
    text = text.replace("FROM python:3.13-slim-bookworm", "FROM python:3.13-slim-bookworm AS base")
    text = text.replace("WORKDIR /app\n", "FROM base\nWORKDIR /app\n")
    text = text.replace(
        "COPY processcompose/relay/process-compose.yaml processcompose/relay/litestream.yml ./",
        "COPY processcompose/relay/ ./",
    )
    dockerfile(copy).write_text(text)
    assert conventions.check(copy) == []
