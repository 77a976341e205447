"""Sessions that prove the repo: `./dev nox` runs lint, types and tests."""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
LOCK = "requirements.lock"
REAL_LOCK = "requirements-real.lock"
# All but what the other sessions run.
QUICK = ("-m", "not docs and not thorough and not real and not contract")
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def install(session: nox.Session, lock: str = LOCK) -> None:
    """Install the locked packages, hashes checked."""
    session.install("--require-hashes", "-r", lock)


def actionlint(session: nox.Session) -> None:
    """Check the workflows' own language with actionlint, which comes as a Go module."""
    if shutil.which("go"):
        session.run("go", "run", ACTIONLINT, external=True)
    elif os.environ.get("CI"):
        session.error("Go is missing, and actionlint needs it")
    else:
        session.warn("SKIPPED: actionlint, which needs Go; CI runs it")


def side_by_side() -> list[str]:
    """Return pytest's options for more workers than cores: much of the time is waited for other programs."""
    return ["-n", str(2 * (os.cpu_count() or 1)), "--dist", "worksteal"]


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, workflows and the repo's own manifests."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check", "--diff")
    session.run("zizmor", "--offline", "--quiet", ".github/workflows")
    actionlint(session)
    session.run("inv", "fly.manifests.check")
    session.run("inv", "tenants.check")
    session.run("inv", "docs.check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session)
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, in random order and in parallel; arguments go to pytest."""
    install(session)
    session.run("pytest", *(session.posargs or [*side_by_side(), *QUICK]))


@nox.session
def docs(session: nox.Session) -> None:
    """Run each command that the docs show, and break each kind of statement on purpose."""
    install(session)
    session.run("pytest", *(session.posargs or [*side_by_side(), "-m", "docs"]))


@nox.session
def thorough(session: nox.Session) -> None:
    """Take the tour, break each task at each of its requests, and try very many inputs."""
    install(session)
    session.run("pytest", *(session.posargs or [*side_by_side(), "-m", "thorough"]))


@nox.session
def contract(session: nox.Session) -> None:
    """Compare the simulation with a real flyctl, when one is on PATH."""
    install(session)
    session.run("pytest", "-m", "contract", "-rs", *session.posargs)


@nox.session
def real(session: nox.Session) -> None:
    """Run what needs Go and Debian packages; a missing part fails under CI."""
    install(session, REAL_LOCK)
    session.run("pytest", "-m", "real", "-rs", "--timeout", "600", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print the project's numbers: medians of interleaved runs. No test."""
    install(session)
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session
def isolated(session: nox.Session) -> None:
    """Run the tests in an empty network namespace (Linux, root or user namespaces)."""
    install(session)
    if not shutil.which("unshare"):
        session.error("unshare (util-linux) is needed for a network namespace of its own")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = 'ip link set lo up 2>/dev/null || true; exec "$@"'
    command = ["unshare", "--net", *user, "sh", "-c", script, "sh", "pytest", "-n", "auto"]
    session.run(*command, *QUICK, *session.posargs, external=True)


@nox.session(default=False, venv_backend="none")
def lock(session: nox.Session) -> None:
    """Make the lock files anew: every version and hash, for every platform, no URL."""
    common = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"]
    common += ["--no-emit-find-links", "--python-version", "3.11", "--quiet", "pyproject.toml"]
    for file, groups in ((LOCK, ["dev"]), (REAL_LOCK, ["dev", "real"])):
        chosen = [item for group in groups for item in ("--group", group)]
        session.run("uv", "pip", "compile", *common, *chosen, "--output-file", file, *session.posargs)


if __name__ == "__main__":
    nox.main()
