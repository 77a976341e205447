"""Writing the record of what was published last; `pkg.fly.image` reads it."""

from pathlib import Path
from typing import TYPE_CHECKING

from pkg.fly.image import Record
from pkg.shell.errors import Failure

if TYPE_CHECKING:
    import tomlkit

_HEADER = (
    "What ko published last: `inv core.publish` writes it, `inv fly.deploy` refuses another image.",
    "Commit it: it is how everybody else knows.",
)


def write(path: Path, record: Record) -> None:
    """Write the record, keeping the comments of the file that is there; all of it or nothing.

    Raises:
        Failure: it cannot be written; the image is published all the same, and the text names it.
    """
    import tomlkit  # costs 10 ms

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else _new()
        table = document.setdefault("image", tomlkit.table())
        for name in Record.__struct_fields__:
            table[name] = getattr(record, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
        fresh.replace(path)
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.ParseError) as error:
        raise Failure(
            f"{path} cannot be written: {error}",
            meaning=f"{record.ref} is published, and nothing here says so",
            fix="put that right and publish again",
        ) from error


def _new() -> "tomlkit.TOMLDocument":
    import tomlkit

    document = tomlkit.document()
    for line in _HEADER:
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    return document
