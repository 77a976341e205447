"""The checklist: what needs another step waits for it, a failure is a red step, and --fix mends in order."""

from pathlib import Path

import pytest

from pkg.onboard.check import Check, Finding
from pkg.onboard.checklist import GREEN, RED, SIMULATED, WAITING, prove
from pkg.onboard.fixes import mend
from pkg.onboard.page import markdown
from pkg.onboard.registry import CHECKS
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace
from tests.unit.onboard.hire import Hire


def exists(name: str, *, needs: tuple[str, ...] = (), safe: bool = False, command: bool = True) -> Check:
    """A check that a file of the checkout is there, whose fix makes it."""

    def look(ws: Workspace) -> Finding:
        found = (ws.root / name).exists()
        return Finding(found, "there" if found else "not there")

    return Check(name, f"{name} matters", look, f": >{name}", needs=needs, safe=safe, command=command)


@pytest.fixture
def hire(tmp_path: Path) -> Hire:
    return Hire(tmp_path)


def test_a_step_waits_for_what_it_needs_and_tells_the_first_fix(hire: Hire) -> None:
    proofs = prove(hire.workspace, [exists("a"), exists("b", needs=("a",)), exists("c", needs=("b",))])
    assert [proof.state for proof in proofs.values()] == [RED, WAITING, WAITING]
    assert proofs["c"].fix == ": >a"


def test_a_failure_while_looking_is_a_red_step_with_its_own_fix(hire: Hire) -> None:
    def look(_: Workspace) -> Finding:
        raise Failure("no answer", fix="ask again")

    proofs = prove(hire.workspace, [Check("a", "why", look, "never shown")])
    assert (proofs["a"].state, proofs["a"].detail, proofs["a"].fix) == (RED, "no answer", "ask again")


def test_a_task_that_is_the_fix_is_printed_as_it_can_be_typed_before_direnv_works(hire: Hire) -> None:
    def look(_: Workspace) -> Finding:
        return Finding(ok=False, detail="not installed", fix="inv tools.install ko")

    def fail(_: Workspace) -> Finding:
        raise Failure("no flyctl", fix="inv tools.install-flyctl")

    proofs = prove(hire.workspace, [Check("a", "why", look, "-"), Check("b", "why", fail, "-")])
    assert [proof.fix for proof in proofs.values()] == [
        "./dev inv tools.install ko",
        "./dev inv tools.install-flyctl",
    ]


def test_each_proof_is_told_as_soon_as_it_is_known(hire: Hire) -> None:
    told: list[str] = []
    prove(hire.workspace, [exists("a"), exists("b")], lambda proof: told.append(proof.name))
    assert sorted(told) == ["a", "b"]


def test_fix_runs_what_is_safe_without_a_question(hire: Hire) -> None:
    checks = [exists("a", safe=True), exists("b", needs=("a",), safe=True)]
    ws = hire.workspace
    proofs = mend(ws, checks, prove(ws, checks), yes=False)
    assert [proof.state for proof in proofs.values()] == [GREEN, GREEN]


def test_fix_leaves_the_rest_to_the_user_when_nobody_can_be_asked(hire: Hire) -> None:
    checks = [exists("a")]
    ws = hire.workspace
    assert mend(ws, checks, prove(ws, checks), yes=False)["a"].state == RED
    assert not (hire.root / "a").exists()


def test_what_a_fix_changes_in_the_environment_is_seen_by_the_checks_after_it(hire: Hire) -> None:
    def look(ws: Workspace) -> Finding:
        return Finding(bool(ws.environment.get("ANSWER")), ws.environment.get("ANSWER") or "empty")

    ws = hire.workspace
    checks = [Check("answer", "why", look, "echo ANSWER=42 >.env", safe=True)]
    assert mend(ws, checks, prove(ws, checks), yes=False)["answer"].detail == "42"


def test_what_a_fix_writes_is_no_part_of_the_answer(hire: Hire, capfd: pytest.CaptureFixture[str]) -> None:
    ws = hire.workspace
    checks = [Check("a", "why", exists("a").prove, "echo progress; : >a", safe=True)]
    mend(ws, checks, prove(ws, checks), yes=False)
    assert capfd.readouterr().out == ""


def test_an_environment_that_cannot_be_read_is_one_red_step(hire: Hire) -> None:
    (hire.root / ".envrc").write_bytes(b"export A=\xff\n")
    proofs = prove(hire.workspace, CHECKS)
    assert [proof.name for proof in proofs.values() if ".envrc cannot be read" in proof.detail] == [
        "environment"
    ]
    assert proofs["environment"].fix == "make .envrc a readable text file"
    assert proofs["git hooks"].state == WAITING


def test_fix_with_yes_runs_the_rest_too(hire: Hire) -> None:
    checks = [exists("a")]
    ws = hire.workspace
    assert mend(ws, checks, prove(ws, checks), yes=True)["a"].state == GREEN


def test_fix_never_runs_a_sentence(hire: Hire) -> None:
    checks = [exists("a", command=False, safe=True)]
    ws = hire.workspace
    assert mend(ws, checks, prove(ws, checks), yes=True)["a"].state == RED


def test_fix_tries_each_once(hire: Hire) -> None:
    check = Check("a", "why", lambda _: Finding(ok=False, detail="stays"), "echo x >>tries", safe=True)
    ws = hire.workspace
    mend(ws, [check], prove(ws, [check]), yes=True)
    assert (hire.root / "tries").read_text() == "x\n"


def test_what_needs_an_account_is_simulated_in_the_sandbox(hire: Hire) -> None:
    import dataclasses

    def look(_: Workspace) -> Finding:
        raise AssertionError("the sandbox asked this machine")

    ws = dataclasses.replace(hire.workspace, sandbox=True)
    assert prove(ws, [Check("a", "why", look, "fix", simulated=True)])["a"].state == SIMULATED


def test_every_need_comes_before_what_needs_it() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for check in CHECKS:
        assert all(names.index(need) < names.index(check.name) for need in check.needs)


def test_what_the_checklist_says_itself_needs_no_environment_on_path() -> None:
    assert not [check.fix for check in CHECKS if check.fix.startswith(("inv ", "pre-commit "))]


def test_the_page_has_a_row_for_each_step() -> None:
    page = markdown(CHECKS)
    assert all(f"| {check.name} |" in page for check in CHECKS)
