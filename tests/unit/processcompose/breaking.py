"""A convention broken in a copy of the tenant `relay`, and what must be found where."""

from dataclasses import dataclass
from pathlib import Path

from pkg.processcompose import conventions

ROOT = Path(__file__).resolve().parents[3]
COMPOSE, MANIFEST, LITESTREAM, DOCKERFILE = "process-compose.yaml", "fly.toml", "litestream.yml", "Dockerfile"
HTTP = """      http_get:
        host: 127.0.0.1
        scheme: http
        path: /ready
        port: "8081"
"""
WAITS = "    depends_on:\n      restore:\n        condition: process_completed_successfully\n"
RESTORE = "litestream restore -config litestream.yml -if-db-not-exists -if-replica-exists ${DATABASE}"
REPLICATE = "exec litestream replicate -config litestream.yml"


@dataclass(frozen=True)
class Break:
    """One convention broken: what is replaced in which file of `relay`, and what must be found where."""

    rule: str
    file: str
    old: str
    new: str
    says: str
    line: str = ""  # text of the line that the finding names, after the change; empty: the last of `new`
    named: str = ""  # the file that the finding names, when it is not the changed one


def found(broken: Break, root: Path) -> None:
    """Break a convention in a copy, and assert that it is found by file and line."""
    path = root / "processcompose/relay" / broken.file
    before = path.read_text()
    assert broken.old in before
    path.write_text(before.replace(broken.old, broken.new, 1))

    every = conventions.check(root)
    one = next((each for each in every if each.rule == broken.rule and broken.says in each.what), None)

    assert one, every
    assert one.path == f"processcompose/relay/{broken.named or broken.file}"
    line = (root / one.path).read_text().splitlines()[one.line - 1]
    assert (broken.line or broken.new.splitlines()[-1].strip()) in line
    assert str(one).startswith(f"{one.path}:{one.line}: ")
