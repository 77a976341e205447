"""The whole of a deploy, and of the smaller one behind `secrets deploy`."""

from __future__ import annotations

from pkg.flysim.flyctl.commands import config as config_command
from pkg.flysim.flyctl.deploy import image as images
from pkg.flysim.flyctl.deploy import launching, options, rolling
from pkg.flysim.flyctl.deploy.configuration import Configurator
from pkg.flysim.flyctl.deploy.groups import Groups, Volumes, announce, check_volumes, select
from pkg.flysim.flyctl.deploy.session import Deploy, Finished, begin
from pkg.flysim.flyctl.errors import ApiFailed, Failed, NotSimulated
from pkg.flysim.flyctl.machine import is_internal, process_group
from pkg.flysim.flyctl.manifest import STRATEGIES, Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.flyctl.call import Call

    Json = dict[str, Any]

NO_MANIFEST = "could not create a fly.toml from any machines"


def deploy(call: Call) -> None:
    """Release an image to the app's machines.

    recorded: daily.json#16, daily.json#28..30, daily.json#35, deploys.json#0..21, release.json#0..7.
    """
    chosen = options.of(call)
    manifest = call.manifest
    call.say("==> Verifying app config")
    if manifest is None:
        raise Failed("failed to fetch an image or build from source: " + images.NO_BUILD)
    config_command.check(call, manifest)
    call.say("--> Verified app config")
    _check_app(call)
    build = _find_image(call, manifest)
    if call.switch("build-only"):
        return
    call.out(f"\nWatch your deployment at https://fly.io/apps/{call.app}/monitoring\n")
    configurator = Configurator(manifest, chosen, call.parsed.command.surface.version)
    try:
        _release(call, configurator, build)
    except Finished:
        return
    call.out(f"\nVisit your newly deployed app at https://{call.app}.fly.dev/\n")


def _check_app(call: Call) -> None:
    """Ask for the app and its organization; recorded: operate.json#85."""
    try:
        app = call.api.get(f"/v1/apps/{call.app}")
        call.api.get(f"/api/v1/organizations/{app['organization']['slug']}")
    except ApiFailed as error:
        raise Failed(f"{error} (Trace ID: {'0' * 32})") from error


def _find_image(call: Call, manifest: Manifest) -> images.Build:
    call.say("==> Building image")
    reference = call.text("image") or manifest.image
    try:
        if not reference:
            images.refuse_to_build(call, call.path(call.operands[0] if call.operands else "."))
        return images.find(call, reference)
    except Failed as error:
        raise Failed(f"failed to fetch an image or build from source: {error}") from error


def _machines(call: Call) -> list[Json]:
    try:
        found: list[Json] = call.api.get(f"/v1/apps/{call.app}/machines")
    except ApiFailed as error:
        raise Failed(f"failed to list VMs: {error}") from error
    return found


def _volumes(call: Call, manifest: Manifest) -> Volumes:
    if not manifest.definition.get("mounts"):
        return Volumes([])
    try:
        return Volumes(call.api.get(f"/v1/apps/{call.app}/volumes"))
    except ApiFailed as error:
        raise Failed(f"error fetching application volumes: {error}") from error


def _release(call: Call, configurator: Configurator, build: images.Build) -> None:
    manifest, chosen = configurator.manifest, configurator.options
    strategy = chosen.strategy or str(manifest.deploy.get("strategy", "rolling"))
    _check_strategy(manifest, strategy)
    groups = Groups(manifest, _machines(call))
    volumes = _volumes(call, manifest)
    check_volumes(groups, configurator, volumes)
    if groups.first and chosen.public_ips:
        _provision_ips(call, configurator)
    if call.given("wait-timeout") or call.given("lease-timeout"):
        call.out(f"INFO Using wait timeout: {chosen.wait:g}s lease timeout: {chosen.lease:g}s\n")
    run = Deploy(call, configurator, begin(call, configurator, build.reference, build.id, strategy))
    run.step("released")
    selected = select(call, groups.updated)
    run.to_update = len(selected) + len(groups.missing)
    run.follow([lambda: _steps(run, groups, selected, volumes)])


def _check_strategy(manifest: Manifest, strategy: str) -> None:
    """Refuse a strategy that does not exist, that volumes rule out, or that is not simulated."""
    if strategy not in STRATEGIES:
        raise Failed(f"unsupported deployment strategy '{strategy}'; use one of: {', '.join(STRATEGIES)}")
    if strategy in {"canary", "bluegreen"} and manifest.definition.get("mounts"):
        raise Failed(f"error {strategy} deployment strategy is not supported when using mounted volumes")
    if strategy not in options.STRATEGIES:
        raise NotSimulated(f"the deployment strategy {strategy}")


def _steps(run: Deploy, groups: Groups, selected: list[Json], volumes: Volumes) -> None:
    command = run.configurator.manifest.deploy.get("release_command", "")
    if command and not run.options.skip_release_command:
        launching.release_command(run, str(command))
    run.leases.acquire(groups.updated + groups.removed)
    run.step("leased")
    announce(run.call, groups, run.configurator)
    if run.strategy == "canary" and not groups.first:
        launching.canaries(run, groups)
    for machine in groups.removed:
        run.destroy(machine)
    launching.create_groups(run, groups, volumes)

    def configure(machine: Json) -> Json:
        return run.configurator.of(process_group(machine), run.release, machine["config"])

    rolling.update_all(run, rolling.prepare(run, selected, configure), volumes)
    finish(run)


def finish(run: Deploy) -> None:
    """Watch for a while more, as the real flyctl does before it says success, then look at the addresses."""
    settle = float(run.call.api.platform.settings["settle"])
    if settle:
        run.call.clock.sleep(settle)
    if run.options.dns_checks and run.configurator.manifest.definition.keys() & {"services", "http_service"}:
        run.call.say(f"Checking DNS configuration for {run.app}.fly.dev")
        run.call.api.get(f"/v1/apps/{run.app}/ip_assignments")


def _provision_ips(call: Call, configurator: Configurator) -> None:
    """Give a new app that serves the public its addresses; recorded: http.jsonl#21, http.jsonl#22."""
    if not any(configurator.services(group) for group in configurator.manifest.groups):
        return
    path = f"/v1/apps/{call.app}/ip_assignments"
    try:
        if call.api.get(path)["ips"]:
            return
        call.out(f"Provisioning ips for {call.app}")
        for kind, words in (("v6", "Dedicated ipv6"), ("shared_v4", "Shared ipv4")):
            body = {"type": kind, "region": "", "org_slug": "personal", "network": "", "service_name": ""}
            call.out(f"  {words}: {call.api.post(path, body)['ip']}")
    except ApiFailed as error:
        raise Failed(f"failed to provision IPs: {error}") from error
    call.out()


def redeploy(call: Call) -> None:
    """Update the machines with what they run, so that they see new secrets.

    recorded: operate.json#39, deploys.json#42: the release repeats the image of the one before.
    """
    machines = [machine for machine in _machines(call) if process_group(machine) and not is_internal(machine)]
    app = call.api.graphql("query app", appName=call.app)["app"]
    current = app["currentReleaseUnprocessed"]
    if not machines or current is None:
        raise Failed(f"no machines available to deploy in app {call.app}")
    call.api.get(f"/v1/apps/{call.app}")
    chosen = options.Options()
    chosen.detach = call.switch("detach")
    chosen.dns_checks = call.switch("dns-checks")
    manifest = Manifest("", current["configDefinition"])
    configurator = Configurator(manifest, chosen, call.parsed.command.surface.version)
    strategy = str(manifest.deploy.get("strategy", "rolling"))
    run = Deploy(call, configurator, begin(call, configurator, current["imageRef"], 0, strategy))
    run.to_update = len(machines)

    def configure(machine: Json) -> Json:
        config: Json = dict(machine["config"])
        fresh = configurator.metadata(process_group(machine), run.release)
        return {**config, "metadata": {**(config.get("metadata") or {}), **fresh}}

    def steps() -> None:
        run.leases.acquire(machines)
        rolling.update_all(run, rolling.prepare(run, machines, configure), Volumes([]))
        finish(run)

    try:
        run.follow([steps])
    except Finished:
        return
