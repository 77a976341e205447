"""Faults that control has laid: an error before or after the effect, output cut short, death at a step."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from pkg.flysim.evidence import assumed, recorded
from pkg.flysim.platform.call import Response
from pkg.flysim.platform.store import Json, Session, Store


class Faults:
    """The faults of one state. Looking is cheap; only one that strikes is a change."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    @recorded("operate.json#80", "operate.json#82", "operate.json#84", "operate.json#87", "http.jsonl#246")
    def error(self, settings: Json, names: Sequence[str], when: str) -> Response | None:
        """The error that strikes a request of these names, before or after its effect; then it is used up."""
        if not _find(settings.get("fail", []), names, when):
            return None
        with self._store.change() as session:
            fault = _use(session, "fail", names, when)
        return Response(fault["status"], {"error": f"injected {fault['status']}"}) if fault else None

    @assumed("a connection that breaks: no recording has one")
    def truncates(self, settings: Json, names: Sequence[str]) -> bool:
        """Whether output of these names is cut short; then it is used up."""
        if not _find(settings.get("truncate", []), names):
            return False
        with self._store.change() as session:
            return _use(session, "truncate", names) is not None

    @assumed("a process that is killed: no recording has one")
    def step(self, settings: Json, name: str) -> None:
        """Die here, by SIGKILL, when control said so; it is said once."""
        if not _dies(settings, name):
            return
        with self._store.change() as session:
            dies = _dies(session.settings, name)
            session.set(die=None)
        if dies:
            import signal

            os.kill(os.getpid(), signal.SIGKILL)


def _dies(settings: Json, name: str) -> bool:
    return "die" in settings and re.search(settings["die"]["step"], name) is not None


def _find(laid: list[Json], names: Sequence[str], when: str = "before") -> Json | None:
    for fault in laid:
        if fault.get("when", "before") == when and any(re.search(fault["pattern"], name) for name in names):
            return fault
    return None


def _use(session: Session, setting: str, names: Sequence[str], when: str = "before") -> Json | None:
    laid = session.settings.get(setting, [])
    fault = _find(laid, names, when)
    if fault is None:
        return None
    left = [{**one, "times": one["times"] - 1} if one is fault else one for one in laid]
    session.set(**{setting: [one for one in left if one["times"]] or None})
    return fault
