"""How control's settings are checked and set: all of a request is taken, or none of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from pkg.flysim.platform import apps, certificates, clock, images, logs
from pkg.flysim.platform.call import ApiError
from pkg.flysim.platform.checks import STATUSES
from pkg.flysim.platform.ids import Ids
from pkg.flysim.platform.settings import DEFAULTS, SettingError
from pkg.flysim.platform.store import Json, Session

BOOTS = ("started", "starting", "created", "stopped", "failed")
TOKENS = ("valid", "expired", "revoked")
CLOCKS = ("real", "virtual")
LEASE: Json = {"owner": "somebody@example.com", "ttl": 300}
# Whoever waits for longer, for more reads or for more faults waits for ever.
LONGEST_SECONDS = 24 * 60 * 60
MOST_TIMES = 1_000_000
EXIT_CODES = 255
SHOWN = 60
SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def current(session: Session) -> Json:
    """The settings as they are, the defaults among them."""
    shown = {**DEFAULTS, **session.settings}
    shown.pop("apps_made", None)
    shown["clock"] = {"mode": "real", **shown.get("clock", {}), "now": clock.rfc3339(clock.now(session))}
    shown["apps"] = [app["name"] for app in session.all(apps.KIND)]
    return shown


def apply(session: Session, wanted: object) -> None:
    """Set what `wanted` names; null sets a setting back. SettingError when anything in it is wrong."""
    told = _object("control", wanted)
    unknown = sorted(set(told) - set(SETTERS))
    if unknown:
        raise SettingError(f"{unknown[0]!r} is no setting; there are: {', '.join(sorted(SETTERS))}")
    for name in (name for name in SETTERS if name in told):
        value = told[name]
        _unicode(name, value)
        if value is None:
            session.set(**{name: None})
        else:
            SETTERS[name](session, value)


def _must(*, hold: bool, message: str) -> None:
    if not hold:
        raise SettingError(message)


def _json(value: object) -> str:
    """A value as it was typed, or its beginning."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _unicode(name: str, value: object) -> None:
    """No text in it may hold half a surrogate pair: nothing could store or print it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = json.dumps(error.object[error.start])
        raise SettingError(f"{name} must be Unicode text, but {half} is half a character") from None


def _number(name: str, value: object, most: float = LONGEST_SECONDS) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise SettingError(f"{name} must be a number, zero or more, {most} at most, not {_json(value)}")
    return value


def _whole(name: str, value: object, most: int = MOST_TIMES) -> int:
    number = _number(name, value, most)
    _must(hold=number == int(number), message=f"{name} must be a whole number, not {_json(value)}")
    return int(number)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise SettingError(f"{name} must be a string, not {_json(value)}")
    return value


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise SettingError(f"{name} must be a list, not {_json(value)}")
    return value


def _object(name: str, value: object, *allowed: str) -> Json:
    """An object, with no other keys than those allowed (none named: any)."""
    if not isinstance(value, dict):
        raise SettingError(f"{name} must be an object, not {_json(value)}")
    extra = sorted(set(value) - set(allowed)) if allowed else []
    if extra:
        raise SettingError(f"{name} has {', '.join(allowed)}, but not {', '.join(extra)}")
    return value


def _pattern(name: str, text: object) -> str:
    try:
        re.compile(_text(name, text))
    except (re.error, OverflowError, RecursionError) as error:
        raise SettingError(f"{name}: {_json(text)} is no regular expression: {error}") from None
    return str(text)


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {_json(value)}")
    return value


def _time(name: str, text: object) -> float:
    try:
        seconds = clock.parse_rfc3339(_text(name, text))
    except ValueError:
        raise SettingError(f"{name} must be a time such as 2026-11-24T07:34:52Z, not {_json(text)}") from None
    _in_time(name, seconds, text)
    return seconds


def _in_time(name: str, seconds: float, told: object) -> None:
    first, last = clock.rfc3339(clock.FIRST), clock.rfc3339(clock.LAST)
    _must(
        hold=clock.FIRST <= seconds <= clock.LAST,
        message=f"{name} must lead to a time from {first} to {last}, not {_json(told)}",
    )


def _app(session: Session, name: str, app: str) -> None:
    _must(hold=session.get(apps.KIND, app) is not None, message=f"{name}: there is no app {app!r}")


def _merge(session: Session, name: str, values: Json) -> None:
    """Add to a setting that is an object; null takes a key out."""
    merged = {**session.settings.get(name, {}), **values}
    session.set(**{name: {key: value for key, value in merged.items() if value is not None} or None})


def _apps(session: Session, value: object) -> None:
    for name in (_text("apps", one) for one in _list("apps", value)):
        if session.get(apps.KIND, name) is None:
            try:
                apps.add(session, name)
            except ApiError as error:
                raise SettingError(f"apps: {name!r}: {error.message}") from None


def _lag(session: Session, value: object) -> None:
    if not isinstance(value, list):
        session.set(lag=_number("lag", value))
        return
    bounds = [_number("lag", bound) for bound in value]
    _must(hold=len(bounds) == 2 and bounds[0] <= bounds[1], message="lag must be seconds, or [least, most]")
    session.set(lag=bounds)


def _boot(session: Session, value: object) -> None:
    session.set(boot=_one_of("boot", value, BOOTS))


def _checks(session: Session, value: object) -> None:
    if isinstance(value, dict):
        told = {ident: _one_of(f"checks: {ident!r}", status, STATUSES) for ident, status in value.items()}
        session.set(checks=told)
    else:
        session.set(checks=_one_of("checks", value, STATUSES))


def _fail(session: Session, value: object) -> None:
    faults = []
    for pattern, told in _object("fail", value).items():
        fault = {"pattern": _pattern("fail", pattern), **_fault(f"fail: {pattern!r}", told)}
        if fault["times"]:
            _must(
                hold=400 <= fault["status"] <= 599,
                message=f"fail: {pattern!r}: the status must be 400 to 599",
            )
            faults.append(fault)
    session.set(fail=faults or None)


def _fault(name: str, told: object) -> Json:
    if isinstance(told, list):
        _must(hold=len(told) == 2, message=f"{name} must be [HTTP status, how many times]")
        told = {"status": told[0], "times": told[1]}
    fault = {"times": 1, "when": "before", **_object(name, told, "status", "times", "when")}
    return {
        "status": _whole(f"{name}: status", fault.get("status")),
        "times": _whole(f"{name}: times", fault["times"]),
        "when": _one_of(f"{name}: when", fault["when"], ("before", "after")),
    }


def _truncate(session: Session, value: object) -> None:
    told = [
        {"pattern": _pattern("truncate", pattern), "times": _whole(f"truncate: {pattern!r}", times)}
        for pattern, times in _object("truncate", value).items()
    ]
    session.set(truncate=[entry for entry in told if entry["times"]] or None)


def _die(session: Session, value: object) -> None:
    session.set(die={"step": _pattern("die: step", _object("die", value, "step").get("step"))})


def _certs(session: Session, value: object) -> None:
    told = {
        ident: None if one is None else _cert(session, ident, one)
        for ident, one in _object("certs", value).items()
    }
    _merge(session, "certs", told)


def _cert(session: Session, ident: str, told: object) -> Json:
    _must(hold=ident.count("/") == 1, message=f"certs: {ident!r} must be APP/HOSTNAME")
    _app(session, "certs", ident.partition("/")[0])
    told = {"status": told} if isinstance(told, str) else told
    entry = _object(f"certs: {ident!r}", told, "status", "created_at", "expires_at")
    for key, text in entry.items():
        if key == "status":
            _one_of(f"certs: {ident!r}: status", text, certificates.STATUSES)
        else:
            _time(f"certs: {ident!r}: {key}", text)
    return entry


def _images(session: Session, value: object) -> None:
    told = {ref: None if one is None else _image(ref, one) for ref, one in _object("images", value).items()}
    _merge(session, "images", told)


def _image(reference: str, told: object) -> Json:
    name = f"images: {reference!r}"
    entry = _object(name, {"behaviour": told} if isinstance(told, str) else told, "behaviour", "digest")
    if "behaviour" in entry:
        _one_of(name, entry["behaviour"], tuple(images.BEHAVIOURS))
    if "digest" in entry:
        sha = _text(f"{name}: digest", entry["digest"])
        _must(
            hold=bool(SHA256.fullmatch(sha)), message=f"{name}: the digest must be sha256: and 64 hex digits"
        )
    return entry


def _exec(session: Session, value: object) -> None:
    told = {
        _pattern("exec", pattern): None if one is None else _answer(f"exec: {pattern!r}", one)
        for pattern, one in _object("exec", value).items()
    }
    _merge(session, "exec", told)


def _answer(name: str, told: object) -> Json:
    answer = _object(name, told, "exit_code", "stdout", "stderr")
    return {
        key: _whole(f"{name}: {key}", one, EXIT_CODES) if key == "exit_code" else _text(f"{name}: {key}", one)
        for key, one in answer.items()
    }


def _tokens(session: Session, value: object) -> None:
    told = {
        token: None if state is None else _one_of("tokens", state, TOKENS)
        for token, state in _object("tokens", value).items()
    }
    _merge(session, "tokens", told)


def _logs(session: Session, value: object) -> None:
    now = clock.now(session)
    for app, lines in _object("logs", value).items():
        _app(session, "logs", app)
        for told in _list(f"logs: {app!r}", lines):
            line = _object(f"logs: {app!r}", told, "message", "level", "instance", "region")
            logs.append(session, app, {**line, "message": _text("logs: message", line.get("message"))}, now)


def _leases(session: Session, value: object) -> None:
    for ident, told in _object("leases", value).items():
        machine = session.get("machine", ident)
        found = [machine] if machine else session.all("machine", ident)
        _must(hold=bool(found), message=f"leases: {ident!r} is neither a machine nor an app with machines")
        for one in found:
            _lease(session, one, told)


def _lease(session: Session, machine: Json, told: object) -> None:
    if told is None:
        session.delete("lease", machine["id"])
        return
    entry = {**LEASE, **_object("leases", told, *LEASE)}
    lease = {
        "nonce": Ids(session).new("n", 16),
        "expires_at": int(clock.now(session) + _number("leases: ttl", entry["ttl"])),
        "owner": _text("leases: owner", entry["owner"]),
        "version": machine["instance_id"],
    }
    session.put("lease", machine["id"], lease, app=machine["app"])


def _clock(session: Session, value: object) -> None:
    told = _object("clock", value, "mode", "advance", "now")
    before = session.settings.get("clock", {"mode": "real"})["mode"]
    mode = _one_of("clock: mode", told.get("mode", before), CLOCKS)
    if "now" in told:
        _must(hold=mode == "virtual", message="clock: only a virtual clock can be set to a time")
        session.set(clock={"mode": mode, "now": _time("clock: now", told["now"])})
    elif mode != before:
        session.set(clock={"mode": mode, **({"now": clock.now(session)} if mode == "virtual" else {})})
    if "advance" in told:
        seconds = _number("clock: advance", told["advance"], clock.LAST)
        _in_time("clock: advance", clock.now(session) + seconds, seconds)
        clock.advance(session, seconds)


def _settle(session: Session, value: object) -> None:
    session.set(settle=_number("settle", value))


def _reads(session: Session, value: object) -> None:
    session.set(reads=_whole("reads", value) or None)


def _seed(session: Session, value: object) -> None:
    _must(hold=isinstance(value, int | str), message=f"seed must be a number or a text, not {_json(value)}")
    session.set(seed=str(value))


SETTERS: dict[str, Callable[[Session, object], None]] = {
    "apps": _apps,
    "boot": _boot,
    "certs": _certs,
    "checks": _checks,
    "clock": _clock,
    "die": _die,
    "exec": _exec,
    "fail": _fail,
    "images": _images,
    "lag": _lag,
    "leases": _leases,
    "logs": _logs,
    "reads": _reads,
    "seed": _seed,
    "settle": _settle,
    "tokens": _tokens,
    "truncate": _truncate,
}
