"""The managed table of docs/infra/domains.md; the prose around it is nobody's but the writer's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly import domains
from pkg.fly.certificates import Certificate
from pkg.fly.dns import Record
from pkg.shell.errors import BadInput

ROOT = Path(__file__).parents[3]


def certificate(host: str = "www.example.com", app: str = "demo", status: str = "active") -> Certificate:
    return Certificate(
        app=app,
        host=host,
        status=status,
        issuer="Let's Encrypt",
        expires=datetime(2027, 1, 23, tzinfo=UTC),
        records=[Record(host, "A", "66.241.125.10"), Record(host, "AAAA", "2a09:8280:1::1")],
        problem="",
    )


PAGE = f"# Domains\n\nProse | with a pipe.\n\n{domains.BEGIN}\nold\n{domains.END}\n\nMore prose.\n"


def test_the_table_is_written_between_the_markers_and_nothing_else_is_touched() -> None:
    text = domains.updated(PAGE, domains.render([certificate()]))
    assert text.startswith("# Domains\n\nProse | with a pipe.\n")
    assert text.endswith(f"{domains.END}\n\nMore prose.\n")
    assert "| demo | www.example.com | active | Let's Encrypt | 2027-01-23 |" in text
    assert "old" not in text


@given(st.text(), st.text())
def test_prose_survives_whatever_it_is(before: str, after: str) -> None:
    page = f"{before}{domains.BEGIN}{domains.END}{after}"
    if page.count(domains.BEGIN) == page.count(domains.END) == 1:
        text = domains.updated(page, domains.render([certificate()]))
        assert text.startswith(f"{before}{domains.BEGIN}")
        assert text.endswith(f"{domains.END}{after}")


def test_writing_twice_changes_nothing() -> None:
    table = domains.render([certificate(), certificate("a.example.com")])
    once = domains.updated(PAGE, table)
    assert domains.updated(once, table) == once
    assert domains.difference(once, table) == []


def test_rows_are_in_order_so_that_a_diff_shows_what_changed() -> None:
    rows = [certificate("b.example.com"), certificate("a.example.com"), certificate("z.example.com", "app")]
    hosts = [line.split(" | ")[1] for line in domains.render(rows).splitlines()[2:]]
    assert hosts == ["z.example.com", "a.example.com", "b.example.com"]


def test_the_difference_is_told_by_row_and_the_head_is_none() -> None:
    empty = f"{domains.BEGIN}\n{domains.END}"
    assert domains.difference(empty, domains.render([certificate()]))[0].startswith("+ | demo |")
    page = domains.updated(PAGE, domains.render([certificate(status="pending")]))
    assert [row[0] for row in domains.difference(page, domains.render([certificate()]))] == ["-", "+"]


def test_without_hosts_it_says_so() -> None:
    assert domains.render([]) == domains.NONE


@pytest.mark.parametrize(
    "page",
    [
        "no markers",
        domains.BEGIN,
        domains.END,
        f"{domains.END}{domains.BEGIN}",
        f"{PAGE}{domains.BEGIN}{domains.END}",
    ],
)
def test_a_page_without_its_two_markers_is_not_written(page: str) -> None:
    with pytest.raises(BadInput, match="two markers"):
        domains.updated(page, "table")


def test_the_sandbox_writes_a_page_of_its_own_that_begins_as_the_repos(tmp_path: Path) -> None:
    root, state = tmp_path / "repo", tmp_path / "state"
    (root / "docs/infra").mkdir(parents=True)
    state.mkdir()
    (root / domains.FILE).write_text(PAGE)
    assert domains.read(root, state) == PAGE
    domains.write(root, "simulated", state)
    assert domains.read(root, state) == "simulated"
    assert (root / domains.FILE).read_text() == PAGE


def test_a_missing_page_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="missing"):
        domains.read(tmp_path)


def test_the_repos_own_page_has_the_markers() -> None:
    text = domains.read(ROOT)
    assert domains.updated(text, domains.render([])).count(domains.NONE) == 1
