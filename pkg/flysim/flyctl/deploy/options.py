"""What the flags of a deploy ask for."""

from __future__ import annotations

from pkg.flysim.flyctl.errors import Failed
from pkg.flysim.flyctl.values import BadValue, parse_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

NO_LIMIT = float("inf")
WAIT_SECONDS = 300.0
LEASE_SECONDS = 13.0
STRATEGIES = ("rolling", "immediate", "canary")


class Options:
    """The options of one deploy; the defaults are those of `secrets deploy`, which has no flags for them."""

    def __init__(self) -> None:
        self.strategy = ""
        self.wait = WAIT_SECONDS
        self.lease = LEASE_SECONDS
        self.release_command = WAIT_SECONDS
        self.max_unavailable = 0.33
        self.max_concurrent = 8
        self.high_availability = True
        self.update_only = False
        self.skip_release_command = False
        self.detach = False
        self.smoke_checks = True
        self.dns_checks = True
        self.public_ips = True
        self.env: dict[str, str] = {}
        self.guest: dict[str, str | int] = {}
        self.region = ""
        self.volume_size = 0

    @property
    def watches(self) -> bool:
        """Whether health is waited for; recorded: README, `--detach` skips health and smoke checks."""
        return not self.detach


def of(call: Call) -> Options:
    """The options that a run of `deploy` gives.

    Raises:
        Failed: a value is none.
    """
    options = Options()
    options.strategy = call.text("strategy")
    options.wait = seconds(call, "wait-timeout")
    options.lease = seconds(call, "lease-timeout")
    timeout = call.text("release-command-timeout")
    options.release_command = NO_LIMIT if timeout == "none" else seconds(call, "release-command-timeout")
    options.max_unavailable = float(call.value("max-unavailable"))
    if options.max_unavailable <= 0:
        raise Failed(f"Invalid --max-unavailable value: {options.max_unavailable:g}")
    options.max_concurrent = max(1, call.number("max-concurrent"))
    options.high_availability = call.switch("ha")
    options.update_only = call.switch("update-only")
    options.skip_release_command = call.switch("skip-release-command")
    options.detach = call.switch("detach")
    options.smoke_checks = call.switch("smoke-checks")
    options.dns_checks = call.switch("dns-checks")
    options.public_ips = not call.switch("no-public-ips")
    options.env = assignments(call.texts("env"))
    options.guest = guest(call)
    options.region = call.text("primary-region")
    options.volume_size = call.number("volume-initial-size")
    return options


def seconds(call: Call, name: str) -> float:
    """A duration flag that is a string: `5m`, `90s`, or a bare number of seconds.

    Raises:
        Failed: it is neither.
    """
    text = call.text(name)
    if text.isdigit():
        return float(text)
    try:
        return parse_duration(text)
    except BadValue as error:
        raise Failed(f"failed to parse duration {text} from --{name}: {error}") from error


def assignments(texts: list[str]) -> dict[str, str]:
    """NAME=VALUE pairs.

    Raises:
        Failed: one has no `=`.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Failed(f"'{text}': must be in the format NAME=VALUE")
        found[name] = value
    return found


def guest(call: Call) -> dict[str, str | int]:
    """What the --vm flags ask of a machine's size.

    Raises:
        Failed: a size or an amount of memory is none.
    """
    asked: dict[str, str | int] = {}
    if call.text("vm-size"):
        asked.update(size(call.text("vm-size")))
    if call.text("vm-cpu-kind"):
        asked["cpu_kind"] = call.text("vm-cpu-kind")
    if call.number("vm-cpus"):
        asked["cpus"] = call.number("vm-cpus")
    if call.text("vm-memory"):
        asked["memory_mb"] = megabytes(call.text("vm-memory"))
    return asked


def size(name: str) -> dict[str, str | int]:
    """The guest of a named size: shared-cpu-1x, performance-2x.

    Raises:
        Failed: there is no such size.
    """
    kinds = {"shared-cpu": ("shared", 256), "performance": ("performance", 2048)}
    kind, _, count = name.rpartition("-")
    if (
        kind not in kinds
        or count not in {"1x", "2x", "4x", "8x", "16x"}
        or (kind, count) == ("shared-cpu", "16x")
    ):
        raise Failed(f"invalid machine size requested, '{name}', available: see `fly platform vm-sizes`")
    cpus = int(count[:-1])
    cpu_kind, memory = kinds[kind]
    return {"cpu_kind": cpu_kind, "cpus": cpus, "memory_mb": memory * cpus}


def megabytes(text: str) -> int:
    """An amount of memory: 512, 512mb, 1gb.

    Raises:
        Failed: it is none.
    """
    lower = text.lower().strip()
    for unit, factor in (("gib", 1024), ("gb", 1024), ("g", 1024), ("mib", 1), ("mb", 1), ("m", 1), ("", 1)):
        number = lower.removesuffix(unit) if unit else lower
        if lower.endswith(unit) and number.replace(".", "", 1).isdigit():
            return int(float(number) * factor)
    raise Failed(f"failed to parse size {text!r}")
