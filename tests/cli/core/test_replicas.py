"""A promotion proves replicas as a deploy does, whatever groups of tasks its command line loads."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_promotion_has_the_replication_check_although_it_names_no_task_of_fly() -> None:
    script = 'import sys; sys.argv = ["inv", "core.promote"]; import tasks; print(tasks.ns.configuration())'
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "<function replication" in done.stdout
