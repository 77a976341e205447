"""The variables: process before .envrc before .env, the 1Password references among them, and the sandbox."""

import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pkg.shell.clock import Clock, SystemClock
from pkg.shell.console import Console
from pkg.shell.redact import Redactor, looks_secret
from pkg.shell.runner import ProcessRunner, Runner

SANDBOX_VARIABLE = "FLY_SANDBOX"
REFERENCE = "op://"  # what a 1Password reference begins with
TOOLS = Path(".tools/bin")  # below the root; the pinned tools are run from there, whatever .envrc may do
SIMULATION = Path(__file__).resolve().parents[1] / "flysim" / "bin"

# What a real account is reached with; nothing of it gets into the sandbox. FLY_TICK: how often to look.
_REAL = re.compile(r"FLY_(?!TICK$)|FLYCTL_|FLYSIM_(?!RECORD$)|OP_|DIRENV_")


def process_variables() -> Mapping[str, str]:
    """Return the environment of this process, as it is now."""
    return dict(os.environ)


def sandbox_folder(variables: Mapping[str, str] | None = None) -> Path | None:
    """Return the state folder of the simulation that is switched on, or None."""
    value = (process_variables() if variables is None else variables).get(SANDBOX_VARIABLE, "")
    return Path(value).resolve() if value else None


def process_console(*, sandbox: bool = False) -> Console:
    """Return a console for what is said before there is a workspace.

    Args:
        sandbox: whether Fly is about to be simulated; it may be already.
    """
    variables = process_variables()
    simulated = sandbox or sandbox_folder(variables) is not None
    return Console.of_process(Redactor(), variables, sandbox=simulated)


def enter_sandbox(state: Path) -> None:
    """Switch the simulation on for the rest of this process.

    Args:
        state: the folder that the simulation keeps its state in.
    """
    os.environ[SANDBOX_VARIABLE] = str(state.resolve())


def leave_sandbox() -> None:
    """Switch the simulation off for the rest of this process."""
    os.environ.pop(SANDBOX_VARIABLE, None)


class Environment:
    """The variables that tasks and their children see.

    Files are read, and direnv is started, when a variable is first asked for that the process does not have;
    1Password is asked when a task calls `resolve`. In the sandbox neither happens.

    Args:
        root: the repo's root, where .envrc and .env are.
        process: the variables of the process.
        console: for the words on what could not be read.
        redactor: gets the secrets.
        clock: measures seconds.
    """

    def __init__(
        self, root: Path, process: Mapping[str, str], *, console: Console, redactor: Redactor, clock: Clock
    ) -> None:
        self.root = root
        self.sandbox = sandbox_folder(process)
        self.console = console
        self.child: Mapping[str, str] = ChildVariables(self)
        self._process = process
        self._redactor = redactor
        self._clock = clock
        self._variables: Mapping[str, str] | None = None
        self._usable: Mapping[str, str] | None = None
        self._lock = threading.Lock()
        self._hide(process)

    @property
    def variables(self) -> Mapping[str, str]:
        """All variables; a 1Password reference stands as it is until it is resolved."""
        with self._lock:  # several threads may start their programs at once
            if self._variables is None:
                loaded = self._simulated() if self.sandbox else self._real()
                self._hide(loaded)
                self._variables = loaded
            return MappingProxyType(self._variables)

    def get(self, name: str, default: str = "") -> str:
        """Return a variable, or the default; files are read only if the process does not have it."""
        if self._variables is None and self.sandbox is None and self._process.get(name):
            return self._process[name]
        return self.variables.get(name, default)

    def _hide(self, variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            if looks_secret(name, value) and not value.startswith(REFERENCE):
                self._redactor.add(value)

    def _real(self) -> Mapping[str, str]:
        added: dict[str, str] = {}
        if any((self.root / name).exists() for name in (".env", ".envrc")):
            from pkg.shell.envrc import read_env, read_envrc

            # With its own variables direnv would answer with the difference to what it has loaded before.
            runner = ProcessRunner(
                env={name: value for name, value in self._process.items() if not name.startswith("DIRENV_")},
                cwd=self.root,
                console=self.console,
                redactor=self._redactor,
                clock=self._clock,
            )
            added = read_env(self.root / ".env", self.console)
            added |= read_envrc(self.root / ".envrc", self._process, runner, self.console)
        # A variable that is set to nothing is not set: so CI hands over a secret that it does not have.
        own = {name: value for name, value in self._process.items() if value or name not in added}
        of_own = self._process.get("PATH", os.defpath)  # .envrc's is made of it
        path = self._with_tools(added.get("PATH", of_own))
        return {**added, **own, "PATH": path, "FLY_NO_UPDATE_CHECK": "1"}

    def _with_tools(self, path: str) -> str:
        """Return a PATH with the pinned tools, also where direnv is missing or .envrc is not allowed."""
        folder = str(self.root / TOOLS)
        if folder in path.split(os.pathsep) or not Path(folder).is_dir():
            return path
        return os.pathsep.join(part for part in (folder, path) if part)

    def _simulated(self) -> Mapping[str, str]:
        exported: set[str] = set()
        if (self.root / ".envrc").exists():
            from pkg.shell.envrc import exported_names

            exported = exported_names(self.root / ".envrc")  # direnv may have loaded it into the process
        kept = {
            name: value
            for name, value in self._process.items()
            if not (
                _REAL.match(name)
                or name in exported
                or looks_secret(name, value)
                or value.startswith(REFERENCE)
            )
        }
        own = self._with_tools(self._process.get("PATH", os.defpath))
        path = (str(SIMULATION), str(Path(sys.executable).parent), own)
        return {
            **kept,
            "PATH": os.pathsep.join(part for part in path if part),
            SANDBOX_VARIABLE: str(self.sandbox),
            "FLYSIM_STATE": str(self.sandbox),
            "FLY_API_TOKEN": "fo1_simulated",
            "FLY_NO_UPDATE_CHECK": "1",
        }

    def resolve(self, runner: Runner) -> None:
        """Ask 1Password for every reference, all in one batch; without references nothing is asked.

        Args:
            runner: starts `op`.

        Raises:
            CommandMissing: `op` is not installed.
            CommandFailed: 1Password gave no answer; the text tells why and what to do.
            BadInput: a reference leads to nothing.
        """
        asked = {name: value for name, value in self.variables.items() if value.startswith(REFERENCE)}
        if asked:
            from pkg.shell.onepassword import ask_1password

            answers = ask_1password(asked, runner, self._redactor, self.console)
            self._variables = {**self.variables, **answers}
            self._usable = None

    def forget(self) -> None:
        """Read the files, and ask direnv and 1Password, anew when a variable is next asked for."""
        with self._lock:
            self._variables = self._usable = None

    def usable(self) -> Mapping[str, str]:
        """Return all variables but the unresolved references."""
        if self._usable is None:
            variables = self.variables.items()
            self._usable = {name: value for name, value in variables if not value.startswith(REFERENCE)}
        return self._usable


class ChildVariables(Mapping[str, str]):
    """The variables that children get: all but unresolved references, which no program could use."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getitem__(self, name: str) -> str:
        return self._environment.usable()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environment.usable())

    def __len__(self) -> int:
        return len(self._environment.usable())


def load_environment(
    root: Path,
    process: Mapping[str, str] | None = None,
    *,
    console: Console | None = None,
    redactor: Redactor | None = None,
    clock: Clock | None = None,
) -> Environment:
    """Return the environment of a repo; nothing is read before it is asked for.

    Args:
        root: the repo's root, where .envrc and .env are.
        process: the variables of the process; None for this one's.
        console: for the words on what could not be read; None for this process's.
        redactor: gets the secrets; None for a new one.
        clock: measures seconds; None for the machine's.
    """
    variables = process_variables() if process is None else process
    redactor = redactor or Redactor()
    simulated = sandbox_folder(variables) is not None
    return Environment(
        root,
        variables,
        console=console or Console.of_process(redactor, variables, sandbox=simulated),
        redactor=redactor,
        clock=clock or SystemClock(),
    )
