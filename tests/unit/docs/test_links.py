from pathlib import Path

import pytest

from pkg.docs.links import check_links, check_reachable
from pkg.docs.pages import Page, read_pages


def pages(tmp_path: Path, **texts: str) -> list[Page]:
    for name, text in texts.items():
        path = tmp_path / name.replace("__", "/")
        path = path.with_name(path.name + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_pages(tmp_path)


@pytest.mark.parametrize(
    "target",
    [
        "docs/a.md",
        "docs/a.md#one",
        "#start",
        "docs",
        "https://fly.io/docs",
        "mailto:a@example.com",
        "./docs/../docs/a.md",
    ],
)
def test_a_link_that_leads_somewhere_is_left_alone(tmp_path: Path, target: str) -> None:
    found = pages(
        tmp_path, README=f"# Start\n\n[x]({target})\n", docs__a="# One\n\n[back](../README.md#start)\n"
    )

    assert check_links(tmp_path, found) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("docs/b.md", "there is no docs/b.md"),
        ("docs/a.md#two", "docs/a.md has no heading #two"),
        ("#end", "README.md has no heading #end"),
        ("http://fly.io", "only https leads outside"),
        ("../other/README.md", "leads out of the repo"),
    ],
)
def test_a_link_that_leads_nowhere_is_told_with_its_line(tmp_path: Path, target: str, said: str) -> None:
    found = pages(tmp_path, README=f"# Start\n\n[x]({target})\n", docs__a="# One\n")

    (problem,) = check_links(tmp_path, found)

    assert str(problem).startswith("README.md:3: ")
    assert said in problem.what


def test_a_page_that_no_link_leads_to_is_told(tmp_path: Path) -> None:
    found = pages(
        tmp_path,
        README="[a](docs/a.md)\n",
        docs__a="[b](b.md)\n",
        docs__b="# B\n",
        docs__c="# C\n",
        pkg__d="# D\n",
    )

    assert [problem.page for problem in check_reachable(found)] == ["docs/c.md"]
