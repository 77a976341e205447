"""A Dockerfile, read as far as the conventions go: its stages, and the instructions of each."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_HEREDOC = re.compile(r"""(?<!<)<<-?["']?([A-Za-z_]\w*)""")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        name: in capitals, as in COPY.
        lines: the number and the text of each of its lines; the first has the name too.
    """

    name: str
    lines: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """What stands after the name, without the shell's comments."""
        whole = " ".join(text for _, text in self.lines)
        return _COMMENT.sub("", whole.partition(" ")[2]).strip()

    @property
    def words(self) -> list[str]:
        """Its words; the list form of COPY and CMD is words too."""
        return re.sub(r"""[\[\],"']""", " ", self.text).split()

    @property
    def sources(self) -> list[str]:
        """What a COPY takes; its last word is where to."""
        return [word for word in self.words if not word.startswith("--")][:-1]

    @property
    def origin(self) -> str:
        """The stage or image that a COPY takes it from; empty for the build's folder."""
        return next((word[7:] for word in self.words if word.startswith("--from=")), "")


@dataclass(frozen=True)
class Stage:
    """One stage: FROM, and what follows it."""

    line: int
    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)


def stages(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile; the last one becomes the image."""
    found: list[Stage] = []
    for each in _instructions(text):
        if each.name == "FROM":
            base, *rest = [word for word in each.words if not word.startswith("--")] or [""]
            name = rest[1] if len(rest) > 1 else ""
            found.append(Stage(each.lines[0][0], base, name))
        elif found:
            found[-1].instructions.append(each)
    return found


def named(every: list[Stage], name: str) -> Stage | None:
    """Return the stage of a name, or of a number from 0, as FROM and `--from` have it."""
    for index, stage in enumerate(every):
        if name and name.lower() in (stage.name.lower(), str(index)):
            return stage
    return None


def inside(every: list[Stage], stage: Stage) -> list[Instruction]:
    """Return what made a stage: its instructions, after those of the earlier stages that it stands on."""
    earlier = every[: every.index(stage)]
    base = named([each for each in earlier if each.name], stage.base)
    return [*(inside(earlier, base) if base else ()), *stage.instructions]


def _instructions(text: str) -> Iterator[Instruction]:
    numbered = iter(enumerate(text.splitlines(), 1))
    lines: list[tuple[int, str]] = []
    for number, line in numbered:
        part = line.strip()
        if not part or part.startswith("#"):
            continue  # also between the lines of one instruction
        lines.append((number, part.removesuffix("\\").rstrip()))
        if not part.endswith("\\"):
            yield _instruction([*lines, *_heredocs(lines, numbered)])
            lines = []
    if lines:
        yield _instruction(lines)


def _instruction(lines: list[tuple[int, str]]) -> Instruction:
    return Instruction(lines[0][1].split()[0].upper() if lines[0][1] else "", tuple(lines))


def _heredocs(lines: list[tuple[int, str]], numbered: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Take the lines that belong to an instruction with `<<END`."""
    for end in _HEREDOC.findall(" ".join(text for _, text in lines)):
        for number, line in numbered:
            if line.strip() == end:
                break
            yield number, f"\n{line}"
