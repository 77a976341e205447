"""Every `inv` pays for what tasks.py imports, so it imports little; the rest is imported where it is used."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# What costs more than 10 ms, or belongs to one task only.
HEAVY = {
    "asyncio.base_events",
    "dns",
    "filelock",
    "httpx",
    "msgspec",
    "platformdirs",
    "plotext",
    "rich",
    "sqlite3",
    "starlette",
    "tenacity",
    "tomlkit",
    "yaml",
}


def imported(statement: str) -> set[str]:
    """The modules that a fresh Python holds after a statement."""
    script = f"{statement}\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_tasks_import_nothing_heavy() -> None:
    assert (imported("import tasks") & HEAVY) - imported("import invoke") == set()


def test_tasks_import_no_more_than_the_words_of_the_tasks() -> None:
    """A task's module is imported for its signature; what it works with is imported when it runs."""
    ours = {name for name in imported("import tasks") if name.startswith("pkg.")}
    workers = {
        name
        for name in ours
        if ".cli" not in name and not name.startswith("pkg.shell") and name.count(".") > 1
    }
    assert workers == set()
