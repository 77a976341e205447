"""Secrets, certificates, volumes and tokens, as a person works on them."""

import json
import re
import time
from pathlib import Path

from tests.cli.fly.repo import Repo


def names(repo: Repo) -> dict[str, str]:
    rows = json.loads(repo.flyctl("secrets", "list", "-a", "infra", "--json"))
    return {row["name"]: row["status"] for row in rows}


def test_a_secret_is_set_by_stdin_and_deployed_once(repo: Repo) -> None:
    done = repo.inv("fly.secrets.set", "PASSWORD", stdin="a#value with 'quotes'\n")
    assert names(repo) == {"PASSWORD": "Deployed"}
    assert "a#value" not in done.stdout + done.stderr
    assert len(json.loads(repo.flyctl("releases", "-a", "infra", "--json"))) == 2


def test_a_file_is_set_in_one_deploy_and_staged_when_asked(repo: Repo) -> None:
    (repo.root / "prod.env").write_text('A="one#one"\nB=two\n')
    staged = repo.inv("fly.secrets.import", "prod.env", "--stage", "--json")
    assert json.loads(staged.stdout) == []
    assert ["staged A, B"] in [entry.get("notes") for entry in repo.journal()]
    assert names(repo) == {"A": "Staged", "B": "Staged"}
    repo.inv("fly.secrets.deploy")
    assert set(names(repo).values()) == {"Deployed"}


def test_sync_and_diff(repo: Repo) -> None:
    before = repo.inv("fly.secrets.diff", code=1)
    assert "missing at Fly" in before.stdout
    repo.inv("fly.secrets.sync")
    repo.inv("fly.secrets.diff")
    repo.inv("fly.secrets.set", "EXTRA", "--stage", stdin="something")
    rows = json.loads(repo.inv("fly.secrets.diff", "--json", code=1).stdout)
    assert [row["name"] for row in rows if row["problem"]] == ["EXTRA"]
    assert repo.inv("fly.secrets.sync", "--prune", code=3).stderr.count("Nobody is there to answer") == 1
    pruned = repo.inv("fly.secrets.sync", "--prune", "--yes")
    assert "removed EXTRA from infra, staged" in pruned.stderr
    assert ["removed EXTRA"] in [entry.get("notes") for entry in repo.journal()]
    assert names(repo) == {"SYNCED": "Deployed"}


def test_removing_asks_and_says_what_was_not_there(repo: Repo) -> None:
    repo.inv("fly.secrets.set", "A", stdin="something")
    assert repo.inv("fly.secrets.unset", "A", code=3).stderr.count("cannot give the values back") == 1
    done = repo.inv("fly.secrets.unset", "A,NEVER", "--yes")
    assert "no secret NEVER" in done.stderr
    assert names(repo) == {}


def test_wrong_secrets_are_refused_before_anything_is_sent(repo: Repo) -> None:
    for stdin, words in (
        ("", ("fly.secrets.set", "A")),
        ("a\0b", ("fly.secrets.set", "A")),
        ("x" * 70_000, ("fly.secrets.set", "A")),
        ("op://vault/hunter2/field", ("fly.secrets.set", "A")),
        ("A=op://vault/hunter2/field\n", ("fly.secrets.import", "-")),
        ("value", ("fly.secrets.set", "A-B")),
        ("value", ("fly.secrets.set", "A=hunter2-hunter2")),
        ("A=1\nbroken hunter2-hunter2\n", ("fly.secrets.import", "-")),
        ("", ("fly.secrets.import", "nosuch.env")),
        ("", ("fly.secrets.unset", "A B;C")),
    ):
        refused = repo.inv(*words, code=2, stdin=stdin)
        assert "hunter2" not in refused.stderr
    assert names(repo) == {}


def test_a_value_of_64_kib_and_one_with_windows_lines_arrive(repo: Repo) -> None:
    repo.inv("fly.secrets.set", "BIG", "--stage", stdin="x" * 65_536)
    repo.inv("fly.secrets.set", "LINES", "--stage", stdin="one\r\ntwo")
    assert sorted(names(repo)) == ["BIG", "LINES"]


def test_an_app_without_machines_keeps_its_secrets_for_the_first_deploy(repo: Repo) -> None:
    repo.control(apps=["infra", "infra-core", "empty"])
    done = repo.inv("fly.secrets.set", "A", "-a", "empty", stdin="something")
    assert "wait for its first deploy" in done.stderr


def test_a_machine_that_is_not_well_is_named_within_the_time_with_what_helps(repo: Repo) -> None:
    good = repo.machines()[0]["image_ref"]["digest"]
    ident = repo.machines()[0]["id"]
    sick = repo.publish("sick", "unhealthy")
    repo.inv("fly.machines.update", ident, "-i", sick, "-w", "1", code=1)
    began = time.monotonic()
    failed = repo.inv("fly.secrets.set", "WW", "-w", "3", code=1, stdin="something")
    assert time.monotonic() - began < 3 + 4  # starting flyctl a few times takes its time
    assert "WW still staged" in failed.stderr
    assert f"machine {ident}: servicecheck-00-http-8080 is critical" in failed.stderr
    assert f"inv sandbox fly.logs -a infra --instance {ident}" in failed.stderr
    again = repo.inv("fly.secrets.deploy", "-w", "1", code=1)
    assert "somebody else" not in again.stderr
    assert "held by the lease of another flyctl, or of one that was stopped" in again.stderr
    back = re.search(r"`inv sandbox (fly.machines.update \S+ -a infra -i \S+)`", failed.stderr)
    assert back
    assert good in back[1]
    repo.control(leases={ident: None})
    repo.inv(*back[1].split())
    repo.inv("fly.secrets.deploy")
    assert names(repo) == {"WW": "Deployed"}


def test_a_removal_that_a_lease_kept_from_the_machines_goes_on_when_it_is_given_again(repo: Repo) -> None:
    repo.inv("fly.secrets.set", "A", stdin="something")
    repo.control(leases={"infra": {"ttl": 60}})
    failed = repo.inv("fly.secrets.unset", "A", "--yes", "-w", "1", code=1)
    assert "started, as before" in failed.stdout
    assert "flyctl said: deploying the secrets of infra failed: failed to acquire lease" in failed.stderr
    repo.control(leases={"infra": None})
    before = repo.machines()
    repo.inv("fly.secrets.unset", "A", "--yes")
    assert all(
        old["instance_id"] != new["instance_id"] for old, new in zip(before, repo.machines(), strict=True)
    )


def test_certificates_from_asking_to_the_page(repo: Repo) -> None:
    page = repo.root / "docs/infra/domains.md"
    before = page.read_text()
    asked = repo.inv("fly.certs.add", "www.example.com")
    assert "A www.example.com → " in asked.stdout
    assert "AAAA www.example.com → " in asked.stdout
    assert "already" in repo.inv("fly.certs.add", "www.example.com").stderr
    repo.inv("fly.certs", code=1)
    late = repo.inv("fly.certs.add", "www.example.com", "--wait", "--wait-timeout", "1", code=1)
    assert "not issued after 1 s" in late.stderr
    assert "inv sandbox fly.certs.add www.example.com -a infra --wait" in late.stderr
    repo.inv("fly.certs.add", "www.example.com", "--wait", "--wait-timeout", "0", code=2)
    repo.inv("fly.certs.docs", "--days", "-5", code=2)
    repo.inv("fly.certs.docs", "--check", code=1)
    repo.control(certs={"infra/www.example.com": "active"})
    repo.inv("fly.certs.add", "www.example.com", "--wait")
    repo.inv("fly.certs.docs")
    repo.inv("fly.certs.docs", "--check")
    assert "| infra | www.example.com | active |" in (repo.state / "domains.md").read_text()
    assert page.read_text() == before
    repo.inv("fly.certs.docs", "--check", "--days", "90", code=1)
    repo.inv("fly.certs.remove", "www.example.com", code=3)
    repo.inv("fly.certs.remove", "www.example.com", "--yes")
    assert "nothing to remove" in repo.inv("fly.certs.remove", "www.example.com", "--yes").stderr
    repo.inv("fly.certs.add", "https://example.com", code=2)


def test_the_page_has_the_challenge_of_a_wildcard(repo: Repo) -> None:
    asked = repo.inv("fly.certs.add", "*.example.com")
    assert "  DNS: CNAME _acme-challenge.example.com → " in asked.stdout
    assert "DNS, when needed: CNAME" not in asked.stdout
    assert "it needs CNAME _acme-challenge.example.com" in repo.inv("fly.certs", code=1).stdout
    repo.inv("fly.certs.docs")
    assert "| `CNAME _acme-challenge.example.com → " in (repo.state / "domains.md").read_text()


def test_volumes_from_making_to_checking(repo: Repo) -> None:
    core = ("-a", "infra-core")
    repo.inv("fly.volumes.check", *core)
    made = json.loads(repo.inv("fly.volumes.create", "core_data", *core, "--count", "2", "--json").stdout)
    assert [volume["region"] for volume in made] == ["syd", "syd"]
    grown = json.loads(repo.inv("fly.volumes.extend", made[0]["id"], *core, "--size", "3", "--json").stdout)
    assert grown[0]["size_gb"] == 3
    repo.inv("fly.volumes.extend", made[0]["id"], *core, "--size", "1", code=2)
    repo.inv("fly.volumes.extend", made[0]["id"], *core, code=2)
    spare = repo.inv("fly.volumes.check", *core)
    assert "attached to no machine" in spare.stdout
    assert "only untidy" in spare.stderr
    assert "tidy" in spare.stdout
    repo.inv("fly.volumes.create", "core_data", *core, "--region", "iad")
    assert "primary_region is syd" in repo.inv("fly.volumes.check", *core, code=1).stdout
    assert len(json.loads(repo.inv("fly.volumes", *core, "--json").stdout)) == 4


def test_tokens_from_making_to_looking(repo: Repo, tmp_path: Path) -> None:
    assert "where shall the token go" in repo.inv("fly.tokens.create-deploy", code=2).stderr
    repo.inv("fly.tokens.create-deploy", "--show", "--expiry", "2y", code=2)
    shown = repo.inv("fly.tokens.create-deploy", "--show", "--purpose", "laptop")
    token = shown.stdout.strip()
    assert token.startswith("FlyV1 fm2_")
    assert token not in shown.stderr
    output = tmp_path / "github"
    job = repo.inv("fly.tokens.create-deploy", "--github-output", GITHUB_OUTPUT=str(output))
    assert job.stdout.startswith("::add-mask::FlyV1 fm2_")
    assert output.read_text().startswith("fly_api_token=FlyV1 fm2_")
    listed = repo.inv("fly.tokens")
    assert "laptop: deploy infra, by ann@" in listed.stdout
    assert "fm2_" not in listed.stdout
    told = json.loads(repo.inv("fly.tokens.check", "--json").stdout)
    assert (told["kind"], told["accepted"], told["problems"]) == ("personal", True, [])


def test_the_sandbox_never_asks_a_real_1password(repo: Repo) -> None:
    refused = repo.inv("fly.tokens.create-deploy", "--vault", "Infra/fly", code=1)
    assert "op was not found" in refused.stderr
    assert "fm2_" not in repo.flyctl("tokens", "list", "-a", "infra")


def test_the_doctor_tells_the_worst_first_and_a_command_for_each(repo: Repo) -> None:
    repo.inv("fly.secrets.sync")
    repo.inv("fly.doctor")
    ident = repo.machines()[0]["id"]
    repo.control(checks={ident: "critical"})
    repo.inv("fly.secrets.set", "WAITS", "--stage", stdin="something")
    found = json.loads(repo.inv("fly.doctor", "--json", code=1).stdout)
    assert found[0]["about"] == ident
    assert [one["harm"] for one in found] == sorted(
        (one["harm"] for one in found), key=["down", "danger", "soon", "tidy"].index
    )
    assert all(one["fix"] for one in found)
    assert any("fly.secrets.deploy" in one["fix"] for one in found)


def test_logs_are_chosen_on_our_side(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "listening"}, {"message": "GET /status 200", "region": "iad"}]})
    until_end = ("--", "--no-tail")
    assert "GET" not in repo.inv("fly.logs", "--grep", "listen", *until_end).stdout
    assert repo.inv("fly.logs", "--grep", "nothing", *until_end).stdout == ""
    assert "GET" in repo.inv("fly.logs", "--since", "1h", *until_end).stdout
    line = json.loads(repo.inv("fly.logs", "--grep", "listen", "--json", *until_end).stdout)
    assert line["message"] == "listening"
    repo.inv("fly.logs", "--grep", "(", *until_end, code=2)
    repo.inv("fly.logs", "--since", "yesterday", *until_end, code=2)
