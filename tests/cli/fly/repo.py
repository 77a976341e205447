"""A repo in a path with a space, on a simulated Fly of its own; `inv` runs in it as a person runs it."""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pkg.flysim.flyctl.main import main as simulated
from pkg.flysim.platform import Platform
from tests import warm

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
SIMULATION = ROOT / "pkg" / "flysim" / "bin"
Done = subprocess.CompletedProcess[str]
# Each command says that the environment has it simulated; here that is no news.
ANNOUNCED = re.compile(r"^sandbox: FLY_SANDBOX is set: .*\n", re.MULTILINE)


def digest(tag: str) -> str:
    return "sha256:" + hashlib.sha256(tag.encode()).hexdigest()


def image(tag: str) -> str:
    return f"registry.fly.io/infra:{tag}@{digest(tag)}"


class Repo:
    """The folder, its simulation, and what a person types."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "my repo"
        self.state = folder / "state"
        self.env = {
            "PATH": f"{BIN}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(folder),
            "USER": "ann",
            "FLY_SANDBOX": str(self.state),
            "FLY_TICK": "0.1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONPATH": "",
        }

    @classmethod
    def new(cls, folder: Path, *, ago: float = 0) -> "Repo":
        """Make the repo, and two apps: infra on two machines, infra-core on one with a volume.

        They are deployed now, or so many seconds ago.
        """
        repo = cls(folder)
        (repo.root / "core").mkdir(parents=True)
        for name in ("tasks.py", "fly.toml", "core/fly.toml"):
            shutil.copy(ROOT / name, repo.root / name)
        (repo.root / "pkg").symlink_to(ROOT / "pkg")
        repo.record("first")
        repo.git("init", "-q", "--template=")
        repo.commit("begin")
        repo.control(apps=["infra", "infra-core"], lag=0, settle=0)
        if ago:
            then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))
            repo.control(clock={"mode": "virtual", "now": then})
        flags = ("-y", "--dns-checks=false", "--image", image("first"))
        repo.flyctl("deploy", "-a", "infra", "-c", "fly.toml", *flags)
        repo.flyctl("deploy", "-a", "infra-core", "-c", "core/fly.toml", "--ha=false", *flags)
        repo.control(clock={"mode": "real"})
        repo.inv("fly.status")  # which learns what flyctl this is, once for all copies
        return repo

    def copy(self, folder: Path) -> "Repo":
        """Return the same in another folder."""
        other = Repo(folder)
        shutil.copytree(self.root, other.root, symlinks=True)
        shutil.copytree(self.state, other.state)
        return other

    def record(self, tag: str) -> None:
        """Record an image as what ko published last."""
        (self.root / "core" / "image.toml").write_text(
            f'[image]\napp = "infra"\nref = "{image(tag)}"\ncommit = "{"c" * 40}"\n'
            "published = 2026-11-24T08:00:00Z\n"
        )

    def publish(self, tag: str, behaviour: str = "healthy") -> str:
        """Publish an image that behaves so, and return its reference."""
        self.control(images={image(tag): {"behaviour": behaviour, "digest": digest(tag)}})
        self.record(tag)
        return image(tag)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.com", *arguments],
            cwd=self.root,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "fly.toml", "core")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def control(self, **settings: object) -> None:
        """Change what the simulation does."""
        with contextlib.closing(Platform(self.state)) as platform:
            platform.control(settings)

    def flyctl(self, *arguments: str, check: bool = True) -> str:
        """Ask the simulation what is so, or change it behind the back of the tasks."""
        stdout, stderr = io.StringIO(), io.StringIO()
        env = {**self.env, "FLYSIM_STATE": str(self.state), "FLY_API_TOKEN": "fo1_simulated"}
        code = simulated(list(arguments), env, io.StringIO(), stdout, stderr, cwd=str(self.root))
        assert not check or code == 0, (arguments, stdout.getvalue(), stderr.getvalue())
        return stdout.getvalue()

    def machines(self, app: str = "infra") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.flyctl("machine", "list", "-a", app, "--json"))
        return found

    def running(self, app: str = "infra") -> dict[str, str]:
        """The tag that each machine runs, where all of its checks pass; `tag!` where one does not."""
        return {
            machine["id"]: machine["image_ref"]["tag"]
            + ("" if all(check["status"] == "passing" for check in machine.get("checks", [])) else "!")
            for machine in self.machines(app)
        }

    def inv(self, *arguments: str, code: int | None = 0, stdin: str | None = None, **env: str) -> Done:
        """Run a task as a person without a terminal does, and hold it to its exit code."""
        done = warm.inv(arguments, cwd=self.root, env={**self.env, **env}, stdin=stdin or "")
        assert "Traceback" not in done.stderr, done.stderr
        assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
        done.stderr = ANNOUNCED.sub("", done.stderr)
        return done

    def unread(self, *arguments: str) -> Done:
        """Run a task whose stdout nobody reads any more, as behind `| head`."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = subprocess.run(
                [str(BIN / "inv"), *arguments],
                cwd=self.root,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                timeout=60,
            )
        finally:
            os.close(writer)
        done.stderr = ANNOUNCED.sub("", done.stderr)
        return done

    def shell(self, words: str) -> Done:
        """Run what a person types at bash, with its pipes."""
        done = subprocess.run(
            ["bash", "-c", words],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        done.stderr = ANNOUNCED.sub("", done.stderr)
        return done

    def start(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        """Start a task in a session of its own and leave it running."""
        return subprocess.Popen(
            [str(BIN / "inv"), *arguments],
            cwd=self.root,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def journal(self) -> list[dict[str, Any]]:
        path = self.state / "journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def verdicts(self) -> list[str]:
        return [entry["verdict"] for entry in self.journal() if entry.get("verdict")]


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def end_group(process: "subprocess.Popen[str]", number: int = signal.SIGKILL) -> tuple[str, str]:
    """Send a signal to a task and all that it has started, and return what it wrote."""
    os.killpg(process.pid, number)
    return process.communicate(timeout=30)
