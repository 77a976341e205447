from pkg.docs.picture import direct, mermaid

IMPORTS = {
    "tasks.py": {"fly", "shell", "tools"},
    "fly": {"shell"},
    "tools": {"shell"},
    "shell": set(),
    "flysim": set(),
}


def test_an_arrow_that_another_one_brings_anyway_is_left_out() -> None:
    assert direct(IMPORTS)["tasks.py"] == {"fly", "tools"}


def test_the_picture_shows_each_package_and_where_the_simulation_is_met() -> None:
    lines = mermaid(IMPORTS).splitlines()

    assert lines[:3] == ["```mermaid", "flowchart BT", "    tasks_py[tasks.py]"]
    assert "    fly --> shell" in lines
    assert "    tasks_py --> shell" not in lines
    assert lines[-2:] == ["    shell -. starts flyctl, found on PATH .-> flysim", "```"]
