"""Typed values from JSON and TOML: whole, and from any number of threads at once."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pkg.shell.decoding import converted, from_json

ROOT = Path(__file__).parents[3]

# Each run meets every class for the first time, in eight threads that are switched as often as Python can.
RACE = """
import inspect, sys, threading
import msgspec
from pkg.fly import models
from pkg.shell.decoding import from_json

sys.setswitchinterval(1e-6)
kinds = [k for _, k in inspect.getmembers(models, inspect.isclass) if issubclass(k, msgspec.Struct)]
together = threading.Barrier(8)

def read():
    together.wait()
    for kind in kinds:
        fields = msgspec.json.encode([dict.fromkeys(kind.__struct_encode_fields__)])
        try:
            from_json(fields, list[kind])
        except msgspec.ValidationError:
            pass

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(kinds))
"""


class Animal(msgspec.Struct):
    name: str
    legs: int = 4


def test_json_and_plain_values_become_the_type() -> None:
    assert from_json(b'[{"name": "cat", "colour": "black"}]', list[Animal]) == [Animal("cat")]
    assert converted({"name": "hen", "legs": 2}, Animal) == Animal("hen", 2)


def test_another_type_is_told_with_its_path() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\[0\]\.name"):
        from_json('[{"name": 1}]', list[Animal])
    with pytest.raises(msgspec.ValidationError, match="name"):
        converted({}, Animal)


def test_text_that_is_no_json_is_told() -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json("{", Animal)


def test_threads_that_meet_a_class_for_the_first_time_do_not_end_the_program() -> None:
    """Without the lock it ends by SIGSEGV in about one of ten runs."""
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done
        assert int(done.stdout) > 5


def test_nothing_else_makes_typed_values() -> None:
    typed = re.compile(r"msgspec\.(json\.decode\(.*type=|convert\(|json\.Decoder\()")
    found = {path.name for path in (ROOT / "pkg").rglob("*.py") if typed.search(path.read_text())}
    assert found == {"decoding.py"}
