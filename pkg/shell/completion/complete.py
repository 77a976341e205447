"""The answer to a Tab, in some ten milliseconds: read from what was kept, since Invoke takes 200 of them.

The shell's function runs this file by itself (`python -I -S complete.py ROOT SANDBOX WORD…`), so it imports
nothing of ours and little of Python's: pathlib alone would cost more than all the rest. It prints a candidate
a line, with a tab and words for people behind it. Where the word is a file it prints `FILES` alone: the shell
completes files better than anybody else, and does it nowhere else.

Exit code 3: what is kept is older than the tasks, or nothing is kept yet. Then the page of all tasks answers,
which says less of what each option takes.
"""

import os
import sys

KEPT = ".fly/completion"
PAGE = "docs/reference/tasks.md"
OLD = 3
APP, MANIFEST, MACHINE, TASK, ANY = "app", "manifest", "machine", "task", "any"
RELEASE, SECRET, HOST, FILE = "release", "secret", "host", "file"
FILES = ("", "files")
# The folders of what was seen of each app, by kind.
SEEN = {MACHINE: "seen", RELEASE: "seen-releases", SECRET: "seen-secrets", HOST: "seen-hosts"}
# What a parameter takes, by its name; by the group of its task, where that decides.
KINDS = {
    "app": APP,
    "config": MANIFEST,
    "what": MANIFEST,
    "instance": MACHINE,
    "machine": MACHINE,
    "machines": MACHINE,
    "file": FILE,
    "output": FILE,
    "png": FILE,
    "fly.releases version": RELEASE,
    "fly.secrets name": SECRET,
    "fly.secrets names": SECRET,
    "fly.certs host": HOST,
}
# An operand of which more may come.
MANY = "many"


class Option:
    """A flag of a task: which kind of value it takes, empty for none, and what it means."""

    def __init__(self, flag: str, kind: str, words: str) -> None:
        self.flag = flag
        self.kind = kind
        self.words = words


class Task:
    """A task: its words, options and operands."""

    def __init__(self, name: str, words: str) -> None:
        self.name = name
        self.words = words
        self.options: list[Option] = []
        self.operands: list[list[str]] = []  # the kind of each; MANY behind it where more may come


class Kept:
    """What was kept of the tasks."""

    def __init__(self, text: str) -> None:
        self.files: list[tuple[str, str]] = []
        self.core: list[Option] = []
        self.tasks: dict[str, Task] = {}
        task = Task("", "")
        for line in text.splitlines():
            mark, *cells = line.split("\t")
            if mark == "file":
                self.files.append((cells[0], cells[1]))
            elif mark == "core":
                self.core.append(Option(*cells))
            elif mark == "task":
                task = self.tasks.setdefault(cells[0], Task(*cells))
            elif mark == "option":
                task.options.append(Option(*cells))
            elif mark == "operand":
                task.operands.append(cells)

    @classmethod
    def of_page(cls, text: str) -> "Kept":
        """Return the tasks as the page of all of them tells them."""
        kept, task = cls(""), Task("", "")
        for line in text.splitlines():
            first, *more = line.replace("`", "").strip("| ").split(" | ")
            if line.startswith("## "):
                name = line[3:]
                task = kept.tasks.setdefault(name, Task(name, ""))
            elif line.startswith("| `") and task.name:
                names = first.split(", ")
                kind = kind_of(task.name, names[0].strip("-").lower())
                for name in names:
                    if name.startswith("-"):
                        task.options.append(Option(name, "" if kind == ANY else kind, more[0]))
                    else:
                        task.operands.append([kind])
            elif line and not task.words:
                task.words = line
        return kept

    def is_old(self, root: str) -> bool:
        """Whether a file of the tasks has changed since."""
        return any(stamp(f"{root}/{path}") != known for path, known in self.files)


class Place:
    """Where the cursor stands: what was said of which task, and what may come."""

    def __init__(self, kept: Kept, words: list[str]) -> None:
        self.task: Task | None = None
        self.sandbox = False
        self.app = ""
        self.manifest = ""
        self.wanted = ""  # the kind of value that the last option still wants
        self.lost = False  # a word was neither a task nor expected: what follows it is unknown
        self.kept = kept
        self._given = 0
        for word in words:
            self._take(word)

    @property
    def options(self) -> list[Option]:
        """The options that may come."""
        return self.task.options if self.task else self.kept.core

    @property
    def operand(self) -> list[str]:
        """The next operand, if one may come: its kind, and MANY where the next task may come as well."""
        operands = self.task.operands if self.task else []
        left = operands[self._given :] or [each for each in operands[-1:] if MANY in each]
        return left[0] if left else []

    def _take(self, word: str) -> None:
        if self.wanted:
            self._value(self.wanted, word)
            self.wanted = ""
        elif word.startswith("-"):
            flag, equals, value = word.partition("=")
            kind = next((each.kind for each in self.options if each.flag == flag), "")
            if equals:
                self._value(kind, value)
            else:
                self.wanted = kind
        elif word in self.kept.tasks and (MANY in self.operand or not self.operand):
            self.task, self._given = self.kept.tasks[word], 0
            self.sandbox = self.sandbox or word.partition(".")[0] == "sandbox"
            self.app = self.manifest = ""
        else:
            self.lost = self.lost or not self.operand
            self._given += 1

    def _value(self, kind: str, value: str) -> None:
        if kind == APP:
            self.app = value
        elif kind == MANIFEST:
            self.manifest = value


def candidates(kept: Kept, root: str, state: str, words: list[str]) -> list[tuple[str, str]]:
    """Return what may stand in place of the last word, each with words for people.

    Args:
        kept: the tasks.
        root: the repo's root.
        state: the state folder of the sandbox that is switched on; empty when none is.
        words: what was typed after the program's name; the last one may be empty.
    """
    *before, last = _without_split(words) or [""]
    if "--" in before:
        return [FILES]
    place = Place(kept, before)
    if place.lost:
        return []
    folder = state or f"{root}/.fly{'/sandbox' if place.sandbox else ''}"
    flag, equals, _ = last.partition("=")
    kind = place.wanted
    if kind:
        found = values(kind, root, folder, place)
    elif last.startswith("-") and equals:
        kind = next((each.kind for each in place.options if each.flag == flag), "")
        found = [(f"{flag}={one}", said) for one, said in values(kind, root, folder, place)]
    elif last.startswith("-"):
        dashes = "--" if last in {"-", "--"} else ""  # a short one is offered to who has typed it only
        found = [(each.flag, each.words) for each in place.options if each.flag.startswith(dashes)]
    else:
        kind, *more = place.operand or [TASK]
        found = values(kind, root, folder, place)
        found += values(TASK, root, folder, place) if more else []
    found = [(one, said) for one, said in found if one.startswith(last)]
    return found or ([FILES] if kind in {FILE, MANIFEST} else [])


def _without_split(words: list[str]) -> list[str]:
    """Return words as they were typed: bash gives `--app=infra` as three."""
    found: list[str] = []
    for at, word in enumerate(words):
        if word == "=" and found and found[-1].startswith("--"):
            found[-1] += "="
        elif at and words[at - 1] == "=" and found and found[-1].endswith("="):
            found[-1] += word
        else:
            found.append(word)
    return found


def values(kind: str, root: str, folder: str, place: Place) -> list[tuple[str, str]]:
    """Return what there is of a kind: manifests as they are here, what is on Fly as it was last seen."""
    if kind == TASK:
        return [(each.name, each.words) for each in place.kept.tasks.values()]
    manifests = manifests_of(root)
    if kind == MANIFEST:
        return [(path, f"app {app}") for path, app in manifests.items()]
    if kind == APP:
        names = dict.fromkeys([*manifests.values(), *_listed(f"{folder}/{SEEN[MACHINE]}")])
        return [(name, "") for name in names if name]
    app = place.app or manifests.get(place.manifest or "fly.toml", "")
    if kind in SEEN and app:
        return [_seen(line) for line in _read(f"{folder}/{SEEN[kind]}/{app}").splitlines()]
    return []


def kind_of(task: str, parameter: str) -> str:
    """Return what a parameter of a task takes."""
    return KINDS.get(f"{task.rpartition('.')[0]} {parameter}") or KINDS.get(parameter, ANY)


def manifests_of(root: str) -> dict[str, str]:
    """Return the app of each manifest, by its path as `--config` takes it: a folder, or `fly.toml` here."""
    found = {}
    for one in ("", *_folders(root)):
        for path in (one, *((f"{one}/{other}" for other in _folders(f"{root}/{one}")) if one else ())):
            if text := _read(f"{root}/{path}/fly.toml"):
                found[path or "fly.toml"] = _app_of(text)
    return found


def stamp(path: str) -> str:
    """Return what changes when a file or a folder does; empty when it is gone."""
    try:
        return str(os.stat(path).st_mtime_ns)  # noqa: PTH116 - pathlib costs too much here
    except OSError:
        return ""


def _app_of(text: str) -> str:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip() == "app":
            return value.partition("#")[0].strip().strip("\"'")
    return ""


def _seen(line: str) -> tuple[str, str]:
    ident, _, words = line.partition("\t")
    return ident, words


def _folders(path: str) -> list[str]:
    return [one.name for one in _entries(path) if one.name[:1] not in "._" and one.is_dir()]


def _listed(path: str) -> list[str]:
    return [one.name for one in _entries(path)]


def _entries(path: str) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda one: one.name)
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError:
        return ""


def main(argv: list[str]) -> int:
    """Print the candidates; see the module's words for the exit code."""
    root, state, *words = argv
    text = _read(f"{root}/{KEPT}")
    kept = Kept(text) if text else Kept.of_page(_read(f"{root}/{PAGE}"))
    for one, said in candidates(kept, root, state, words):
        sys.stdout.write(f"{one}\t{said}\n" if said else f"{one}\n")
    return OLD if not text or kept.is_old(root) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
