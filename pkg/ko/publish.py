"""Publishing: build with ko, push, and record what was pushed."""

import re
import tempfile
from pathlib import Path

from pkg.fly import manifest
from pkg.fly.image import Record, Reference, parse
from pkg.ko import argv, record, source
from pkg.shell.errors import BadInput, CommandFailed, Failure
from pkg.shell.runner import Result
from pkg.shell.workspace import Workspace

FLY_REGISTRY = "registry.fly.io"
CORE = Path("core")


def repository(ws: Workspace) -> str:
    """Return where core's image goes: the repository of the default app; core deploys it from there."""
    return f"{FLY_REGISTRY}/{manifest.read(manifest.find(ws.root)).app}"


def publish(ws: Workspace, built: source.Source, target: str) -> Record | None:
    """Build what is checked out, push it and record it; None in a dry run.

    Args:
        ws: the workspace.
        built: what is checked out.
        target: the repository, as `registry.fly.io/infra`.

    Raises:
        BadInput: the repository is none.
        CommandMissing: ko is not installed.
        CommandFailed: ko or flyctl failed.
        Failure: ko pushed something else than one image, the tree changed meanwhile, or the record cannot be
            written.
    """
    check_repository(target)
    version = _version(ws.runner.capture(argv.version(), timeout=30))
    if target.startswith(f"{FLY_REGISTRY}/"):
        _login(ws)
    with tempfile.TemporaryDirectory() as scratch:
        refs = Path(scratch) / "refs"
        # KO_CONFIG_PATH: somebody's own would build something else.
        env = {"KO_DOCKER_REPO": target, "KO_CONFIG_PATH": str(ws.root / CORE / ".ko.yaml")}
        result = ws.runner.stream(argv.build(built.tag, refs), changes=True, cwd=ws.root / CORE, env=env)
        if result.skipped:
            return None
        if result.code:
            raise CommandFailed(
                "ko did not publish the image",
                result=result,
                meaning="nothing is recorded; what runs on Fly is as it was",
                fix="read ko's lines above; `go build` in core/ shows whether it is the code",
            )
        pushed = read_refs(refs, target, built.tag)
    source.refuse_changed(built, source.read(ws.runner), pushed)
    written = Record(
        app=target.rpartition("/")[2],
        ref=str(pushed),
        commit=built.commit,
        published=ws.clock.now().replace(microsecond=0),
        ko=version,
        dirty=built.dirty,
    )
    record.write(record.path_of(ws), written)
    return written


def check_repository(target: str) -> None:
    """Make sure that a repository has a registry and neither tag nor digest.

    Raises:
        BadInput: it is none.
    """
    try:
        named = parse(f"{target}:tag").name
    except BadInput:
        named = ""
    if not named or named != target:
        raise BadInput(f"{target!r} is no repository", fix=f"write it as {FLY_REGISTRY}/NAME")


def read_refs(path: Path, target: str, tag: str) -> Reference:
    """Return what ko pushed, from the file of `--image-refs`.

    Raises:
        Failure: it is not one image of that repository, pinned by its digest.
    """
    lines = path.read_text().split() if path.is_file() else []
    expected = rf"{re.escape(target)}:{re.escape(tag)}@sha256:[0-9a-f]{{64}}"
    if len(lines) != 1 or not re.fullmatch(expected, lines[0]):
        raise Failure(
            f"ko pushed {', '.join(lines) or 'nothing'}, not one image {target}:{tag} with its digest",
            meaning="nothing is recorded; what runs on Fly is as it was",
            fix="core/.ko.yaml must build one program for one platform",
        )
    return parse(lines[0])


def _version(result: Result) -> str:
    if result.code or not result.stdout.strip():
        raise CommandFailed("ko does not tell its version", result=result, fix="./dev inv tools.install ko")
    return result.stdout.strip().removeprefix("v")


def _login(ws: Workspace) -> None:
    ws.environment.resolve(ws.runner)
    result = ws.runner.capture(argv.login(), timeout=60, changes=True)
    if result.code:
        raise CommandFailed(
            "flyctl did not log in to Fly's registry",
            result=result,
            meaning="ko could not push; nothing was published",
            fix="`inv onboard` checks the token; a deploy token of the app is enough",
        )
