"""One run of a command: its flags and operands, its streams, the app it is about, the platform."""

from __future__ import annotations

import os

from pkg.flysim.flyctl.errors import ApiFailed, Failed, NotSimulated
from pkg.flysim.flyctl.grammar import READERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol, TextIO

    from pkg.flysim.flyctl.api import Api
    from pkg.flysim.flyctl.grammar import Parsed
    from pkg.flysim.flyctl.manifest import Manifest
    from pkg.flysim.platform.clock import Clock

    Json = dict[str, Any]

    class Output(Protocol):
        """Where text goes: a stream, or what stands for one."""

        def write(self, text: str, /) -> int:
            """Write a text."""

        def flush(self) -> None:
            """Let what was written arrive."""


# Hidden names of flags that set the same value; recorded: usage texts say "(also --memory)" and so on.
OTHER_NAMES = {
    "yes": "auto-confirm",
    "vm-cpus": "cpus",
    "vm-memory": "memory",
    "vm-cpu-kind": "vm-cpukind",
    "machine": "instance",
    "process-group": "group",
    "regions": "only-regions",
}
NO_APP = (
    "the config for your app is missing an app name, add an app field to the fly.toml file "
    "or specify with the -a flag"
)


class Call:
    """What a command's function gets."""

    def __init__(
        self,
        parsed: Parsed,
        *,
        api: Api,
        env: Mapping[str, str],
        cwd: str,
        stdin: TextIO,
        stdout: Output,
        stderr: Output,
    ) -> None:
        self.parsed = parsed
        self.operands: list[str] = [_sent(operand) for operand in parsed.operands]
        self.api = api
        self.env = env
        self.cwd = cwd
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self._manifest: Manifest | None = None
        self._app = ""

    @property
    def clock(self) -> Clock:
        """The simulation's time."""
        return self.api.platform.clock

    def out(self, text: str = "") -> None:
        """Print a line on stdout."""
        self.stdout.write(text + "\n")

    def say(self, text: str = "") -> None:
        """Print a line on stderr."""
        self.stderr.write(text + "\n")

    def json(self, value: object) -> None:
        """Print JSON as flyctl does: four spaces, Go's escapes."""
        from pkg.flysim.flyctl.render import go_json

        self.out(go_json(value))

    def given(self, name: str) -> bool:
        """Whether argv names the flag, or its other name."""
        return name in self.parsed.given or OTHER_NAMES.get(name, "") in self.parsed.given

    def value(self, name: str) -> Any:  # noqa: ANN401 -- the flag's kind says which type
        """The value of a flag: given, or its default."""
        for each in (name, OTHER_NAMES.get(name, "")):
            if each in self.parsed.given:
                return _sent(self.parsed.given[each])
        flag = self.parsed.command.flags.get(name)
        if flag is None:
            return None
        if flag.kind in {"stringSlice", "stringArray"}:
            return []
        if flag.default:
            return READERS[flag.kind](flag.default)
        return {"bool": False, "int": 0, "float64": 0.0, "duration": 0.0}.get(flag.kind, "")

    def text(self, name: str) -> str:
        """The value of a string flag."""
        return str(self.value(name) or "")

    def number(self, name: str) -> int:
        """The value of an int flag."""
        return int(self.value(name) or 0)

    def seconds(self, name: str) -> float:
        """The value of a duration flag."""
        return float(self.value(name) or 0)

    def switch(self, name: str) -> bool:
        """The value of a bool flag."""
        return bool(self.value(name))

    def texts(self, name: str) -> list[str]:
        """The values of a flag that may repeat."""
        return list(self.value(name) or ())

    @property
    def asked(self) -> bool:
        """Whether confirmation was given: --yes. A simulation never asks: it has no terminal."""
        return self.switch("yes")

    @property
    def manifest(self) -> Manifest | None:
        """The manifest of the run: -c, else fly.toml here; None when there is none.

        Raises:
            Failed: -c names none, or it cannot be read.
        """
        from pkg.flysim.flyctl import manifest

        if self._manifest is None:
            self._manifest = manifest.find(self.text("config"), self.cwd)
        return self._manifest

    @property
    def app(self) -> str:
        """The app that the run is about: -a, else FLY_APP, else the manifest's.

        Raises:
            Failed: nothing names one.
        """
        if self._app or self.text("app"):
            return self._app or self.text("app")
        if self.env.get("FLY_APP"):
            return self.env["FLY_APP"]
        found = self.manifest
        if found is None or not found.app:
            raise Failed(NO_APP)
        return found.app

    @app.setter
    def app(self, name: str) -> None:
        self._app = name

    def wants(self, *flags: str) -> None:
        """Refuse a combination of flags that the simulation does not follow.

        Raises:
            NotSimulated: one of these flags was given.
        """
        for name in flags:
            if self.given(name):
                raise NotSimulated(f"the flag --{name} of `{self.parsed.command.path}`")

    def machine(self, machine: str) -> Json:
        """One machine of the app.

        Raises:
            Failed: there is none of that id.
        """
        try:
            found: Json = self.api.get(f"/v1/apps/{self.app}/machines/{machine}")
        except ApiFailed as error:
            if error.status == 404:
                raise Failed(f"machine {machine} was not found in app '{self.app}'") from error
            raise Failed(f"could not get machine {machine}: {error}") from error
        return found

    def path(self, name: str) -> str:
        """A path as the run's working directory sees it."""
        return os.path.join(self.cwd, name)  # noqa: PTH118 -- see surface.py


def _sent(value: Any) -> Any:  # noqa: ANN401 -- any value of a flag
    """A value as JSON carries it.

    Bytes that are no UTF-8 become replacement characters, as Go's encoder has it.
    """
    if isinstance(value, list):
        return [_sent(each) for each in value]
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value
