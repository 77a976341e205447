"""1Password references (`op://vault/item/field`): all of a task's in one `op inject`, values never shown."""

import os
import re
from collections.abc import Mapping, Sequence

from pkg.shell.console import Console
from pkg.shell.errors import BadInput, CommandFailed, TimedOut
from pkg.shell.redact import MINIMUM, Redactor
from pkg.shell.runner import Result, Runner

REFERENCE = "op://"
_PLACEHOLDER = re.compile(r"\s*\{\{\s*op://[^{}]*\}\}\s*")
_SECONDS = 120  # a person may have to unlock it

# What `op` says, what that means, and what to do; the first that is found in its words counts.
_REASONS = (
    (
        ("too many requests", "rate limit", "(429)"),
        "the service account has used up its requests (hourly for a token, daily for the account)",
        "`op service-account ratelimit` tells until when; meanwhile export the variables yourself",
    ),
    (
        ("not currently signed in", "not signed in", "no accounts configured", "session expired"),
        "1Password is locked, or `op` knows no account",
        "run `op signin`; in CI set OP_SERVICE_ACCOUNT_TOKEN",
    ),
    (
        ("authorization prompt dismissed", "authorization timeout", "connecting to desktop app"),
        "the 1Password app was not unlocked for `op`",
        "unlock the app, allow the CLI in its settings under Developer, and run the task again",
    ),
    (
        ("invalid token", "unauthorized", "(401)", "token has been revoked", "forbidden", "(403)"),
        "1Password refused the token of the service account",
        "set OP_SERVICE_ACCOUNT_TOKEN to one that is valid and may read this vault",
    ),
    (
        (
            "isn't an item",
            "isn't a vault",
            "isn't a field",
            "could not find",
            "does not have a field",
            "invalid secret",
        ),
        "a reference in .envrc leads to nothing, or to a vault that you may not read",
        "compare the references in .envrc with the item in 1Password, or ask for access to the vault",
    ),
    (
        ("dial tcp", "no such host", "timeout", "connection refused", "(500)", "(502)", "(503)"),
        "1Password could not be reached",
        "try again; https://status.1password.com tells whether it is them",
    ),
)


def run_op(
    argv: Sequence[str],
    runner: Runner,
    console: Console,
    *,
    stdin: str | None = None,
    changes: bool = False,
) -> Result:
    """Run `op`, which may wait for a person to unlock 1Password: then it is said what is waited for.

    Args:
        argv: the command; no value may be in it.
        runner: starts it.
        console: for the word on what is waited for.
        stdin: what it reads.
        changes: whether it changes anything.

    Raises:
        CommandMissing: `op` is not installed.
        TimedOut: nobody unlocked 1Password in time, or it could not be reached.
    """
    what = " ".join(argv[:3])
    words = f"waiting for 1Password (`{what}`): unlock it if it asks; it is given up after {_SECONDS} s"
    try:
        with console.when_slow(words):
            return runner.capture(argv, stdin=stdin, timeout=_SECONDS, changes=changes, terminal=True)
    except TimedOut as late:
        raise TimedOut(
            late.what,
            command=late.command,
            meaning="nobody unlocked 1Password in that time, or it could not be reached",
            fix="run `op whoami` until it answers (`op signin` unlocks), then run this again",
        ) from late


def ask_1password(
    references: Mapping[str, str],
    runner: Runner,
    redactor: Redactor,
    console: Console,
    *,
    where: str = ".envrc",
) -> dict[str, str]:
    """Return the values that references stand for; each is registered with the redactor.

    Args:
        references: from a variable's name to its `op://…`.
        runner: starts `op`.
        redactor: gets the values.
        console: for a word on a value that is too short to be hidden.
        where: the file that the references are in, for errors.

    Raises:
        CommandMissing: `op` is not installed.
        CommandFailed: 1Password gave no answer, or gave a reference back; the text tells why and what to do.
        BadInput: a reference cannot be asked for, or its value is empty.
    """
    border = f"----{os.urandom(16).hex()}----"
    distinct = sorted(set(references.values()))
    for reference in distinct:
        if "{{" in reference or "}}" in reference or not reference.isprintable():
            names = ", ".join(name for name, value in references.items() if value == reference)
            raise BadInput(
                f"the reference of {names} is no op://vault/item/field", fix=f"correct it in {where}"
            )
    template = border + "".join(f"{{{{ {reference} }}}}{border}" for reference in distinct)
    result = run_op(["op", "inject"], runner, console, stdin=template)
    values = result.stdout.rstrip("\r\n").split(border)
    for value in values:
        redactor.add(value)
    if result.code != 0:
        raise _explained(result, where)
    if len(values) != len(distinct) + 2 or values[0] or values[-1]:
        raise CommandFailed(
            "`op inject` did not answer as it should",
            result=Result(result.argv, result.code, "", result.stderr, result.seconds),
            meaning="its answer does not have one value for each reference",
            fix="check `op --version` (2.x is needed) and that no alias or wrapper stands in its place",
        )
    found = dict(zip(distinct, values[1:-1], strict=True))
    _require_resolved(references, found, result)
    for name, reference in references.items():
        _check(name, found[reference], console, where)
    return {name: found[reference] for name, reference in references.items()}


def _require_resolved(references: Mapping[str, str], found: Mapping[str, str], result: Result) -> None:
    """Refuse values in which a reference still stands: something else than `op` has answered.

    Raises:
        CommandFailed: one of them is none.
    """
    echoed = [
        name
        for name, reference in references.items()
        if any(asked in found[reference] for asked in found) or _PLACEHOLDER.fullmatch(found[reference])
    ]
    if echoed:
        raise CommandFailed(
            f"`op inject` did not resolve {', '.join(echoed)}: it gave the reference back",
            result=Result(result.argv, result.code, "", result.stderr, result.seconds),
            meaning="no value was got; nothing was sent",
            fix="check `op --version` (2.x is needed) and that no alias or wrapper stands in its place",
        )


def _check(name: str, value: str, console: Console, where: str) -> None:
    if not value.strip() or value.startswith(REFERENCE):
        raise BadInput(
            f"{name} is {'empty' if not value.strip() else 'a reference to a reference'} in 1Password",
            meaning="what its op:// reference leads to holds no value",
            fix=f"fill the field in 1Password, or correct the reference of {name} in {where}",
        )
    if len(value) < MINIMUM:
        console.say(f"{name} is shorter than {MINIMUM} characters: it cannot be hidden in what is printed")


def _explained(result: Result, where: str) -> CommandFailed:
    said = result.stderr.lower()
    known = ((meaning, fix) for signs, meaning, fix in _REASONS if any(sign in said for sign in signs))
    meaning, fix = next(known, ("1Password gave no values", "run `op whoami`, and read what `op` said above"))
    shown = Result(result.argv, result.code, "", result.stderr, result.seconds)
    return CommandFailed(
        "1Password did not resolve the op:// references",
        result=shown,
        meaning=meaning.replace(".envrc", where),
        fix=fix.replace(".envrc", where),
    )
