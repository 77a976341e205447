"""From what flyctl printed to a typed value, or to an error that says what is wrong and what to do."""

import re
from itertools import pairwise
from typing import Any, TypeVar

import msgspec

from pkg.fly import simulation
from pkg.shell.decoding import from_json
from pkg.shell.errors import SAID, CommandFailed, Failure
from pkg.shell.runner import Result

T = TypeVar("T")

# Worth another try when nothing is changed by trying: the API's fault, or the network's.
PASSING = (
    (
        r"\b429\b|too many requests|rate limit",
        "Fly's API is rate-limiting this token",
        "wait a minute, then run it again",
    ),
    (
        r"\b50[0234]\b|internal server error|bad gateway|service unavailable|gateway timeout",
        "Fly's API failed; nothing is known of the app's health",
        "run it again in a minute; if it goes on, look at https://status.flyio.net",
    ),
    (
        (
            r"no such host|connection re(fused|set)|network is unreachable|i/o timeout|tls handshake|"
            r"unexpected eof|deadline exceeded|request canceled"
        ),
        "Fly's API could not be reached",
        "check the network, then run it again",
    ),
)


class Passing(CommandFailed):
    """A failure that may be gone at the next try: the API's, or the network's."""


class NoAccess(CommandFailed):
    """There is no token, or it does not do."""


class NoSuchApp(CommandFailed):
    """There is no such app, as far as the token may see."""


class NoSuchImage(CommandFailed):
    """The registry has no such image."""


class Leased(CommandFailed):
    """Somebody else changes the machines."""


class UsageError(CommandFailed):
    """flyctl does not know the command as it was given: it parses before it asks anything (recorded)."""


class NotAnAnswer(Failure):
    """flyctl exited 0 but did not print what was asked for."""


class CutShort(NotAnAnswer, Passing):
    """flyctl exited 0 and printed half an answer, or none: the next one may be whole."""


_FOR = "-a APP"  # in what to do next: the app that flyctl was asked about takes APP's place

# Certain: trying again gives the same.
CERTAIN: tuple[tuple[str, type[CommandFailed], str, str], ...] = (
    (
        rf"the simulation's state.*({simulation.FULL})",
        CommandFailed,
        "the disk of the simulated Fly is full; the real one was not asked",
        simulation.ROOM,
    ),
    (
        r"the simulation's state",
        CommandFailed,
        "the simulated Fly is damaged; the real one was not asked",
        simulation.RESET,
    ),
    (
        r"no access token",
        NoAccess,
        "flyctl has no token to work with",
        "put FLY_API_TOKEN into .envrc (`inv onboard` shows how), or run `flyctl auth login`",
    ),
    (
        r"could not find app|app not found",
        NoSuchApp,
        "there is no app of this name, or this token may not see it",
        "check --app and the manifest's `app`; `flyctl apps create NAME --org personal` makes one",
    ),
    (
        r"\b40[13]\b|unauthori[sz]ed|not authori[sz]ed|forbidden|token.*(expired|invalid|revoked)",
        NoAccess,
        "the token has expired, was revoked, or does not cover this app",
        (
            f"log in without FLY_API_TOKEN (`flyctl auth login`); `inv fly.tokens.create-deploy {_FOR} "
            "--vault VAULT/ITEM` then makes one, --show shows it; put it where FLY_API_TOKEN comes from"
        ),
    ),
    (
        r"could not find image",
        NoSuchImage,
        "the registry has no such image",
        "check the reference; `inv core.publish` makes one and records it in core/image.toml",
    ),
    (
        r"lease.*(held|currently)|failed to (acquire|obtain) lease|(concurrent|another) update",
        Leased,
        "another flyctl is changing these machines, or one that died has left its lease",
        "wait two minutes, then look with `inv fly.status` and try again",
    ),
    (
        r"unknown (command|flag|shorthand)|accepts \d+ arg|requires at least|flag needs an|invalid argument",
        UsageError,
        "this flyctl does not know the command as it was given; nothing was sent",
        "check what follows `--`; the pinned flyctl is installed by `inv tools.install-flyctl`",
    ),
    (
        r"config file not found|failed loading app config|app configuration is not valid",
        CommandFailed,
        "flyctl does not accept the manifest",
        "`inv fly.manifests.check` says what is wrong with it",
    ),
)
DEADLINE, STOPPED = 126, 127  # flyctl's own meaning of these codes, not a shell's


# What moves the cursor or colours the text on a terminal.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINE = 300  # characters of an error that are enough to know it by


def first_error(result: Result) -> str:
    """Return the line that says what went wrong, without `Error:` and the GraphQL query that some quote."""
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("Error")]
    line = (errors or lines or [f"it said nothing and ended with exit code {result.code}"])[-1]
    return _bare(line)


def error_shown(result: Result) -> str:
    """Return flyctl's own error, in one line, of a command that ran in front of the user; empty for none."""
    lines = (line.strip() for line in re.split(r"[\r\n]+", _ESCAPES.sub("", result.shown)))
    errors = [line for line in lines if line.startswith("Error:")]
    return _bare(errors[-1])[:_LINE] if errors else ""


def next_step(said: str, app: str) -> str:
    """Return what to do about an error of flyctl that works on an app; empty when it is not known."""
    known = _known(said, app)
    return known[2] if known else ""


def failure_shown(result: Result, what: str, *, meaning: str) -> Failure:
    """Return the error for a command that failed in front of the user.

    Args:
        result: how flyctl ended, with an exit code that is not 0.
        what: what failed.
        meaning: what that means in any case.
    """
    said = error_shown(result)
    known = _known(said, _app(result))
    return Failure(
        f"{what} (exit {result.code})" + (f": {said}" if said else ""),
        command=result.argv,
        meaning=f"{meaning}: {known[1]}" if known else meaning,
        fix=known[2] if known else "flyctl says above why; correct it and run it again",
    )


def _bare(line: str) -> str:
    return re.sub(r"failed to run query(?: .*\})?: ", "", re.sub(r"^Error:?\s*", "", line))


def _app(result: Result) -> str:
    """Return the app that flyctl was asked about, and the word for any where it was not about one."""
    named = [word for option, word in pairwise(result.argv) if option in {"--app", "-a"}]
    return named[0] if named else "APP"


def _known(said: str, app: str) -> tuple[type[CommandFailed], str, str] | None:
    """Return the kind of an error that is known by its words, what it means and what to do."""
    lowered = said.lower()
    for pattern, kind, meaning, fix in CERTAIN:
        if re.search(pattern, lowered):
            return kind, meaning, fix.replace(_FOR, f"-a {app}")
    for pattern, meaning, fix in PASSING:
        if re.search(pattern, lowered):
            return Passing, meaning, fix
    return None


def failure(result: Result, doing: str) -> Failure:
    """Return the error for a command that failed.

    Args:
        result: what flyctl answered, with an exit code that is not 0.
        doing: what it was for, as in "reading the status of infra".
    """
    said = first_error(result)
    what = f"{doing} failed: {said}"
    if result.code == DEADLINE:
        return Passing(
            what,
            result=result,
            meaning="flyctl ran out of time",
            fix="run it again; `inv fly.status` shows what runs",
        )
    if result.code == STOPPED:
        return CommandFailed(
            what,
            result=result,
            meaning="flyctl was interrupted",
            fix="`inv fly.status` shows what it left behind",
        )
    if known := _known(said, _app(result)):
        kind, meaning, fix = known
        return kind(what, result=result, meaning=meaning, fix=fix)
    return CommandFailed(what, result=result, fix=_after(result))


def _after(result: Result) -> str:
    """Return what to do about an error that is not known: read it, when all of it is shown."""
    if 0 < len(result.stderr.strip().splitlines()) <= SAID:
        return "flyctl says above why; correct it and run it again"
    return "run the command above by hand to see all that it says"


def is_refusal(failure: Failure) -> bool:
    """Return whether flyctl said no, so that nothing goes on behind it; a fault or a signal says nothing."""
    if not isinstance(failure, CommandFailed) or isinstance(failure, Passing):
        return False
    return failure.result.code == 1 and "Error:" in failure.result.stderr


def decode(result: Result, kind: type[T], doing: str, version: str = "") -> T:
    """Return flyctl's JSON as a typed value.

    Args:
        result: what flyctl answered; its exit code is looked at first.
        kind: the type of the answer; fields that it does not name are ignored.
        doing: what the command was for, as in "reading the status of infra".
        version: flyctl's version, for the error.

    Raises:
        Failure: the command failed (see `failure`), printed its help instead of an answer, printed half an
            answer, or left out or mistyped a field; the path of the field is named.
    """
    if result.code:
        raise failure(result, doing)
    try:
        return from_json(result.stdout, kind)
    except msgspec.ValidationError as error:
        raise NotAnAnswer(
            f"{doing}: flyctl {version} answered something else than expected: {error}",
            command=result.argv,
            meaning="this flyctl's answer differs from the one that the project was made for",
            fix="install the pinned flyctl: `inv tools.install-flyctl`",
        ) from error
    except msgspec.DecodeError as error:
        raise _no_json(result, doing, str(error)) from error


def expect_no_help(result: Result, doing: str) -> None:
    """Refuse help in place of a result.

    flyctl prints it and exits 0 for an unknown subcommand (recorded: grammar.jsonl).

    Raises:
        NotAnAnswer: it is help.
    """
    if is_help(result.stdout or result.shown):
        raise NotAnAnswer(
            f"{doing}: flyctl printed its help and did nothing, though it exited {result.code}",
            command=result.argv,
            meaning="this flyctl does not know the command",
            fix="install the pinned flyctl: `inv tools.install-flyctl`",
        )


def is_help(stdout: str) -> bool:
    """Return whether the text is the help of a command rather than its result."""
    return re.search(r"^Usage:\n? +flyctl", stdout, re.MULTILINE) is not None


def _no_json(result: Result, doing: str, error: str) -> Failure:
    expect_no_help(result, doing)
    printed = result.stdout.strip()
    what, meaning = f"{doing}: flyctl exited 0 and printed", "nothing is known of what was asked for"
    fix = "run it again; if it stays so, run the command above by hand"
    if printed and printed[0] not in "[{":
        first = printed.splitlines()[0]
        return NotAnAnswer(f"{what} no JSON: {first!r}", command=result.argv, meaning=meaning, fix=fix)
    said = f"JSON that is cut short or broken ({error})" if printed else "nothing"
    return CutShort(f"{what} {said}", result=result, meaning=meaning, fix=fix)


def unknown_fields(raw: bytes | str, kind: Any) -> list[str]:  # noqa: ANN401  any type that msgspec can decode
    """Return the paths of the fields in an answer that the models do not know, for the contract session.

    Args:
        raw: the JSON as flyctl printed it.
        kind: the type that it is decoded to.
    """
    return sorted(set(_unknown(msgspec.json.decode(raw), msgspec.inspect.type_info(kind), "$")))


def _unknown(value: Any, kind: msgspec.inspect.Type, path: str) -> list[str]:  # noqa: ANN401  JSON
    if isinstance(kind, msgspec.inspect.UnionType):
        matching = [member for member in kind.types if not isinstance(member, msgspec.inspect.NoneType)]
        return _unknown(value, matching[0], path) if value is not None and matching else []
    if isinstance(kind, msgspec.inspect.ListType) and isinstance(value, list):
        return [found for item in value for found in _unknown(item, kind.item_type, f"{path}[]")]
    if isinstance(kind, msgspec.inspect.DictType) and isinstance(value, dict):
        return [found for item in value.values() for found in _unknown(item, kind.value_type, f"{path}.*")]
    if isinstance(kind, msgspec.inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        return [
            found
            for name, item in value.items()
            for found in (
                _unknown(item, fields[name], f"{path}.{name}") if name in fields else [f"{path}.{name}"]
            )
        ]
    return []
