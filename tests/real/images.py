"""Building the tenants' Dockerfiles, step by step as they stand, where no public base image is reached.

buildah runs each instruction. The images that they begin from have stand-ins of the same name: Debian as
mmdebstrap makes it, with its own Python, and this machine's Go and Caddy.
"""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.real.conftest import ROOT, environment, missing, need, run

# Kept beside the tools that are built once a machine.
CACHE = Path.home() / ".cache" / "infra-real"
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
# How an image is named where a stage or a file comes from: with a tag, so that no stage is meant.
_FROM = re.compile(r"^FROM (\S+:\S+)|--from=(\S+:\S+)", re.MULTILINE)


class Images:
    """Images and containers in a folder of their own.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # vfs mounts nothing, so that a run that is killed leaves nothing but files.
        own = ["--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
        self._buildah = [need("buildah"), *own]
        self._standing: dict[str, str] = {}

    def build(self, dockerfile: str, name: str) -> str:
        """Build a tenant's image from the repo's root; return its name.

        Args:
            dockerfile: the text.
            name: what the image is called.
        """
        begins = {tagged or copied for tagged, copied in _FROM.findall(dockerfile)}
        contexts = [f"--build-context={each}=container-image://{self._stand_in(each)}" for each in begins]
        path = self.folder / f"{name}.Dockerfile"
        path.write_text(dockerfile)
        # Go, its caches, and whom this machine trusts: what a builder elsewhere has of its own.
        own = (go("GOROOT"), "/usr/local/go:ro"), ("/etc/ssl/certs", "/etc/ssl/certs:ro")
        caches = (go("GOMODCACHE"), "/root/go/pkg/mod"), (go("GOCACHE"), "/root/.cache/go-build")
        volumes = [f"--volume={here}:{there}" for here, there in (*own, *caches)]
        self._build([*contexts, *volumes, "--file", str(path), str(ROOT)], name)
        return name

    def container(self, image: str) -> str:
        """Make a container of an image; return its name."""
        done = run([*self._buildah, "from", "--pull-never", f"localhost/{image}"], env=environment())
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def within(self, container: str, volume: Path, **env: str) -> list[str]:
        """Return what a command follows that shall run in a container, on this machine's network.

        Args:
            container: its name.
            volume: the folder at /data.
            env: the machine's variables, beside those of the image.
        """
        variables = [f"--env={name}={value}" for name, value in env.items()]
        return [
            *self._buildah,
            "run",
            "--isolation=chroot",
            f"--volume={volume}:/data",
            *variables,
            container,
            "--",
        ]

    def command(self, image: str) -> list[str]:
        """Return what an image starts with."""
        asked = ["inspect", "--type=image", "--format={{range .OCIv1.Config.Cmd}}{{println .}}{{end}}"]
        done = run([*self._buildah, *asked, f"localhost/{image}"])
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def remove(self) -> None:
        """Remove everything: it is a gigabyte."""
        shutil.rmtree(self.folder)

    def _stand_in(self, image: str) -> str:
        kind = image.partition(":")[0]
        if kind not in self._standing:
            make = {"python": self._debian, "golang": self._golang, "caddy": self._caddy}
            assert kind in make, f"{image} has no stand-in"
            self._standing[kind] = make[kind]()
        return self._standing[kind]

    def _debian(self) -> str:
        """Debian with its own Python 3."""
        return self._made("debian", "FROM scratch\nADD debian.tar /\n", [debian()])

    def _golang(self) -> str:
        """The place of Go, which is mounted there, with this machine's settings."""
        settings = " ".join(f"{name}={go(name)}" for name in ("GOPROXY", "GOSUMDB"))
        text = f"FROM {self._stand_in('python:any')}\n"
        text += f"ENV PATH=/usr/local/go/bin:{PATH} GOTOOLCHAIN=local {settings}\n"
        return self._made("golang", text)

    def _caddy(self) -> str:
        return self._made("caddy", "FROM scratch\nCOPY caddy /usr/bin/caddy\n", [Path(need("caddy"))])

    def _made(self, name: str, text: str, files: Sequence[Path] = ()) -> str:
        context = self.folder / f"{name}.context"
        context.mkdir()
        for file in files:
            os.link(file, context / file.name) if same_disk(file, context) else shutil.copy2(file, context)
        (context / "Dockerfile").write_text(text)
        self._build([str(context)], name)
        return f"localhost/{name}:latest"

    def _build(self, words: Sequence[str], name: str) -> None:
        argv = [
            *self._buildah,
            "build",
            "--isolation=chroot",
            "--pull-never",
            f"--tag=localhost/{name}",
            *words,
        ]
        done = run(argv, env=environment())
        assert done.returncode == 0, f"{name}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def debian() -> Path:
    """Return an archive of this machine's Debian with Python, made once a machine."""
    release = re.search(r"^VERSION_CODENAME=(\S+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    assert release
    archive = CACHE / release[1] / "debian.tar"
    if not archive.is_file():
        archive.parent.mkdir(parents=True, exist_ok=True)
        fresh = archive.with_name(f".{os.getpid()}.tar")
        include = "--include=ca-certificates,python3"
        done = run([need("mmdebstrap"), "--variant=apt", include, release[1], str(fresh)])
        if done.returncode:
            missing("a Debian to build on", f"mmdebstrap says: {done.stderr.strip()[-300:]}")
        fresh.replace(archive)
    return archive


def go(name: str) -> str:
    """Return one of Go's settings here."""
    return run([need("go"), "env", name]).stdout.strip()


def same_disk(file: Path, folder: Path) -> bool:
    """Return whether a file can be linked into a folder."""
    return file.stat().st_dev == folder.stat().st_dev


def without_process_compose(dockerfile: str) -> str:
    """Return a Dockerfile without process-compose, which not every registry serves; no other line differs."""
    text = dockerfile
    for pattern in (
        r" github\.com/f1bonacc1/process-compose/\S+@\S+",
        r" \\\n +&& go build [^\n]+/process-compose/src",
        r" /tools/process-compose",
    ):
        text, count = re.subn(pattern, "", text)
        assert count == 1, f"{pattern} is {count} times in the Dockerfile"
    return text
