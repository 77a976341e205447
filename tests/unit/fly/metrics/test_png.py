"""Pictures need matplotlib: without it there is a word, and nothing is asked or drawn in vain."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from pkg.fly.metrics import png
from pkg.shell.errors import BadInput, Failure


def test_a_picture_is_a_png() -> None:
    with pytest.raises(BadInput, match=r"\.png"):
        png.require(Path("metrics.jpg"))


@pytest.mark.skipif(find_spec("matplotlib") is not None, reason="matplotlib is installed")
def test_without_matplotlib_there_is_a_word_with_the_way_to_get_it() -> None:
    with pytest.raises(Failure, match="matplotlib") as caught:
        png.require(Path("metrics.png"))
    assert "--group charts" in caught.value.fix
