"""A tenant's processes in the order of their dependencies, each in a shell, as process-compose runs them."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from pkg.processcompose.tenant import Tenant
from tests.real.conftest import Started, answers, run, running, wait_for

# What process-compose starts commands with: https://f1bonacc1.github.io/process-compose/configuration/
SHELL = ("bash", "-c")


class Machine:
    """Something that runs a tenant.

    Args:
        tenant: whose processes.
        logs: a folder for what they print.
        cwd: where they are started.
        env: their variables.
        within: what puts a command where it shall run, as `buildah run NAME --`; nothing runs it here.
    """

    def __init__(
        self, tenant: Tenant, logs: Path, *, cwd: Path, env: Mapping[str, str], within: Sequence[str] = ()
    ) -> None:
        self.tenant = tenant
        self.logs = logs
        self.cwd = cwd
        self.env = env
        self.within = within
        self.started: list[Started] = []

    def boot(self, stack: ExitStack) -> None:
        """Start everything; a process that others wait for is waited for."""
        done: set[str] = set()
        left = dict(self.tenant.processes)
        while left:
            ready = [name for name, process in left.items() if set(process.depends_on) <= done]
            assert ready, f"nothing can start: {left}"
            for name in ready:
                self._start(name, stack)
                done.add(name)
                del left[name]

    def _start(self, name: str, stack: ExitStack) -> None:
        process = self.tenant.processes[name]
        argv = [*self.within, *SHELL, process.command]
        if process.availability.restart == "no":
            ended = run(argv, cwd=self.cwd, env=self.env)
            assert ended.returncode == 0, ended.stderr
            return
        log = self.logs / f"{name}.log"
        self.started.append(stack.enter_context(running(argv, log, env=self.env, cwd=self.cwd)))
        for _, probe in process.probes():
            assert probe.http_get
            url = f"http://{probe.http_get.host}:{probe.http_get.port}{probe.http_get.path}"
            wait_for(partial(answers, url), url, log)

    def halt(self) -> None:
        """Stop everything, the last started first; each must end by itself."""
        while self.started:
            assert self.started.pop().end() == 0
