"""What the machines' series would have measured, reckoned from the state: nothing is stored.

A machine that runs has series, one that does not has none, as on Fly. How much it does is noise that its id,
the seed and the time give, so the same question gets the same answer; how well it does follows from the image
that it ran at the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from pkg.flysim.evidence import assumed
from pkg.flysim.platform import images, machines, releases
from pkg.flysim.platform.apps import KIND as APP
from pkg.flysim.platform.call import Call
from pkg.flysim.platform.ids import digest
from pkg.flysim.platform.promql import NAME, Series
from pkg.flysim.platform.store import Json
from pkg.flysim.platform.transitions import SLOW_SECONDS, STARTED, behaviour_of

MIB = 1024 * 1024
TICKS = 100.0  # fly_instance_cpu counts centiseconds
SAMPLES = 6  # so many moments of a window are looked at
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))
REQUESTS = 12.0  # a second and machine
MEDIAN = 0.03  # seconds until an answer
RECEIVED, SENT = 700.0, 5200.0  # bytes a request
QUIET = 0.05  # what a machine without services does, in requests a second
NEWLY = frozenset({"launch", "replacing", "update"})
# Of all answers so many are errors, and an answer takes so many times as long.
TROUBLE: dict[str, tuple[float, float]] = {
    images.UNHEALTHY: (0.35, 6.0),
    images.CRASHES: (0.5, 3.0),
    images.SLOW: (0.2, 8.0),
    images.STUCK: (0.35, 6.0),
    images.ERRS: (0.12, 4.0),
}
WELL = (0.002, 1.0)
NOT_FOUND = 0.01
MODES = {"user": 0.7, "system": 0.22, "softirq": 0.08}


class Life:
    """One machine through time."""

    def __init__(self, machine: Json, released: Sequence[Json], settings: Json) -> None:
        self.machine = machine
        self._settings = settings
        self._released = (
            released if (machine["config"].get("metadata") or {}).get("fly_process_group") else ()
        )
        self._seed = f"{settings.get('seed', '')}{machine['id']}"
        self._states = [(event["timestamp"] / 1000, event["status"]) for event in machine["events"]]
        newly = [event["timestamp"] / 1000 for event in machine["events"] if event["type"] in NEWLY]
        self._configured = max(newly, default=machine["created"])
        # The many series of one answer ask for the same moments.
        self.up: Callable[[float], bool] = cache(self._up)
        self.requests: Callable[[float], float] = cache(self._requests)
        self.slowness: Callable[[float], float] = cache(self._slowness)
        self.trouble: Callable[[float], tuple[float, float]] = cache(self._trouble)
        self.answers: Callable[[str, float], float] = cache(self._answers)
        self.within: Callable[[float, float], float] = cache(self._within)

    def noise(self, about: str, when: float, period: float) -> float:
        """A number from -1 to 1 that changes smoothly, about once a period."""
        at, share = divmod(when / period, 1)
        before, after = (_fraction(f"{self._seed}{about}{period}{int(at) + step}") for step in (0, 1))
        eased = share * share * (3 - 2 * share)
        return 2 * (before + (after - before) * eased) - 1

    def busy(self, when: float) -> float:
        """The share of its processors that works."""
        errors, slower = self.trouble(when)
        share = 0.012 * self.requests(when) + 0.02 * slower + 0.1 * errors
        return min(0.97, share * (1 + 0.1 * self.noise("busy", when, 60)))

    def used(self, when: float) -> float:
        """The share of its memory that is used: a little more the longer it runs."""
        hours = max(0.0, when - float(self.machine["started"])) / 3600
        _, slower = self.trouble(when)
        return min(0.95, 0.34 + 0.02 * slower + 0.01 * min(hours, 24) + 0.02 * self.noise("used", when, 300))

    def _up(self, when: float) -> bool:
        """Whether it ran."""
        return next((state == STARTED for at, state in self._states if at <= when), False)

    def _answers(self, status: str, when: float) -> float:
        """Answers a second with a status."""
        errors, _ = self.trouble(when)
        share = {"404": NOT_FOUND, "500": errors}.get(status, 1 - NOT_FOUND - errors)
        return self.requests(when) * share

    def _within(self, bound: float, when: float) -> float:
        """The share of its answers that come within a time: log-logistic, with a tail as services have it."""
        return 1.0 if bound == float("inf") else 1.0 / (1.0 + pow(self.slowness(when) / bound, 3))

    def _requests(self, when: float) -> float:
        """Requests a second."""
        return REQUESTS * (1 + 0.2 * self.noise("load", when, 1800) + 0.08 * self.noise("load", when, 45))

    def _slowness(self, when: float) -> float:
        """Seconds within which half of its answers come."""
        return MEDIAN * self.trouble(when)[1] * (1 + 0.1 * self.noise("latency", when, 120))

    def _trouble(self, when: float) -> tuple[float, float]:
        """The share of errors among its answers, and how many times longer they take."""
        behaviour = self._behaviour(when)
        if behaviour == images.SLOW and when >= self.machine["started"] + SLOW_SECONDS:
            return WELL
        if behaviour == images.STUCK and self.machine["boots"] > 1:
            return WELL
        errors, slower = TROUBLE.get(behaviour, WELL)
        return errors * (1 + 0.15 * self.noise("errors", when, 90)), slower

    def _behaviour(self, when: float) -> str:
        """How the image behaves that it ran: its own, or that of the release before."""
        earlier = [one for one in self._released if one["created"] <= when]
        if when >= self._configured or not earlier:
            return behaviour_of(self.machine, self._settings)
        known = self._settings.get("images", {})
        image = images.parse(earlier[0]["image"], known)
        return images.behaviour(image, known) if image else images.HEALTHY


class One:
    """A series of one machine: a gauge's value, or a counter's growth a second, at each moment."""

    __slots__ = ("_life", "_value", "counter", "labels")

    def __init__(
        self, life: Life, labels: dict[str, str], value: Callable[[float], float], *, counter: bool
    ) -> None:
        self._life = life
        self._value = value
        self.labels = labels
        self.counter = counter

    def at(self, when: float) -> float | None:
        """The value at a time; None when the machine did not run."""
        return self._value(when) if self._life.up(when) else None

    def rate(self, when: float, window: float) -> float | None:
        """The growth a second over a window; None when the machine did not run in it."""
        up, value = self._life.up, self._value
        values = [value(moment) for moment in _moments(when, window) if up(moment)]
        return sum(values) / SAMPLES if values else None


@assumed("names, labels and units as https://fly.io/docs/monitoring/metrics/ has them; the numbers are ours")
def of_platform(call: Call) -> list[Series]:
    """The series of every machine that there is, or was."""
    found: list[Series] = []
    for app in call.session.all(APP):
        name = app["name"]
        if call.scope in {"", name}:
            released = call.session.newest(releases.KIND, name, releases.KEPT)
            for machine in machines.all_of(call, name):
                found += _of_machine(Life(machine, released, call.session.settings))
    return found


def _of_machine(life: Life) -> list[Series]:
    machine = life.machine
    standard = {
        "app": machine["app"],
        "region": machine["region"],
        "host": digest(machine["id"])[:4],
        "instance": machine["id"],
    }
    guest = machine["config"].get("guest") or {}
    cpus, memory = int(guest.get("cpus") or 1), float(guest.get("memory_mb") or 256) * MIB

    def series(name: str, value: Callable[[float], float], *, counter: bool = False, **labels: str) -> Series:
        return One(life, {NAME: name, **standard, **labels}, value, counter=counter)

    found = [
        series("fly_instance_up", lambda _: 1.0),
        series("fly_instance_memory_mem_total", lambda _: memory),
        series("fly_instance_memory_mem_available", lambda when: memory * (1 - life.used(when))),
        series("fly_instance_load_average", lambda when: life.busy(when) * cpus, minutes="1"),
    ]
    for cpu in map(str, range(cpus)):
        works = {mode: _times(TICKS * share, life.busy) for mode, share in MODES.items()}
        rests = {"idle": lambda when: TICKS * (1 - life.busy(when))}
        found += [
            series("fly_instance_cpu", value, counter=True, mode=mode, cpu_id=cpu)
            for mode, value in {**works, **rests}.items()
        ]
    serves = bool(machine["config"].get("services"))
    load = life.requests if serves else lambda _: QUIET
    found += [
        series(f"fly_instance_net_{way}_bytes", _times(size, load), counter=True, device="eth0")
        for way, size in (("recv", RECEIVED), ("sent", SENT))
    ]
    return [*found, *(_http(life, series) if serves else [])]


def _http(life: Life, series: Callable[..., Series]) -> list[Series]:
    """What the proxy counts of the machine's answers."""

    def answers(status: str) -> Callable[[float], float]:
        return lambda when: life.answers(status, when)

    def answers_within(status: str, bound: float) -> Callable[[float], float]:
        return lambda when: life.answers(status, when) * life.within(bound, when)

    found = [series("fly_app_concurrency", lambda when: life.requests(when) * life.slowness(when))]
    for status in ("200", "404", "500"):
        found.append(series("fly_app_http_responses_count", answers(status), counter=True, status=status))
        found += [
            series(
                "fly_app_http_response_time_seconds_bucket",
                answers_within(status, bound),
                counter=True,
                status=status,
                le="+Inf" if bound == float("inf") else f"{bound:g}",
            )
            for bound in BOUNDS
        ]
    return found


def _times(factor: float, value: Callable[[float], float]) -> Callable[[float], float]:
    return lambda when: factor * value(when)


@lru_cache(maxsize=20_000)
def _moments(when: float, window: float) -> tuple[float, ...]:
    """Moments of a window that ends at a time."""
    return tuple(when - window * (step + 0.5) / SAMPLES for step in range(SAMPLES))


@lru_cache(maxsize=20_000)
def _fraction(text: str) -> float:
    return int(digest(text)[:8], 16) / 0xFFFFFFFF
