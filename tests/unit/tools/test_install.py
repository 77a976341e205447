"""A version is there whole, proven and linked, or the one before it still is."""

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from pkg.shell.errors import Failure
from pkg.tools import install
from pkg.tools.pins import Confirmed
from pkg.tools.platforms import Platform
from pkg.tools.steps import Step, unwatched
from pkg.tools.store import Standing, Store, Wanted
from tests.fakes import ManualClock, MemoryConsole
from tests.unit.tools.archives import confirmed, program, tar_gz, zipped
from tests.unit.tools.kill_at import Job
from tests.unit.tools.loopback import Server

LINUX = Platform("linux", "x86_64")
OLD, NEW = "0.4.86", "0.4.87"
ROOT = Path(__file__).parents[3]
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass
class Bench:
    """A folder with a cache and links, a server with two releases, and an installer of them."""

    folder: Path
    server: Server
    clock: ManualClock
    console: MemoryConsole
    steps: list[Step] = field(default_factory=list)
    at: Callable[[Step], None] = unwatched

    def archive(self, version: str) -> Confirmed:
        body = tar_gz(("flyctl", program(version)))
        route = f"/{version}/flyctl_{version}_Linux_x86_64.tar.gz"
        if route not in self.server.files:
            self.server.put(route, body)
        return confirmed(self.server.url + route, body, program(version))

    def goal(self, version: str) -> Wanted:
        return install.wanted("flyctl", version, LINUX, self.archive(version))

    @property
    def store(self) -> Store:
        def step(name: Step) -> None:
            self.steps.append(name)
            self.at(name)

        return Store(self.folder / "cache", self.folder / "links", self.clock, self.console.say, step)

    def __call__(self, version: str = NEW, **changes: object) -> Standing:
        archive = msgspec.structs.replace(self.archive(version), **changes)
        goal = install.wanted("flyctl", version, LINUX, archive)
        return install.install(goal, archive, store=self.store, console=self.console, variables={})

    @property
    def link(self) -> Path:
        return self.folder / "links" / "flyctl"

    def runs(self) -> str:
        """Run what the link leads to, and return what it says."""
        return subprocess.run([self.link], check=True, capture_output=True, text=True).stdout.strip()

    def leftovers(self) -> set[str]:
        """Return what is in the cache that is neither a version nor a lock."""
        names = {path.name for path in (self.folder / "cache" / "flyctl").iterdir()}
        return {name for name in names if not name.endswith(("-linux_x86_64", ".lock"))}


@pytest.fixture
def bench(tmp_path: Path, server: Server, clock: ManualClock, console: MemoryConsole) -> Bench:
    return Bench(tmp_path, server, clock, console)


def test_a_cold_installation_makes_one_request_and_leaves_nothing_but_the_version(bench: Bench) -> None:
    assert bench() is Standing.ABSENT
    assert bench.runs() == f"flyctl {NEW}"
    assert len(bench.server.requests) == 1
    assert bench.leftovers() == set()
    assert [path.name for path in bench.link.parent.iterdir()] == ["flyctl"]
    assert dict.fromkeys(bench.steps) == dict.fromkeys(step for step in STEPS if step != "set aside")


def test_a_warm_installation_makes_no_request_takes_no_lock_and_half_a_second_at_most(bench: Bench) -> None:
    bench()
    bench.steps.clear()
    bench.server.requests.clear()
    began = time.perf_counter()
    assert bench() is Standing.SOUND
    assert time.perf_counter() - began < 0.5
    assert (bench.steps, bench.server.requests) == ([], [])


def test_progress_is_told_in_quarters_where_nobody_watches(bench: Bench) -> None:
    bench()
    lines = bench.console.stderr.splitlines()
    assert lines[0] == f"downloading flyctl {NEW}"
    assert lines[-1].startswith(f"downloading flyctl {NEW}: 100 % of 0.0 MB")
    assert len(lines) <= 6


def test_progress_is_told_in_percents_on_a_terminal(bench: Bench) -> None:
    bench.console = MemoryConsole(terminal=True)
    bench()
    assert "100 % of" in bench.console.stderr


def test_versions_stand_side_by_side_and_the_link_leads_to_the_last_one_installed(bench: Bench) -> None:
    bench(OLD)
    bench(NEW)
    assert bench.runs() == f"flyctl {NEW}"
    bench.server.requests.clear()
    assert bench(OLD) is Standing.SOUND
    assert bench.runs() == f"flyctl {OLD}"
    assert bench.server.requests == []


def tamper_content(folder: Path) -> None:
    (folder / "flyctl").write_text("#!/bin/sh\necho evil\n")


def tamper_record(folder: Path) -> None:
    (folder / "record.json").write_text("{")


def remove_record(folder: Path) -> None:
    (folder / "record.json").unlink()


def remove_program(folder: Path) -> None:
    (folder / "flyctl").unlink()


def remove_program_and_its_line(folder: Path) -> None:
    remove_program(folder)
    digest = msgspec.json.decode((folder / "record.json").read_bytes())["digest"]
    (folder / "record.json").write_bytes(msgspec.json.encode({"digest": digest, "files": {}}))


def add_a_file(folder: Path) -> None:
    (folder / "wintun.dll").write_text("evil")


def link_the_program(folder: Path) -> None:
    (folder / "flyctl").rename(folder.parent / "elsewhere")
    (folder / "flyctl").symlink_to(folder.parent / "elsewhere")


def add_a_folder(folder: Path) -> None:
    (folder / "more").mkdir()


@pytest.mark.parametrize(
    "tamper",
    [
        tamper_content,
        tamper_record,
        remove_record,
        remove_program,
        remove_program_and_its_line,
        add_a_file,
        link_the_program,
        add_a_folder,
    ],
)
def test_what_was_changed_since_it_was_installed_is_found_and_repaired(
    bench: Bench, tamper: Callable[[Path], None]
) -> None:
    bench()
    folder = bench.store.program(bench.goal(NEW)).parent
    tamper(folder)
    assert bench.store.standing(bench.goal(NEW)) is Standing.DAMAGED
    assert bench() is Standing.DAMAGED
    assert bench.runs() == f"flyctl {NEW}"
    assert {path.name for path in folder.iterdir()} == {"flyctl", "record.json"}
    assert bench.leftovers() - {"elsewhere"} == set()


def test_a_program_that_may_not_be_run_any_more_is_repaired(bench: Bench) -> None:
    bench()
    bench.store.program(bench.goal(NEW)).chmod(0o644)
    assert bench.store.standing(bench.goal(NEW)) is Standing.DAMAGED
    assert bench() is Standing.DAMAGED
    assert bench.runs()


def test_a_program_and_a_record_that_agree_but_not_with_the_pin_are_replaced(bench: Bench) -> None:
    bench()
    folder = bench.store.program(bench.goal(NEW)).parent
    tamper_content(folder)
    record = msgspec.json.decode((folder / "record.json").read_bytes())
    from pkg.tools.disk import sha256

    record["files"]["flyctl"] = sha256(folder / "flyctl")
    (folder / "record.json").write_bytes(msgspec.json.encode(record))
    assert bench() is Standing.OUTDATED
    assert bench.runs() == f"flyctl {NEW}"


def test_a_pin_whose_digest_changed_is_installed_anew(bench: Bench) -> None:
    goal, other = bench.goal(NEW), replace(bench.goal(NEW), digest="0" * 64)
    bench()
    assert bench.store.standing(goal) is Standing.SOUND
    assert bench.store.standing(other) is Standing.OUTDATED


@pytest.mark.parametrize("obstacle", ["nothing", "a file", "a copy", "a link elsewhere", "a dangling link"])
def test_the_link_is_set_whatever_stands_in_its_place(bench: Bench, obstacle: str) -> None:
    bench()
    bench.server.requests.clear()
    bench.link.unlink()
    match obstacle:
        case "a file":
            bench.link.write_text("mine")
        case "a copy":
            shutil.copy(bench.store.program(bench.goal(NEW)), bench.link)
        case "a link elsewhere":
            bench.link.symlink_to("/bin/sh")
        case "a dangling link":
            bench.link.symlink_to("/nowhere")
    assert not bench.store.ready(bench.goal(NEW))
    assert bench() is Standing.SOUND
    assert bench.store.ready(bench.goal(NEW))
    assert bench.runs() == f"flyctl {NEW}"
    assert bench.server.requests == []


def test_on_windows_program_and_driver_are_copied_as_links_need_a_privilege(
    bench: Bench, store: Store
) -> None:
    body = zipped(("flyctl.exe", program()), ("wintun.dll", b"driver"))
    bench.server.put("/flyctl_0.4.87_Windows_x86_64.zip", body)
    archive = confirmed(f"{bench.server.url}/flyctl_0.4.87_Windows_x86_64.zip", body, program())
    goal = install.wanted("flyctl", NEW, Platform("windows", "x86_64"), archive)

    def run() -> Standing:
        return install.install(goal, archive, store=store, console=bench.console, variables={})

    assert run() is Standing.ABSENT
    copies = {path.name: path.read_bytes() for path in store.links.iterdir()}
    assert copies == {"flyctl.exe": program(), "wintun.dll": b"driver"}
    assert run() is Standing.SOUND
    (store.links / "flyctl.exe").write_text("evil")
    assert run() is Standing.SOUND
    assert (store.links / "flyctl.exe").read_bytes() == program()
    shutil.rmtree(store.program(goal).parent)
    assert not store.ready(goal)


def test_a_wrong_digest_installs_nothing_and_the_old_version_still_runs(bench: Bench) -> None:
    bench(OLD)
    with pytest.raises(Failure, match="is not what was pinned: sha256"):
        bench(NEW, sha256="0" * 64)
    assert bench.runs() == f"flyctl {OLD}"
    assert bench.leftovers() == set()
    assert "unpacking" not in bench.steps[bench.steps.index("linked") + 1 :]


def test_a_wrong_program_in_the_right_archive_installs_nothing(bench: Bench) -> None:
    bench(OLD)
    with pytest.raises(Failure, match=f"has sha256 .* and {'0' * 64} is pinned") as failure:
        bench(NEW, binary_sha256="0" * 64)
    assert "inv tools.pin flyctl 0.4.87" in failure.value.fix
    assert bench.runs() == f"flyctl {OLD}"


def test_an_unexpected_member_installs_nothing(bench: Bench) -> None:
    bench(OLD)
    body = tar_gz(("flyctl", program()), ("extra", b"x"))
    bench.server.put(f"/{NEW}/flyctl_{NEW}_Linux_x86_64.tar.gz", body)
    expected = confirmed("", body, program())
    with pytest.raises(Failure, match=r"flyctl_0\.4\.87_Linux_x86_64\.tar\.gz was not unpacked"):
        bench(NEW, size=expected.size, sha256=expected.sha256)
    assert bench.runs() == f"flyctl {OLD}"


def test_without_a_network_the_old_version_still_runs(bench: Bench, unused_tcp_port: int) -> None:
    bench(OLD)
    with pytest.raises(Failure, match="could not be fetched"):
        bench(NEW, url=f"http://127.0.0.1:{unused_tcp_port}/flyctl.tar.gz")
    assert bench.runs() == f"flyctl {OLD}"


@pytest.mark.parametrize(
    ("number", "words", "advice"),
    [
        (errno.ENOSPC, "the disk is full", "make room for"),
        (errno.EDQUOT, "the disk is full", "make room for"),
        (errno.EACCES, "may not be written", "chmod"),
        (errno.EROFS, "may not be written", "chmod"),
        (errno.EIO, "Input/output error", "put that right"),
    ],
)
@pytest.mark.parametrize("step", ["writing", "unpacking", "recorded", "linking"])
def test_an_error_of_the_disk_at_any_step_is_explained_and_the_old_version_still_runs(
    bench: Bench, step: Step, number: int, words: str, advice: str
) -> None:
    bench(OLD)

    def fail(name: Step) -> None:
        if name == step:
            raise OSError(number, os.strerror(number))

    bench.at = fail
    with pytest.raises(Failure, match=words) as failure:
        bench(NEW)
    assert failure.value.what.startswith(f"flyctl {NEW} was not installed: ")
    assert advice in failure.value.fix
    assert "INFRA_TOOLS_CACHE" in failure.value.fix
    assert bench.runs() == f"flyctl {OLD}"
    bench.at = unwatched
    bench(NEW)
    assert bench.runs() == f"flyctl {NEW}"


def test_a_cache_that_cannot_be_made_is_explained(bench: Bench) -> None:
    (bench.folder / "cache").write_text("a file")
    with pytest.raises(Failure, match="was not installed") as failure:
        bench()
    assert "INFRA_TOOLS_CACHE" in failure.value.fix


def spawn(bench: Bench, version: str, die_at: Step | None = None) -> "subprocess.Popen[str]":
    job = Job(str(bench.folder), version, bench.archive(version), die_at)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.unit.tools.kill_at", msgspec.json.encode(job).decode()],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("step", [step for step in STEPS if step != "set aside"])
def test_a_kill_at_any_step_leaves_the_old_version_or_the_new_one(bench: Bench, step: Step) -> None:
    bench(OLD)
    with spawn(bench, NEW, step) as process:
        process.communicate()
    assert process.returncode == -9
    assert bench.runs() == f"flyctl {NEW if step == 'linked' else OLD}"
    bench.server.requests.clear()
    bench()
    assert bench.runs() == f"flyctl {NEW}"
    assert bench.leftovers() - {f"{NEW}-linux_x86_64.holder"} == set()
    # A complete archive is used again; it is kept until its program is in the staging folder.
    assert len(bench.server.requests) == (
        0 if step in {"verified", "unpacking", "placed", "linking", "linked"} else 1
    )


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_of_a_repair_leaves_the_changed_version_the_new_one_or_none(
    bench: Bench, step: Step
) -> None:
    bench()
    program_path = bench.store.program(bench.goal(NEW))
    changed = b"#!/bin/sh\necho changed\n"
    program_path.write_bytes(changed)
    if step in {"linking", "linked"}:
        bench.link.unlink()
    with spawn(bench, NEW, step) as process:
        process.communicate()
    assert process.returncode == -9
    assert not program_path.exists() or program_path.read_bytes() in {changed, program(NEW)}
    bench()
    assert bench.runs() == f"flyctl {NEW}"
    assert bench.store.standing(bench.goal(NEW)) is Standing.SOUND


def test_a_repair_after_a_repair_that_was_killed_clears_up_after_both(bench: Bench) -> None:
    bench()
    program_path = bench.store.program(bench.goal(NEW))
    program_path.write_bytes(b"changed")
    with spawn(bench, NEW, "placed") as process:
        process.communicate()
    assert f"{NEW}-linux_x86_64.old" in bench.leftovers()
    program_path.write_bytes(b"changed again")
    assert bench() is Standing.DAMAGED
    assert bench.leftovers() == set()


def test_eight_at_once_make_one_download_and_name_who_makes_it(bench: Bench) -> None:
    archive = bench.archive(NEW)
    logs = [bench.folder / f"{number}.log" for number in range(8)]

    def until_somebody_waits() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if any("waiting for process" in log.read_text() for log in logs):
                return
            time.sleep(0.02)

    bench.server.files[archive.url.removeprefix(bench.server.url)].before = until_somebody_waits
    job = msgspec.json.encode(Job(str(bench.folder), NEW, archive)).decode()
    processes = []
    for log in logs:
        with log.open("w") as stderr:
            argv = [sys.executable, "-m", "tests.unit.tools.kill_at", job]
            processes.append(subprocess.Popen(argv, cwd=ROOT, stderr=stderr))
    assert [process.wait() for process in processes] == [0] * 8
    assert len(bench.server.requests) == 1
    assert bench.runs() == f"flyctl {NEW}"
    waited = [log.read_text() for log in logs if "waiting for process" in log.read_text()]
    assert waited
    holders = {text.split("waiting for process ")[1].split()[0] for text in waited}
    assert holders <= {str(process.pid) for process in processes}
