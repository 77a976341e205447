"""Each step is red on a new machine, and the fix that it prints turns it green."""

import platform
import shutil
import sys
from pathlib import Path

import pytest

from pkg.onboard import account, direnv, machine, programs, repo
from pkg.onboard.check import Finding
from pkg.onboard.registry import CHECKS
from pkg.shell.errors import Failure
from tests.unit.onboard.hire import DIRENV, FLYCTL, OP, Hire

SCOPED = "FlyV1 fm2_lJPECAAAAAAAAAAAxBCaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# flyctl with a token that reads what is listed in HOME/readable.
ONE_APP = """#!/bin/sh
case "$1 $2" in
"version --json") echo '{"Version": "0.4.87", "Environment": "production"}' ;;
"status --app") for app in $(cat "$HOME/readable"); do
        [ "$app" = "$3" ] && echo "{\\"Name\\": \\"$app\\", \\"Deployed\\": true, \\"Hostname\\": \\"\\"," \\
            "\\"Status\\": \\"\\"," \\
            "\\"Organization\\": {\\"Slug\\": \\"personal\\"}, \\"Machines\\": []}" && exit
    done
    echo "Error: app not found" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def hire(tmp_path: Path) -> Hire:
    return Hire(tmp_path)


def fix(name: str) -> str:
    return next(check.fix for check in CHECKS if check.name == name)


def test_python_is_red_outside_of_the_repos_environment(hire: Hire) -> None:
    found = machine.python(hire.workspace)
    assert not found.ok
    assert "not in this repo's .venv" in found.detail


def test_uv_is_red_until_it_is_on_path(hire: Hire) -> None:
    assert not machine.uv(hire.workspace).ok
    hire.has("uv", "#!/bin/sh\n")
    assert machine.uv(hire.workspace).ok


def test_git_identity_is_red_until_the_fix_is_typed(hire: Hire) -> None:
    assert machine.git_identity(hire.workspace) == Finding(
        ok=False, detail="user.name and user.email not set"
    )
    hire.type(fix("git identity"))
    assert machine.git_identity(hire.workspace).detail == "YOUR NAME <YOU@EXAMPLE.COM>"


def test_git_hooks_are_red_until_the_fix_is_typed(hire: Hire) -> None:
    assert not machine.git_hooks(hire.workspace).ok
    hire.has(
        "pre-commit", "#!/bin/sh\n[ \"$1\" = install ] && echo '# by pre-commit' >.git/hooks/pre-commit\n"
    )
    hire.type(fix("git hooks"))
    assert machine.git_hooks(hire.workspace).ok


def test_a_folder_that_is_no_checkout_is_told_so(hire: Hire) -> None:
    (hire.root / ".git").rename(hire.root / "was.git")
    found = machine.git_hooks(hire.workspace)
    assert (found.ok, found.detail, found.command) == (False, "this is no git checkout", False)


def test_hooks_that_git_looks_for_elsewhere_are_told_since_pre_commit_refuses_them(hire: Hire) -> None:
    hire.type("mkdir hooks && git config core.hooksPath hooks")
    found = machine.git_hooks(hire.workspace)
    assert (found.ok, found.command) == (False, False)
    assert "core.hooksPath (local) sends git to hooks" in found.detail
    (hire.root / "hooks" / "pre-commit").write_text("pre-commit run\n")
    assert machine.git_hooks(hire.workspace).ok


def test_a_git_hook_that_is_no_text_is_red(hire: Hire) -> None:
    hook = hire.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_bytes(b"\x7fELF\xff")
    assert not machine.git_hooks(hire.workspace).ok


def test_direnv_is_red_until_it_is_installed(hire: Hire) -> None:
    assert not direnv.installed(hire.workspace).ok
    hire.has("direnv", DIRENV)
    assert direnv.installed(hire.workspace).ok


def test_the_direnv_hook_is_red_until_the_fix_is_typed(hire: Hire) -> None:
    found = direnv.hooked(hire.workspace)
    assert not found.ok
    hire.type(found.fix)
    assert direnv.hooked(hire.workspace).ok
    assert (hire.home / ".bashrc").read_text() == 'eval "$(direnv hook bash)"\n'


@pytest.mark.parametrize("shell", ["tcsh", "sh"])
def test_the_hook_of_a_shell_that_is_not_known_is_left_to_the_user(hire: Hire, shell: str) -> None:
    hire.has("direnv", DIRENV)
    hire.variables_too["SHELL"] = f"/bin/{shell}"
    found = direnv.hooked(hire.workspace)
    assert (found.ok, found.fix, found.command) == (False, direnv.HOOK, False)


def test_the_hook_of_fish_is_written_where_no_folder_was(hire: Hire) -> None:
    hire.variables_too["SHELL"] = "/usr/bin/fish"
    hire.type(direnv.hooked(hire.workspace).fix)
    assert direnv.hooked(hire.workspace).ok
    assert (hire.home / ".config" / "fish" / "config.fish").read_text() == "direnv hook fish | source\n"


def test_a_hook_in_a_comment_is_none_and_a_file_in_another_encoding_is_read(hire: Hire) -> None:
    (hire.home / ".bashrc").write_bytes(b'# \xe4\n# eval "$(direnv hook bash)"\n')
    assert not direnv.hooked(hire.workspace).ok


def test_without_an_envrc_the_fix_brings_it_back(hire: Hire) -> None:
    hire.has("direnv", DIRENV)
    (hire.root / ".envrc").unlink()
    assert direnv.allowed(hire.workspace).fix == "git checkout .envrc"


def test_a_direnv_that_fails_never_leads_to_a_command_that_loses_edits(hire: Hire) -> None:
    hire.has("direnv", "#!/bin/sh\nprintf '\\033[31mdirenv: error no configuration\\033[0m\\n' >&2\nexit 1\n")
    found = direnv.allowed(hire.workspace)
    assert found.detail == "direnv status ended with exit code 1: direnv: error no configuration"
    assert not found.command


def test_an_envrc_that_no_shell_can_read_is_red_though_it_is_allowed(hire: Hire) -> None:
    hire.has("direnv", DIRENV)
    hire.keeps("allowed", "0")
    (hire.programs / "bash").symlink_to(shutil.which("bash") or "bash")
    assert direnv.allowed(hire.workspace).ok
    (hire.root / ".envrc").write_text("export A=1\nif then\n")
    found = direnv.allowed(hire.workspace)
    assert (found.ok, found.command) == (False, False)
    assert "line 2: syntax error" in found.detail


@pytest.mark.parametrize(
    ("said", "state"), [("1", "not allowed yet"), ("false", "not allowed yet"), ("2", "denied")]
)
def test_direnv_allowed_is_red_until_the_fix_is_typed(hire: Hire, said: str, state: str) -> None:
    hire.has("direnv", DIRENV)
    hire.keeps("allowed", said)
    assert direnv.allowed(hire.workspace) == Finding(ok=False, detail=state)
    hire.type(fix("direnv allowed"))
    assert direnv.allowed(hire.workspace) == Finding(ok=True, detail="allowed")


def test_an_older_direnv_that_says_true_is_understood(hire: Hire) -> None:
    hire.has("direnv", DIRENV)
    hire.keeps("allowed", "true")
    assert direnv.allowed(hire.workspace).ok


def signed_out(hire: Hire, value: str = SCOPED) -> None:
    """Everything but 1Password is set up."""
    hire.has("direnv", DIRENV)
    hire.has("op", OP)
    hire.keeps("allowed", "0")
    hire.keeps("reference", "op://infra/fly/deploy-token")
    hire.keeps("value", value)


def test_1password_is_red_until_somebody_signs_in(hire: Hire) -> None:
    signed_out(hire)
    assert account.signed_in(hire.workspace) == Finding(ok=False, detail="not signed in")
    hire.keeps("signed-in", "")
    assert account.signed_in(hire.workspace).ok


def test_1password_is_not_needed_when_the_values_are_there(hire: Hire) -> None:
    signed_out(hire)
    hire.keeps("reference", SCOPED)
    assert account.signed_in(hire.workspace).detail.startswith("not needed")


def test_a_missing_op_is_told_with_where_to_get_it(hire: Hire) -> None:
    signed_out(hire)
    (hire.programs / "op").unlink()
    found = account.signed_in(hire.workspace)
    assert (found.ok, found.command) == (False, False)
    assert "1password" in found.fix


def test_an_op_that_is_older_than_its_pin_is_told_with_where_to_get_a_newer_one(hire: Hire) -> None:
    signed_out(hire)
    hire.keeps("signed-in", "")
    hire.has("op", OP.replace("2.30.0", "2.1.0"))
    found = account.signed_in(hire.workspace)
    assert (found.ok, found.detail) == (False, "op 2.18.0: 2.1.0 on PATH, older than 2.18.0")
    assert "1password" in found.fix


def test_values_are_green_once_1password_gives_them(hire: Hire) -> None:
    signed_out(hire)
    with pytest.raises(Failure):
        direnv.values(hire.workspace)
    hire.keeps("signed-in", "")
    assert direnv.values(hire.workspace).ok


def test_an_empty_value_is_named(hire: Hire) -> None:
    signed_out(hire)
    hire.keeps("reference", "")
    assert direnv.values(hire.workspace) == Finding(ok=False, detail="FLY_API_TOKEN is empty")


def test_a_tool_is_red_with_its_own_next_step(hire: Hire) -> None:
    found = programs.Tool("ko")(hire.workspace)
    assert (found.ok, found.fix, found.command) == (False, "inv tools.install ko", True)


def test_a_tool_that_is_installed_by_hand_says_how_and_is_green_on_path(hire: Hire) -> None:
    found = programs.Tool("process-compose")(hire.workspace)
    assert (found.ok, found.command) == (False, False)
    hire.has("process-compose", "#!/bin/sh\necho 'Process Compose'; echo 'Version: v9.9.9'\n")
    assert programs.Tool("process-compose")(hire.workspace).ok


# docker whose daemon runs from `systemctl start docker` on.
DOCKER = """#!/bin/sh
[ -f "$HOME/docker-runs" ] && echo 28.0.1 && exit
echo "Cannot connect to the Docker daemon" >&2; exit 1
"""
SUDO = """#!/bin/sh
[ "$*" = "systemctl start docker" ] && : >"$HOME/docker-runs"
"""


def test_a_builder_is_red_until_a_docker_daemon_or_the_organization_of_the_apps_answers(hire: Hire) -> None:
    hire.has("flyctl", ONE_APP)
    hire.keeps("readable", "")
    signed_out(hire)
    hire.keeps("reference", SCOPED)
    found = programs.builder(hire.workspace)
    assert not found.ok
    assert "no Docker daemon answers here" in found.detail
    assert "the organization of infra is out of reach: " in found.detail
    hire.keeps("readable", "infra")
    found = programs.builder(hire.workspace)
    assert (found.ok, found.detail) == (
        True,
        "no Docker daemon answers here: built on Fly's builder, of the organization personal",
    )


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="Docker builds there")
def test_a_builder_is_green_once_docker_runs_as_the_fix_says(hire: Hire) -> None:
    hire.has("flyctl", ONE_APP)
    hire.keeps("readable", "")
    signed_out(hire)
    hire.keeps("reference", SCOPED)
    hire.has("docker", DOCKER)
    hire.has("sudo", SUDO)
    found = programs.builder(hire.workspace)
    assert (found.ok, found.fix, found.command) == (False, "sudo systemctl start docker", True)
    hire.type(found.fix)
    assert programs.builder(hire.workspace) == Finding(ok=True, detail="a Docker daemon answers here")


def test_the_manifests_are_red_when_one_is_wrong_and_name_the_place(hire: Hire) -> None:
    assert repo.manifests(hire.workspace).ok
    manifest = hire.root / "core" / "fly.toml"
    manifest.write_text(manifest.read_text().replace('primary_region = "syd"', ""))
    found = repo.manifests(hire.workspace)
    assert (found.ok, found.command) == (False, False)
    assert found.detail.startswith("core/fly.toml:")
    assert found.fix
    assert found.fix not in found.detail


def test_a_manifest_that_differs_is_green_once_the_command_in_the_fix_is_typed(hire: Hire) -> None:
    manifest = hire.root / "core" / "fly.toml"
    manifest.write_text(manifest.read_text().replace('primary_region = "syd"', 'primary_region = "fra"'))
    found = repo.manifests(hire.workspace)
    assert found.detail.startswith("core/fly.toml:")
    assert found.fix == "`inv fly.manifests.sync` copies it"


def test_the_tour_is_red_until_it_was_taken(hire: Hire) -> None:
    assert not repo.tour(hire.workspace).ok
    hire.type("mkdir .fly && : >.fly/tour-passed")
    assert repo.tour(hire.workspace).ok


def test_a_token_that_fly_takes_is_green_with_whose_it_is(hire: Hire) -> None:
    hire.has("flyctl", FLYCTL)
    with pytest.raises(Failure, match="op was not found"):
        account.token_accepted(hire.workspace)
    signed_out(hire)
    hire.keeps("reference", SCOPED)
    assert account.token_accepted(hire.workspace).detail == "dev@example.com"


def test_a_personal_token_is_red_and_a_scoped_one_green(hire: Hire) -> None:
    signed_out(hire)
    hire.keeps("reference", "fo1_of_a_person_12345")
    found = account.token_scoped(hire.workspace)
    assert not found.ok
    assert "fo1" not in found.detail or "12345" not in found.detail
    hire.keeps("reference", SCOPED)
    assert account.token_scoped(hire.workspace).ok


def test_a_token_of_one_app_is_red_and_one_that_reads_every_app_is_green(hire: Hire) -> None:
    hire.has("flyctl", ONE_APP)
    hire.keeps("readable", "infra")
    signed_out(hire)
    hire.keeps("reference", SCOPED)
    found = account.reads_apps(hire.workspace)
    assert not found.ok
    assert found.detail.startswith("infra-core is not read: ")
    assert "infra is not read" not in found.detail
    hire.keeps("readable", "infra infra-core")
    assert account.reads_apps(hire.workspace) == Finding(ok=True, detail="reads infra, infra-core")
