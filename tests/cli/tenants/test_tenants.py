"""`inv tenants…` and `inv sandbox fly.litestream`: whole runs."""

import json
from pathlib import Path

import pytest

from tests.cli.scratch import Scratch

NOTES = ("-c", "processcompose/notes")


def test_the_tenants_are_listed(repo: Scratch) -> None:
    done = repo.inv("tenants")
    assert done.code == 0, done
    assert "infra-notes" in done.stdout
    told = json.loads(repo.inv("tenants", "--json").stdout)
    assert [(each["tenant"], each["ports"]) for each in told] == [("notes", [8080]), ("relay", [8080, 8081])]


def test_a_broken_convention_is_told_by_file_and_line(repo: Scratch) -> None:
    good = repo.inv("tenants.check")
    assert (good.code, good.stdout) == (0, ""), good
    path = repo.folder / "processcompose/relay/process-compose.yaml"
    path.write_text(path.read_text().replace('restart: "no"', "restart: never"))
    done = repo.inv("tenants.check")
    assert done.code == 1, done
    assert done.stdout.startswith("processcompose/relay/process-compose.yaml:10: restart must be")
    assert json.loads(repo.inv("tenants.check", "--json").stdout)[0]["line"] == 10
    assert repo.inv("tenants.check", "--name", "notes").code == 0
    unknown = repo.inv("tenants.check", "--name", "nothing")
    assert unknown.code == 2
    assert "use one of: notes, relay" in unknown.stderr


def test_a_plan_of_a_tenant_says_that_its_image_will_be_built(repo: Scratch) -> None:
    plan = repo.sandbox("fly.plan", *NOTES)
    assert plan.code == 0, plan
    assert "processcompose/notes/fly.toml: a deploy builds it first" in plan.stdout
    assert "nothing stands in the way of building and deploying infra-notes:" in plan.stdout
    deployed = repo.sandbox("fly.deploy", *NOTES, "--yes")
    assert deployed.code == 0, deployed
    assert "from processcompose/notes/fly.toml: built just now" in deployed.stderr


def test_a_tenant_runs_here_with_its_data_in_a_folder(repo: Scratch, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    fake = programs / "process-compose"
    fake.write_text('#!/bin/sh\necho "$@"; pwd; echo "$DATABASE $REPLICA_URL"; exit 5\n')
    fake.chmod(0o755)
    done = repo.inv("tenants.up", "notes", PATH=str(programs))
    assert done.code == 5, done
    folder = repo.folder / ".fly/tenants/notes"
    assert done.stdout.splitlines() == [
        "up --config process-compose.yaml",
        str(repo.folder / "processcompose/notes"),
        f"{folder}/notes.db file://{folder}/replica",
    ]
    assert json.loads((folder / "environment.json").read_text())["DATABASE"] == f"{folder}/notes.db"


def test_without_process_compose_a_tenant_says_how_to_get_it(repo: Scratch) -> None:
    done = repo.inv("tenants.up", "notes")
    assert done.code == 1, done
    assert "process-compose was not found on PATH" in done.stderr
    assert "https://github.com/F1bonacc1/process-compose/releases" in done.stderr
    assert not (repo.folder / ".fly/tenants").exists()


def test_a_time_that_is_none_is_bad_input(repo: Scratch) -> None:
    done = repo.sandbox("fly.litestream", *NOTES, "--timeout", "-5")
    assert done.code == 2, done
    assert "--timeout -5 is no number of seconds" in done.stderr


def test_a_simulated_replica_is_proven_and_called_simulated(repo: Scratch) -> None:
    done = repo.sandbox("fly.litestream", *NOTES)
    assert done.code == 0, done
    assert "/data/notes.db" in done.stdout
    assert "a row came back" in done.stdout
    assert "simulated" in done.stderr
    told = json.loads(repo.sandbox("fly.litestream", "-a", "infra-relay", "--read-only", "--json").stdout)
    assert [(each["database"], each["sentinel"]) for each in told] == [("/data/relay.db", False)]


@pytest.mark.parametrize(
    ("pattern", "stderr", "says"),
    [
        ("litestream sync", "Error: failed to connect to control socket", "status` says ok all the same"),
        ("litestream restore", "Error: no matching backup files available", "cannot be restored from"),
    ],
)
def test_a_broken_replica_fails_the_check_and_marks_a_deploy(
    pattern: str, stderr: str, says: str, repo: Scratch
) -> None:
    assert repo.sandbox("fly.litestream", *NOTES).code == 0
    repo.control(json.dumps({"exec": {pattern: {"exit_code": 1, "stderr": stderr}}}))
    done = repo.sandbox("fly.litestream", *NOTES)
    assert done.code == 1, done
    assert says in done.stderr
    deployed = repo.sandbox("fly.deploy", *NOTES, "--image", "registry.fly.io/infra-notes:v2", "--yes")
    assert deployed.code == 8, deployed
    assert "healthy-unreplicated" in deployed.stdout
    assert says in deployed.stdout
    # Nothing was rolled back.
    assert "infra-notes:v2" in repo.sandbox("fly.machines", "-a", "infra-notes").stdout


def test_a_good_replica_leaves_a_deploy_healthy(repo: Scratch) -> None:
    done = repo.sandbox("fly.deploy", *NOTES, "--image", "registry.fly.io/infra-notes:v2", "--yes")
    assert done.code == 0, done
    assert "replica of /data/notes.db: restored and checked" in done.stderr
    core = repo.sandbox("fly.deploy", "-c", "core", "--yes")
    assert "replica" not in core.stderr


def test_a_tenant_is_deployed_from_its_dockerfile_under_its_commit(repo: Scratch) -> None:
    done = repo.sandbox("fly.deploy", *NOTES, "--yes")
    assert done.code == 0, done
    assert "nothing is built" in done.stderr
    assert f"registry.fly.io/infra-notes:{repo.git('rev-parse', 'HEAD')[:12]}-20" in done.stdout
    dry = repo.inv("--dry", "sandbox", "fly.deploy", *NOTES, "--yes")
    assert dry.code == 0, dry


def test_a_manifest_that_replicates_nothing_is_bad_input(repo: Scratch) -> None:
    done = repo.sandbox("fly.litestream", "-c", "core")
    assert done.code == 2, done
    assert "name a tenant" in done.stderr


def test_a_machine_that_is_stopped_cannot_be_asked(repo: Scratch) -> None:
    machine = json.loads(repo.sandbox("fly.machines", "-a", "infra-notes", "--json").stdout)
    assert machine
    repo.control(json.dumps({"boot": "stopped"}))
    repo.sandbox(
        "fly.deploy", *NOTES, "--image", "registry.fly.io/infra-notes:v3", "--yes", "--wait-timeout", "1"
    )
    done = repo.sandbox("fly.litestream", *NOTES)
    assert done.code == 1, done
    assert "no started machine with a volume" in done.stderr


def test_a_dry_run_shows_the_commands_and_writes_nothing(repo: Scratch) -> None:
    done = repo.inv("--dry", "sandbox", "fly.litestream", *NOTES)
    assert done.code == 0, done
    for word in ("litestream sync -wait", "restore -config /etc/litestream.yml", "rm -rf", "_infra_sentinel"):
        assert word in done.stdout


def test_a_tenant_that_was_not_started_here_cannot_be_checked_here(repo: Scratch) -> None:
    done = repo.inv("fly.litestream", *NOTES, "--local")
    assert done.code == 2, done
    assert "inv tenants.up notes" in done.stderr
