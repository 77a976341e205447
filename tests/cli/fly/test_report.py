"""`inv fly.report`, whole, on the simulation."""

from pathlib import Path

from tests.cli.fly.repo import BIN, Repo
from tests.unit.fly.report.outline import Outline


def test_the_page_shows_what_the_simulation_holds(past: Repo) -> None:
    past.flyctl("certs", "add", "www.example.com", "-a", "infra")
    past.publish("good")
    past.inv("fly.deploy")
    done = past.inv("fly.report")
    path = past.state / "report.html"
    assert done.stdout == f"{path}\n"
    outline = Outline(path.read_text())
    for machine in [*past.machines(), *past.machines("infra-core")]:
        assert machine["id"] in outline.text
    for text in (
        "v2 complete",
        "fly.deploy healthy",
        "www.example.com",
        "core_data",
        "CPU busy, %",
        "simulated",
    ):
        assert text in outline.text, text
    assert len([one for one in outline.all("svg") if one.get("role") == "img"]) == 14


def test_one_app_only_and_into_a_file_of_ones_own(past: Repo, tmp_path: Path) -> None:
    past.inv("fly.report", "-c", "core", "--output", str(tmp_path))
    outline = Outline((tmp_path / "report.html").read_text())
    assert "Report: infra-core" in outline.text
    assert len(outline.all("section")) == 2


def test_what_cannot_be_read_is_told_on_the_page_and_beside_it(past: Repo) -> None:
    past.control(fail={"GET /prometheus/": [503, 100], "certificates": [500, 100]})
    done = past.inv("fly.report", "-a", "infra")
    assert "note: infra: the metrics could not be read: the metrics server" in done.stderr
    assert "note: infra: the certificates could not be read" in done.stderr
    text = Outline((past.state / "report.html").read_text()).text
    assert "This could not be read: the metrics server" in text
    assert "2 machines: 2 in syd" in text


def test_of_no_app_at_all_there_is_no_page(past: Repo) -> None:
    past.control(tokens={"fo1_simulated": "revoked"})
    done = past.inv("fly.report", code=1)
    assert "no app could be read" in done.stderr
    assert "inv sandbox fly.doctor" in done.stderr
    assert not (past.state / "report.html").exists()


def test_no_secret_and_no_token_is_on_the_page(past: Repo) -> None:
    past.inv("fly.tokens.create-deploy", "--show")
    past.inv("fly.report", "-a", "infra")
    text = (past.state / "report.html").read_text()
    assert "fm2_" not in text
    assert "fo1_" not in text
    assert "ci: deploy infra" in text


def test_a_dry_run_writes_nothing(past: Repo) -> None:
    assert "would write" in past.inv("--dry", "fly.report").stderr
    assert not (past.state / "report.html").exists()


def test_a_place_that_cannot_be_written_is_told(past: Repo) -> None:
    done = past.inv("fly.report", "-a", "infra", "--output", "/dev/null/x.html", code=2)
    assert "there is no folder /dev/null" in done.stderr


def test_what_is_no_report_is_not_overwritten(past: Repo, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("mine")
    assert "is no report of ours" in past.inv("fly.report", "-o", str(notes), code=2).stderr
    assert notes.read_text() == "mine"


def test_an_app_whose_machines_could_not_be_read_is_a_failure_and_the_page_says_so(past: Repo) -> None:
    past.control(fail={"apps/infra-core/machines": [500, 100]})
    done = past.inv("fly.report", code=1)
    assert "the machines of infra-core could not be read" in done.stderr
    assert "The machines of infra-core could not be read" in (past.state / "report.html").read_text()


def test_the_browser_is_shown_it_when_asked(past: Repo, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n')
    browser.chmod(0o755)
    past.inv("fly.report", "-a", "infra", "--open", BROWSER=f"{browser} %s")
    assert (tmp_path / "opened").read_text() == (past.state / "report.html").as_uri() + "\n"


def test_without_a_browser_it_says_what_to_open(past: Repo) -> None:
    done = past.inv("fly.report", "-a", "infra", "--open", BROWSER="/nonexistent/browser", PATH=str(BIN))
    assert "file://" in done.stderr
