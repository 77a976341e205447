"""Each task shows its help, before or after its name."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
# One program for all of them: each `inv` for itself would take a minute.
ASK = """
import contextlib, io, json, sys
import invoke.main
import tasks

told = {}
for name in sorted(each for task, more in tasks.ns.task_names.items() for each in (task, *more)):
    for words in (["--help", name], [name, "--help"], [name, "-h"]):
        sys.argv = ["inv", *words]
        with contextlib.redirect_stdout(io.StringIO()) as text:
            code = invoke.main.program.run(sys.argv, exit=False)
        told[" ".join(words)] = (name, text.getvalue())
json.dump(told, sys.stdout)
"""


def test_every_task_has_its_help() -> None:
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stderr) == (0, "")
    told = json.loads(asked.stdout)
    assert {"--help sandbox", "fly.status --help", "tools -h"} <= told.keys()
    for words, (name, text) in told.items():
        assert text.startswith(f"Usage: inv [--core-opts] {name}"), words
        assert "\nOptions:\n  " in text, words
