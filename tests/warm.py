"""A Python that has loaded Invoke and our own code: each `inv` of a test is a fork of it.

Loading is two thirds of what a short task costs, and the tests run a thousand. A fork has its own folder,
environment, argv and streams, reads the folder's tasks.py, and differs from `inv` in how it begins and ends:
signals, pipes, terminals and what is imported when are tested with programs of their own.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

BIN = Path(sys.executable).parent
Done = subprocess.CompletedProcess[str]


def inv(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str = "", timeout: float = 60
) -> Done:
    """Run `inv` with these words, one at a time.

    Args:
        words: what follows `inv`.
        cwd: the folder to run in.
        env: all of its environment.
        stdin: what it reads.
        timeout: seconds after which it, and all that it has started, is killed.

    Raises:
        subprocess.TimeoutExpired: it did not end in time.
    """
    asked = json.dumps({"words": words, "cwd": str(cwd), "env": dict(env)})
    with contextlib.ExitStack() as files:
        streams = [files.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        streams[0].write(stdin.encode())
        streams[0].seek(0)
        python = _python()
        try:
            code = python.fork(asked, [one.fileno() for one in streams], timeout)
        except TimeoutError:
            python.close()
            _python.cache_clear()
            raise subprocess.TimeoutExpired(["inv", *words], timeout) from None
        for one in streams[1:]:
            one.seek(0)
        out, err = (one.read().decode() for one in streams[1:])
    return Done(["inv", *words], code, out, err)


class _Python:
    """The one that waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self.close)

    def fork(self, asked: str, streams: list[int], timeout: float) -> int:
        """Let it fork, with these streams; return the exit code. TimeoutError after so many seconds."""
        with self._lock:
            self._ours.settimeout(timeout)
            socket.send_fds(self._ours, [f"{asked}\n".encode()], streams)
            return int(_line(self._ours))

    def close(self) -> None:
        """End it, and all that was started by its forks."""
        atexit.unregister(self.close)
        self._ours.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@functools.cache
def _python() -> _Python:
    return _Python()


def _line(channel: socket.socket, read: bytes = b"") -> bytes:
    while not read.endswith(b"\n"):
        more = channel.recv(1 << 16)
        if not more:
            raise EOFError
        read += more
    return read


def _serve(channel: socket.socket) -> None:
    """Fork for each request, until the tests have ended."""
    while True:
        read, streams, _, _ = socket.recv_fds(channel, 1 << 16, 3)
        if not read:
            return
        asked = json.loads(_line(channel, read))
        child = os.fork()
        if not child:
            channel.close()
            _become(streams, **asked)
        for one in streams:
            os.close(one)
        _, status = os.waitpid(child, 0)
        channel.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(streams: list[int], *, words: list[str], cwd: str, env: dict[str, str]) -> None:
    """Be `inv`: this ends the program."""
    for number, one in enumerate(streams):
        os.dup2(one, number)
        os.close(one)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [str(BIN / "inv"), *words]
    sys.path[0] = str(BIN)
    code: object = 0
    try:
        program.run()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 -- as Python does
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)  # what Python does at its end is half of a short task


def _load() -> None:
    """Load what most tasks use, so that the forks have it."""
    for package in (pkg.fly, pkg.shell):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    gc.freeze()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from invoke.main import program

    import pkg.fly
    import pkg.shell

    _load()
    with socket.socket(fileno=int(sys.argv[1])) as theirs:
        _serve(theirs)
