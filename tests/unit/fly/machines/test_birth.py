"""A machine is made once; when that is interrupted, it is said that it may be there."""

import pytest

from pkg.fly.machines.birth import born
from pkg.fly.machines.goals import running
from pkg.shell.errors import Interrupted
from tests.unit.fly.machines.test_work import Bench


@pytest.mark.parametrize(
    "signalled", [Interrupted("interrupted; flyctl ended with exit code 1"), KeyboardInterrupt()]
)
def test_an_interrupted_making_says_what_may_be_there_and_how_to_go_on(signalled: BaseException) -> None:
    bench = Bench()
    bench.looks(last=[])

    def make(_name: str) -> None:
        raise signalled

    with pytest.raises(Interrupted, match="interrupted while making one of demo") as error:
        born(bench.work, "one", make, goal=running(), resumed=False)
    assert "may have been made" in error.value.meaning
    assert error.value.fix.startswith("the same command again goes on from there")
