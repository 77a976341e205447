"""How a machine's state moves.

A change writes down all that follows from it, as steps still to come: each with its time (or the number of
reads it waits for), the state it leads to and the event it leaves. What a machine is now is then a pure
function of what is stored and of the clock, so reading never writes, and a killed process loses nothing.
"""

from __future__ import annotations

from pkg.flysim.evidence import assumed, recorded
from pkg.flysim.platform import images
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.ids import Ids
from pkg.flysim.platform.store import Json

STARTED = "started"
STOPPED = "stopped"
SETTLED = frozenset({STARTED, STOPPED, "suspended", "destroyed", "failed", "created"})
MAX_EVENTS = 60
SLOW_SECONDS = 20.0
RUN_SECONDS = 1.0
CRASH_SECONDS = 1.0
MAX_RESTARTS = 10


def observe(machine: Json, now: float) -> Json:
    """The machine as it is at a time: the steps that are due are taken."""
    pending = machine["pending"]
    due = 0
    while due < len(pending) and not pending[due].get("reads") and pending[due]["at"] <= now:
        due += 1
    if not due:
        return machine
    machine = {**machine, "events": list(machine["events"]), "pending": pending[due:]}
    for step in pending[:due]:
        _take(machine, step)
    return machine


def count_read(machine: Json, now: float) -> Json:
    """The machine after one more read: a step that waits for reads comes nearer."""
    pending = machine["pending"]
    if not pending or not pending[0].get("reads"):
        return machine
    first = {**pending[0], "reads": pending[0]["reads"] - 1, "at": now}
    return {**machine, "pending": [first, *pending[1:]]}


def next_step_at(machine: Json) -> float | None:
    """When the next step is due; None when none is, or when it waits for reads."""
    pending = machine["pending"]
    return None if not pending or pending[0].get("reads") else pending[0]["at"]


def _take(machine: Json, step: Json) -> None:
    event = step["event"]
    if step["state"] == STARTED:
        machine["started"] = step["at"]
    machine["state"] = step["state"]
    machine["updated"] = step["at"]
    if event:
        event = {**event, "timestamp": int(step["at"] * 1000)}
        if "request" in event:
            exit_event = {**event["request"]["exit_event"], "exited_at": rfc3339(step["at"])}
            event["request"] = {"exit_event": exit_event}
        machine["events"] = [event, *machine["events"]][:MAX_EVENTS]


class Mover:
    """Moves one machine within one change."""

    __slots__ = ("_behaviour", "_ids", "_now", "_settings", "machine")

    def __init__(self, machine: Json, *, now: float, settings: Json, ids: Ids) -> None:
        self.machine = observe(machine, now)
        self._now = now
        self._settings = settings
        self._ids = ids
        self._behaviour = behaviour_of(machine, settings)

    def _enter(self, state: str, kind: str) -> None:
        """Go into a state at once; what was still to come is called off."""
        self.machine = {**self.machine, "pending": []}
        _take(self.machine, {"at": self._now, "state": state, "event": self._event(kind, state)})

    def _then(self, delay: float, state: str, event: Json | None) -> float:
        """Add a step, `delay` seconds after the last one."""
        pending = self.machine["pending"]
        at = (pending[-1]["at"] if pending else self._now) + delay
        step: Json = {"at": at, "state": state, "event": event}
        if not pending and self._settings.get("reads"):
            step["reads"] = int(self._settings["reads"])
        self.machine = {**self.machine, "pending": [*pending, step]}
        return at

    def _settle(self) -> Json:
        self.machine = observe(self.machine, self._now)
        return self.machine

    @recorded("operate.json#89", "operate.json#92")
    def _lag(self) -> float:
        """How long a machine stays in its transitional state: seconds, or a range drawn from by the seed."""
        lag = self._settings.get("lag", 0)
        if isinstance(lag, list):
            low, high = lag
            return float(low + (high - low) * self._ids.fraction("lag"))
        return float(lag)

    def _event(self, kind: str, status: str, **more: object) -> Json:
        return {
            "id": self._ids.new("ev", 26).upper(),
            "type": kind,
            "status": status,
            "source": "flyd",
            **more,
        }

    def _exit(self, code: int, *, requested: bool, restarting: bool = False, status: str = STOPPED) -> Json:
        return self._event(
            "exit",
            status,
            request={"exit_event": exit_event(code, requested=requested, restarting=restarting)},
        )

    def launch(self, *, start: bool) -> Json:
        """A new machine: it starts, or lies ready to be started."""
        self._enter("created", "launch")
        if start:
            self._boot(first="start")
        else:
            self.machine["state"] = STOPPED
        return self._settle()

    def replace(self, *, start: bool) -> Json:
        """A new configuration: the machine runs it, or lies ready with it."""
        self.machine = {**self.machine, "boots": 0}
        self._enter("replacing", "replacing")
        if start:
            self._boot(first="start")
        else:
            self._then(self._lag(), STOPPED, self._event("update", STOPPED))
        return self._settle()

    def start(self) -> Json:
        """Start, or start again."""
        self._enter("starting", "starting")
        self._boot(first="start")
        return self._settle()

    def stop(self, *, code: int = 0) -> Json:
        """Stop on request."""
        self._enter("stopping", "stopping")
        self._then(self._lag(), STOPPED, self._exit(code, requested=True))
        return self._settle()

    def suspend(self) -> Json:
        """Suspend."""
        self._enter("suspending", "suspending")
        self._then(self._lag(), "suspended", self._event("suspended", "suspended"))
        return self._settle()

    def destroy(self) -> Json:
        """Destroy for good."""
        self._enter("destroying", "destroying")
        self._then(self._lag(), "destroyed", self._event("destroyed", "destroyed"))
        return self._settle()

    def _boot(self, *, first: str) -> None:
        """What follows when a machine starts: it runs, crashes, or ends where `boot` says."""
        self.machine = {**self.machine, "boots": self.machine.get("boots", 0) + 1}
        boot = str(self._settings.get("boot", STARTED))
        if boot != STARTED:
            self._boot_elsewhere(boot)
            return
        self._then(self._lag(), STARTED, self._event(first, STARTED))
        if is_one_shot(self.machine):
            self._run_once()
        elif self._behaviour == images.CRASHES:
            self._crash_loop()

    @assumed("the states are Fly's; that a failed boot leaves an exit event is its documented behaviour")
    def _boot_elsewhere(self, boot: str) -> None:
        """A booting machine that ends in another state than started."""
        event = self._exit(1, requested=False) if boot in {STOPPED, "failed"} else self._event(boot, boot)
        self._then(self._lag(), boot, event)

    @recorded("release.json#0", "release.json#2", "http.jsonl#459", "http.jsonl#474")
    def _run_once(self) -> None:
        """A release command's machine runs for a second, exits, and is gone."""
        code = 1 if self._behaviour in {images.RELEASE_FAILS, images.CRASHES} else 0
        self._then(RUN_SECONDS, STOPPED, self._exit(code, requested=False))
        if self.machine["config"].get("auto_destroy"):
            self._then(0, "destroyed", self._event("destroyed", "destroyed"))

    @assumed(
        "Fly restarts a machine that exits, by its policy, ten times at most; the event's shape is recorded"
    )
    def _crash_loop(self) -> None:
        """Exit, start again, and so on, until the restarts that the policy allows are used up."""
        policy = self.machine["config"].get("restart") or {}
        restarts = 0 if policy.get("policy") == "no" else int(policy.get("max_retries") or MAX_RESTARTS)
        for left in range(restarts, -1, -1):
            self._then(CRASH_SECONDS, STOPPED, self._exit(1, requested=False, restarting=left > 0))
            if left:
                self._then(0, STARTED, self._event("start", STARTED))


@recorded("http.jsonl#102", "http.jsonl#459")
def exit_event(code: int, *, requested: bool, restarting: bool) -> Json:
    """What an exit event says."""
    return {
        "requested_stop": requested,
        "restarting": restarting,
        "exit_code": code,
        "oom_killed": False,
        "error": "",
        "signal": -1,
        "guest_exit_code": 0,
        "guest_signal": -1,
        "guest_error": "",
        "exited_at": "",
    }


def is_one_shot(machine: Json) -> bool:
    """Whether the machine runs a release command, and ends with it."""
    metadata = machine["config"].get("metadata") or {}
    return metadata.get("fly_process_group") == "fly_app_release_command"


def behaviour_of(machine: Json, settings: Json) -> str:
    """How the machine's image behaves."""
    image = images.Image(*(machine["image"][key] for key in ("registry", "repository", "tag", "digest")))
    return images.behaviour(image, settings.get("images", {}))
