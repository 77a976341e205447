"""Whoever starts here: a clone, a home, git, and of all else only what they install."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pkg.tools.pins import GoModule, load
from tests.cli.scratch import ROOT, Scratch

OTHER_PYTHON = (sys.executable, "-m", "invoke")
# What `dev`, git's own scripts and the stand-ins below call.
PROGRAMS = ("bash", "cat", "chmod", "cmp", "dirname", "git", "mkdir", "mv", "readlink", "rm", "sed", "sh")
SCOPED = "FlyV1 fm2_lJPECAAAAAAAAAAAxBCaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# op knows who is signed in by a variable of the shell, which `op signin` prints.
OP = f"""#!/bin/sh
case $1 in
--version) echo 2.30.0 ;;
signin) echo 'export OP_SESSION_team=open' ;;
whoami) [ "$OP_SESSION_team" = open ] ;;
inject) [ "$OP_SESSION_team" = open ] && sed 's|{{{{ op://infra/fly/deploy-token }}}}|{SCOPED}|' ;;
*) exit 1 ;;
esac
"""

FLYCTL = b"""#!/bin/sh
case "$1 $2" in
"version --json") echo '{"Version": "0.4.87", "Environment": "production"}' ;;
"auth whoami") [ "$FLY_API_TOKEN" ] && echo '{"email": "dev@example.com"}' ;;
"status --app") echo "{\\"Name\\": \\"$3\\", \\"Deployed\\": true, \\"Hostname\\": \\"\\"," \\
    "\\"Status\\": \\"\\", \\"Organization\\": {\\"Slug\\": \\"personal\\"}, \\"Machines\\": []}" ;;
*) exit 1 ;;
esac
exit
"""


GO = """#!/bin/sh
case $1 in
env) echo sums ;;
install)
    name=${3##*/}
    name=${name%@*}
    echo "#!/bin/sh" >"$GOBIN/$name"
    chmod +x "$GOBIN/$name" ;;
version)
    case $3 in
MODULES
    esac
    printf "\\tmod\\t%s\\t%s\\t%s\\n" $module ;;
esac
"""


def go() -> str:
    """Return a Go that makes, of the pinned modules, programs that do nothing."""
    modules = [pin for pin in load().values() if isinstance(pin, GoModule)]
    rows = [
        f"    */{pin.package.rpartition('/')[2]}) module='{pin.module} v{pin.version} {pin.sum}' ;;"
        for pin in modules
    ]
    return GO.replace("MODULES", "\n".join(rows))


@dataclass(frozen=True)
class Step:
    """A step of the checklist, as `--json` has it."""

    name: str
    state: str
    detail: str
    fix: str
    command: bool


@dataclass
class Newcomer:
    """Types lines into a shell, in the clone."""

    root: Path
    home: Path
    programs: Path
    variables: dict[str, str] = field(default_factory=dict)

    def installs(self, name: str, script: str) -> None:
        """Put a program on PATH."""
        path = self.programs / name
        path.write_text(script)
        path.chmod(0o755)

    def onboard(self, *lines: str, with_: Sequence[str] = ("./dev", "inv")) -> dict[str, Step]:
        """Type some lines, then ask for the checklist in the same shell; return its steps by name."""
        asked = " ".join([*with_, "onboard", "--json", f">'{self.home}/steps'"])
        ran = subprocess.run(
            ["sh", "-c", "\n".join(["set -e", *lines, asked])],
            cwd=self.root,
            env={
                "PATH": str(self.programs),
                "HOME": str(self.home),
                "SHELL": "/bin/bash",
                "GIT_CONFIG_NOSYSTEM": "1",
                **self.variables,
            },
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=110,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        steps = [Step(**step) for step in json.loads((self.home / "steps").read_text())]
        left = [step for step in steps if step.state != "green"]
        assert ran.returncode == (1 if left else 0), ran.stderr
        return {step.name: step for step in steps}


def arrive(repo: Scratch, folder: Path) -> Newcomer:
    """Return somebody whose clone has its environment already, as `dev` leaves it, and nothing else."""
    one = Newcomer(repo.folder, folder / "home", folder / "programs")
    one.home.mkdir()
    one.programs.mkdir()
    for name in PROGRAMS:
        (one.programs / name).symlink_to(shutil.which(name) or name)
    for name in ("dev", "requirements.lock", ".envrc", ".pre-commit-config.yaml"):
        shutil.copy(ROOT / name, one.root / name)
    place = one.root / ".venv"
    venv.create(place, symlinks=True)
    for packages in place.glob("lib/python*/site-packages"):
        (packages / "those.pth").write_text(sysconfig.get_path("purelib"))
    for name, module in (("inv", "invoke"), ("pre-commit", "pre_commit"), ("uv", "uv")):
        path = place / "bin" / name
        path.write_text(f'#!/bin/sh\nexec "{place}/bin/python" -m {module} "$@"\n')
        path.chmod(0o755)
    shutil.copy(one.root / "requirements.lock", place / "made-from.lock")
    (place / "made-from.holds").write_text("bin/python\nbin/inv\n")
    interpreter = (place / "bin" / "python").resolve()
    (place / "made-from").write_text(f"{one.root}\n{interpreter}\n\n")
    return one
