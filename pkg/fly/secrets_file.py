"""`secrets.toml`: which secrets each app has, and where in 1Password their values are. It holds no value."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pkg.fly.secrets_wire import NAME
from pkg.shell.environment import REFERENCE
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

FILE = "secrets.toml"
_REFERENCE = re.compile(r"op://[^/\n{}]+(/[^/\n{}]+){2,3}")


def read(root: Path) -> dict[str, dict[str, str]]:
    """Return the references of each app, by the secret's name.

    Args:
        root: the repo's root; without the file there are no secrets.

    Raises:
        BadInput: the file is no TOML, or something in it is no reference; a value is never shown.
    """
    path = root / FILE
    try:
        document = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadInput(f"{FILE} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The reader's own words may quote a line, and that may be a value that does not belong here.
        where = re.search(r"at line \d+", str(error))
        raise BadInput(f"{FILE} is no TOML{' ' + where.group() if where else ''}", fix="correct it") from None
    return {app: _references(app, names) for app, names in document.items()}


def references(root: Path, app: str) -> dict[str, str]:
    """Return the references of one app.

    Raises:
        BadInput: it has none.
    """
    found = read(root).get(app, {})
    if not found:
        raise BadInput(
            f"{FILE} names no secret of {app}",
            fix=f'add a table: [{app}], and below it NAME = "op://vault/item/field"',
        )
    return found


def resolve(ws: Workspace, found: Mapping[str, str]) -> dict[str, str]:
    """Return the values of references, all from one `op inject`; in the sandbox they are made up.

    Raises:
        Failure: 1Password gave no answer.
    """
    if ws.sandbox:
        ws.console.say("sandbox: 1Password is not asked; the values are made up")
        return {name: made_up(reference) for name, reference in found.items()}
    from pkg.shell.onepassword import ask_1password

    return ask_1password(found, ws.runner, ws.redactor, ws.console, where=FILE)


def made_up(reference: str) -> str:
    """Return what stands for the value of a reference in the sandbox."""
    return f"simulated-{hashlib.sha256(reference.encode()).hexdigest()[:24]}"


def _references(app: str, names: object) -> dict[str, str]:
    if not isinstance(names, dict):
        raise BadInput(f"{FILE}: {app} is no table", fix=f'write [{app}] and below it NAME = "op://…"')
    for name, reference in names.items():
        if not NAME.fullmatch(name):
            raise BadInput(f"{FILE}: [{app}] {name!r} is no name of a variable")
        if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
            raise BadInput(
                f"{FILE}: [{app}] {name} is no {REFERENCE}vault/item/field",
                meaning="this file is committed: it holds references, never a value",
                fix="put the value into 1Password and its reference here; if it was a value, change it",
            )
    return dict(names)
