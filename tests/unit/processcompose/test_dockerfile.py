"""A Dockerfile's stages and instructions."""

from hypothesis import given
from hypothesis import strategies as st

from pkg.processcompose.dockerfile import inside, named, stages

TEXT = """\
# syntax=docker/dockerfile:1
ARG VERSION=1
from golang:1.26 AS tools
RUN go get a \\
    # a comment between
    && go build   # and one behind
FROM --platform=linux/amd64 python:3.13 AS Base
RUN <<END
ENV NOT=this
# nor this
END
ENV THIS=1
FROM base
COPY --from=tools --chmod=755 /tools/a /tools/b /usr/local/bin/
COPY ["c", "d", "./"]
CMD ["a"]
"""


def test_each_stage_has_its_instructions() -> None:
    tools, base, last = stages(TEXT)
    assert (tools.line, tools.base, tools.name) == (3, "golang:1.26", "tools")
    assert (base.line, base.base, base.name) == (7, "python:3.13", "Base")
    assert [each.name for each in base.instructions] == ["RUN", "ENV"]
    assert [each.name for each in inside(stages(TEXT), last)] == ["RUN", "ENV", "COPY", "COPY", "CMD"]


def test_an_instruction_of_several_lines_is_one_without_comments() -> None:
    (run,) = stages(TEXT)[0].instructions
    assert run.text == "go get a && go build"
    assert [number for number, _ in run.lines] == [4, 6]


def test_a_copy_has_sources_and_an_origin() -> None:
    first, second, _ = stages(TEXT)[-1].instructions
    assert (first.origin, first.sources) == ("tools", ["/tools/a", "/tools/b"])
    assert (second.origin, second.sources) == ("", ["c", "d"])


def test_a_stage_is_found_by_name_and_number() -> None:
    every = stages(TEXT)
    assert named(every, "TOOLS") is every[0]
    assert named(every, "1") is every[1]
    assert named(every, "caddy:2") is None
    assert named(every, "") is None


@given(text=st.text(alphabet='FROMRUNCOPY aA#\\\n<"[,=', max_size=200))
def test_any_text_has_stages_or_none(text: str) -> None:
    every = stages(text)
    for stage in every:
        for each in inside(every, stage):
            assert isinstance(each.sources, list)
            assert each.text == each.text.strip()
