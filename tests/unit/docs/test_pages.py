from pathlib import Path

from pkg.docs.pages import anchor, files, read_page, read_pages


def test_headings_get_the_anchors_that_github_makes() -> None:
    page = read_page("a.md", "# What it is\n\n## `fly.deploy`, and why\n\n## Größe & Maß\n\n## What it is\n")

    assert page.anchors == {"what-it-is", "flydeploy-and-why", "größe--maß", "what-it-is-1"}
    assert anchor("fly.machines.run") == "flymachinesrun"


def test_links_and_images_keep_their_lines() -> None:
    page = read_page("a.md", "one\ntwo [x](b.md#c)\nthree ![y](p.png)\n")

    assert [tuple(link) for link in page.links] == [(2, "b.md#c"), (3, "p.png")]


def test_code_in_text_knows_its_line_and_whether_it_is_struck_through() -> None:
    page = read_page("a.md", "Type `inv x`,\nnever ~~`flyctl rollback`~~.\n")

    assert [(code.line, code.text, code.struck) for code in page.code] == [
        (1, "inv x", False),
        (2, "flyctl rollback", True),
    ]


def test_code_in_a_table_knows_the_head_of_its_column() -> None:
    page = read_page("a.md", "| Elsewhere | here |\n| --- | --- |\n| `a` | b `c` |\n| `d` | |\n")

    assert [(code.line, code.text, code.column) for code in page.code] == [
        (3, "a", "Elsewhere"),
        (3, "c", "here"),
        (4, "d", "Elsewhere"),
    ]
    assert page.rows[0].cells == {"Elsewhere": "a", "here": "b c"}
    assert page.rows[1].line == 4


def test_blocks_know_their_language_line_and_reason() -> None:
    text = "```sh\none\n```\n\n<!-- not run: needs an\naccount -->\n```console\n$ two\n```\n\n    no fence\n"

    sh, console = read_page("a.md", text).blocks

    assert (sh.language, sh.line, sh.text, sh.not_run) == ("sh", 2, "one\n", None)
    assert (console.language, console.line, console.not_run) == ("console", 8, "needs an\naccount")


def test_a_comment_can_bring_the_simulation_into_the_state_that_a_page_is_about() -> None:
    page = read_page("a.md", "text\n\n<!-- first, on the simulation:\ninv x\n-->\n```sh\ninv y\n```\n")

    assert [(block.line, block.text) for block in page.blocks] == [(4, "inv x\n"), (7, "inv y\n")]


def test_pages_of_hidden_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("README.md", "docs/a.md", "docs/.old/b.md", ".venv/lib/c.md", "pkg/x/README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# T\n")

    assert [page.name for page in read_pages(tmp_path)] == ["README.md", "docs/a.md", "pkg/x/README.md"]
    assert len(files(tmp_path)) == 3
