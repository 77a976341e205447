"""What `--force` overrides is told and kept, and nothing else; it is not offered where it is no help."""

from tests.cli.fly.repo import Repo


def test_a_force_of_what_was_not_refused_is_no_override(repo: Repo) -> None:
    repo.publish("good")
    shown = repo.inv("fly.deploy", "--force", "published=just in case")
    assert "forced: " not in shown.stderr
    assert "note: --force published was not needed" in shown.stderr
    assert all("forced" not in entry for entry in repo.journal())
    assert "forced" not in repo.inv("history").stdout.replace("--force", "")


def test_a_missing_image_cannot_be_forced_into_being(repo: Repo) -> None:
    repo.publish("gone", "missing")
    refused = repo.inv("fly.deploy", code=3)
    assert "refused [image]" in refused.stderr
    assert "to go on anyway" not in refused.stderr
