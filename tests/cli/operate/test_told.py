"""What tasks say when it cannot be done: the same in a dry run, with the one step that goes on from there."""

from tests.cli.fly.repo import Repo
from tests.cli.operate.test_machines import CORE, the_one


def test_a_dry_run_is_refused_as_the_real_one_is_and_shows_the_change_it_would_make(repo: Repo) -> None:
    told = [repo.inv(*dry, "fly.machines.run", "core/fly.toml", code=2).stderr for dry in ((), ("--dry",))]
    assert "no free volume core_data in syd" in told[1]
    assert told[1].partition("error:")[2] == told[0].partition("error:")[2]
    repo.inv("fly.volumes.create", "core_data", *CORE)
    dry = repo.inv("--dry", "fly.machines.run", "core/fly.toml")
    assert dry.stdout.startswith("flyctl machine run ")
    repo.inv("--dry", "fly.machines.clone", the_one(repo), *CORE, "--volume", "vol_no", code=2)
    assert len(repo.machines("infra-core")) == 1
