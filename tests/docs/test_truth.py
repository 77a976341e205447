"""What the pages say besides commands: links, names, flags, codes, variables and generated parts."""

from pkg.docs.check import problems
from pkg.docs.tasklist import describe, load_collection
from tests.docs.scratch import ROOT


def test_every_page_says_what_is_so() -> None:
    wrong = problems(ROOT, describe(load_collection(ROOT)))

    assert not wrong, "\n".join(map(str, wrong))
