"""How the value of a secret gets to flyctl unchanged: in one batch, alone, or not at all."""

import re
from collections.abc import Mapping

import msgspec

from pkg.fly.secrets_parser import survives
from pkg.shell.environment import REFERENCE
from pkg.shell.errors import BadInput

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What Fly sets itself in every machine, so that a secret of that name would be lost or do harm.
# https://fly.io/docs/machines/runtime-environment/
RESERVED = frozenset(
    (
        "FLY_ALLOC_ID",
        "FLY_APP_NAME",
        "FLY_IMAGE_REF",
        "FLY_MACHINE_ID",
        "FLY_MACHINE_VERSION",
        "FLY_PRIVATE_IP",
        "FLY_PROCESS_GROUP",
        "FLY_PUBLIC_IP",
        "FLY_REGION",
        "FLY_VM_MEMORY_MB",
        "PRIMARY_REGION",
    )
)
# `secrets set NAME=-` refuses more bytes on stdin (https://github.com/superfly/flyctl, helpers/stdin.go).
ALONE_LIMIT = 64 * 1024
# The ways to write a value in the text for `secrets import`, the plainest first.
WAYS = ("{}", '"{}"', "'{}'", '"""{}"""')


class Wire(msgspec.Struct, frozen=True):
    """How secrets go to flyctl, each by stdin.

    Attributes:
        batch: the text for one `secrets import`; empty when nothing goes this way.
        batched: the names in it.
        alone: name and value of those that need a `secrets set NAME=-` each.
    """

    batch: str
    batched: tuple[str, ...]
    alone: dict[str, str]


def plan(secrets: Mapping[str, str]) -> Wire:
    """Return how to send secrets so that each arrives unchanged.

    Args:
        secrets: values by name.

    Raises:
        BadInput: a name is none, or a value cannot arrive unchanged by any way; no value is shown.
    """
    problems = [problem for name, value in secrets.items() if (problem := refusal(name, value))]
    if problems:
        raise BadInput(
            "secrets that cannot be sent:\n" + "\n".join(f"  {problem}" for problem in problems),
            meaning="nothing was sent",
            fix="correct those; base64 carries anything, when the app decodes it",
        )
    lines = {name: line for name, value in secrets.items() if (line := _line(name, value))}
    batch = "".join(lines.values())
    # Each line was proven alone; the whole is proven once more, since one line can swallow the next.
    if not survives(batch, {name: secrets[name] for name in lines}):
        lines, batch = {}, ""
    alone = {name: value for name, value in secrets.items() if name not in lines}
    return Wire(batch=batch, batched=tuple(lines), alone=alone)


def require_name(name: str) -> None:
    """Check the name of a secret, before its value is asked for.

    Raises:
        BadInput: it is none.
    """
    if "=" in name:
        raise BadInput(
            "a secret's value is never given as an argument: every process here could read it",
            meaning="nothing was sent; if it was a real value, change it: the shell may have kept it",
            fix=f"inv fly.secrets.set {name.partition('=')[0]}, and type the value or pipe it in",
        )
    if reason := _name_refusal(name):
        raise BadInput(reason, meaning="nothing was sent")


def refusal(name: str, value: str) -> str:
    """Return why a secret cannot be sent, in words without the value; empty when it can."""
    if reason := _name_refusal(name):
        return reason
    if not value:
        return f"{name}: empty; `inv fly.secrets.unset {name}` removes one"
    if value.strip().startswith(REFERENCE):
        return (
            f"{name}: an {REFERENCE} reference, which no machine resolves; "
            "put it into secrets.toml, and `inv fly.secrets.sync` sets what it leads to"
        )
    if "\0" in value:
        return f"{name}: has a NUL character, which no variable of a process can hold"
    if not _is_text(value):
        return f"{name}: is no valid UTF-8 text"
    return "" if _line(name, value) else _alone_refusal(name, value)


def _name_refusal(name: str) -> str:
    if not NAME.fullmatch(name):
        return f"{name!r}: no name of a variable (letters, digits and _, not starting with a digit)"
    return f"{name}: Fly itself sets this variable in every machine" if name in RESERVED else ""


def _alone_refusal(name: str, value: str) -> str:
    """Return why not even `secrets set NAME=-` carries a value: it trims, and has a limit."""
    if len(value.encode()) > ALONE_LIMIT:
        return f"{name}: {len(value.encode())} bytes, and flyctl takes at most {ALONE_LIMIT}"
    if value != value.strip():
        return f"{name}: begins or ends with white space, which flyctl would cut off"
    return ""


def _line(name: str, value: str) -> str:
    """Return the plainest text that every version of the reader reads unchanged; empty when there is none."""
    texts = (f"{name}={way.replace('{}', value)}\n" for way in WAYS)
    return next((text for text in texts if survives(text, {name: value})), "")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from bytes that were no UTF-8
        return False
    return True
