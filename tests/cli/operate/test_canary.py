"""A secret put through every task is found nowhere: not in argv, output, files, the journal or an error.

The simulated flyctl records its argv (FLYSIM_RECORD), so does the stand-in for `op`. Every file that a run
leaves in the repo and in the state folder is looked through; the simulated Fly's own database too, except for
tokens, which it must know.
"""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkg.fly.secrets_file import made_up
from tests.cli.fly.repo import Done, Repo

PROGRAM = Path(__file__).parents[2] / "programs" / "op"
# With what readers of secrets stumble over, and a core that no escaping touches.
CORE = "c4n4ryc4n4ry"
# The database of the simulated Fly.
FLY = "state.db"
VALUE = f"""a "quoted" {CORE} #and 'more' of it"""


def forms(secret: str) -> list[bytes]:
    """A secret as it is, and what of it stands in base64 wherever it begins."""
    raw = secret.encode()
    inner = [base64.b64encode(b"." * shift + raw)[4:-4] for shift in range(3)]
    return [raw, *inner]


def left_behind(folder: Path, *, but: str) -> Iterator[Path]:
    """The files of a folder, links not followed."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not (but and path.name.startswith(but)):
            yield path


class Watched:
    """A repo whose every word and file is looked through for a secret."""

    def __init__(self, repo: Repo, folder: Path) -> None:
        self.repo = repo
        self.folder = folder
        self.op = folder / "op.json"
        self.op.write_text(json.dumps({"vaults": {"Infra": {}}}))
        shutil.copy(PROGRAM, folder / "op")
        self.path = f"{folder}{os.pathsep}{repo.env['PATH']}"
        self.said: list[str] = []

    def inv(self, *words: str, code: int | None = 0, stdin: str = "", **env: str) -> Done:
        done = self.repo.inv(*words, code=code, stdin=stdin, FLYSIM_RECORD="1", PATH=self.path, **env)
        self.said += [done.stdout, done.stderr]
        return done

    def holds(self, secret: str, *, but: str = "") -> list[str]:
        """Where the secret is found; files whose names begin with `but` are left out, as is the vault."""
        wanted = forms(secret)
        texts = {f"output {number}": text.encode() for number, text in enumerate(self.said)}
        for folder in (self.repo.root, self.repo.state, self.folder):
            files = (path for path in left_behind(folder, but=but) if path != self.op)
            texts |= {str(path): path.read_bytes() for path in files}
        return [name for name, text in texts.items() if any(form in text for form in wanted)]

    @property
    def calls(self) -> list[list[str]]:
        """The argv of every flyctl that ran."""
        return [json.loads(line) for line in (self.repo.state / "calls.jsonl").read_text().splitlines()]


@pytest.fixture
def watched(repo: Repo, tmp_path: Path) -> Watched:
    folder = tmp_path / "op"
    folder.mkdir()
    return Watched(repo, folder)


def test_the_search_finds_what_is_there(watched: Watched) -> None:
    """A search that finds nothing anywhere would prove nothing."""
    (watched.repo.root / "leak").write_text(f"x{base64.b64encode(VALUE.encode()).decode()}")
    watched.said.append(f"PASSWORD={VALUE}")
    assert watched.holds(VALUE) == ["output 0", str(watched.repo.root / "leak")]


def test_a_secret_goes_through_every_task_of_secrets_unseen(watched: Watched) -> None:
    inv = watched.inv
    fail = {"status": 500, "times": 1}
    inv("--echo", "fly.secrets.set", "CANARY", stdin=VALUE)
    inv("--dry", "fly.secrets.set", "CANARY", stdin=VALUE)
    watched.repo.control(fail={"POST /v1/apps/infra/secrets$": {**fail, "times": 9}})
    inv("fly.secrets.set", "CANARY", code=1, stdin=VALUE)
    watched.repo.control(fail={"POST /v1/apps/infra/secrets$": {**fail, "when": "after"}})
    inv("--echo", "fly.secrets.import", "-", "--stage", stdin=f"CANARY='{CORE}#x'\nOTHER=\"{CORE}\r\nx\"\n")
    watched.repo.control(fail={})
    inv("fly.secrets.import", "-", code=2, stdin=f"CANARY='{VALUE}\nno assignment {VALUE}\n")
    inv("fly.secrets.set", "CANARY", code=2, stdin=f"{VALUE}\0")
    inv("fly.secrets.set", "NO-NAME", code=2, stdin=VALUE)
    inv("--echo", "fly.secrets.deploy")
    for task in ("fly.secrets", "fly.secrets.diff", "fly.doctor", "fly.status", "history"):
        inv(task, code=None)
    inv("fly.secrets.unset", "CANARY,OTHER", "--yes")
    assert watched.holds(CORE) == []
    assert ["secrets", "set", "OTHER=-", "--app", "infra", "--stage"] in watched.calls


def test_secrets_from_1password_are_unseen_too(watched: Watched) -> None:
    watched.inv("--echo", "fly.secrets.sync")
    assert watched.holds(made_up("op://infra/core/synced")) == []


def test_a_token_goes_through_every_task_of_tokens_unseen(watched: Watched, tmp_path: Path) -> None:
    inv = watched.inv
    inv("--echo", "fly.tokens.create-deploy", "--vault", "Infra/fly deploy")
    inv("--dry", "fly.tokens.create-deploy", "--vault", "Infra/fly deploy")
    item = json.loads(watched.op.read_text())["vaults"]["Infra"]["fly deploy"]
    for task in ("fly.tokens", "fly.tokens.check", "fly.doctor", "history"):
        inv(task, code=None)
    inv("fly.tokens.create-deploy", "--vault", "Infra/fly deploy")
    changed = json.loads(watched.op.read_text())["vaults"]["Infra"]["fly deploy"]
    assert item["credential"] != changed["credential"]
    for token in (item["credential"], changed["credential"]):
        assert token.startswith("FlyV1 fm2_")
        assert watched.holds(token.removeprefix("FlyV1 "), but=FLY) == []


def test_a_token_that_1password_does_not_take_is_revoked_and_unseen(watched: Watched) -> None:
    world = {"vaults": {"Infra": {}}, "fail": {"create": "you are not currently signed in"}}
    watched.op.write_text(json.dumps(world))
    failed = watched.inv("fly.tokens.create-deploy", "--vault", "Infra/fly", code=1)
    assert "revoked" in failed.stderr
    rows = json.loads(watched.inv("fly.tokens", "--json").stdout)
    assert [row["revoked"] for row in rows] == [True]
    assert not any("fm2_" in text for text in watched.said)


def test_a_token_that_works_is_not_given_up_for_one_that_gets_nowhere(watched: Watched) -> None:
    watched.inv("fly.tokens.create-deploy", "--vault", "Infra/fly")
    before = watched.op.read_text()
    refused = watched.inv(
        *("fly.tokens.create-deploy", "--vault", "Infra/fly", "--github-output"),
        GITHUB_OUTPUT=str(watched.folder),
        code=2,
    )
    assert "no token was made" in refused.stderr
    assert watched.op.read_text() == before
    [row] = json.loads(watched.inv("fly.tokens", "--json").stdout)
    assert not row["revoked"]


def test_a_token_is_revoked_by_its_id_when_asked(watched: Watched) -> None:
    watched.inv("fly.tokens.create-deploy", "--vault", "Infra/fly")
    [row] = json.loads(watched.inv("fly.tokens", "--json").stdout)
    assert "has no token" in watched.inv("fly.tokens.revoke", "nosuch", code=2).stderr
    watched.inv("fly.tokens.revoke", row["id"], code=3)
    dry = watched.inv("--dry", "fly.tokens.revoke", row["id"], "--yes")
    assert dry.stdout == f"flyctl tokens revoke {row['id']}\n"
    watched.inv("fly.tokens.revoke", row["id"], "--yes")
    assert "revoked already" in watched.inv("fly.tokens.revoke", row["id"], "--yes").stderr


def test_a_shown_token_is_in_the_answer_and_nowhere_else(watched: Watched) -> None:
    token = watched.inv("fly.tokens.create-deploy", "--show").stdout.strip().removeprefix("FlyV1 ")
    assert watched.holds(token, but=FLY) == ["output 0"]


def test_a_job_of_github_has_it_in_its_own_file_and_in_the_mask(watched: Watched, tmp_path: Path) -> None:
    output = tmp_path / "github"
    watched.inv("fly.tokens.create-deploy", "--github-output", GITHUB_OUTPUT=str(output))
    token = output.read_text().strip().partition("=")[2].removeprefix("FlyV1 ")
    assert watched.holds(token, but=FLY) == ["output 0"]
    assert all(line.startswith("::add-mask::") for line in watched.said[0].splitlines())
