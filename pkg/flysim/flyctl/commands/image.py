"""`image show`: what image each machine runs."""

from __future__ import annotations

from pkg.flysim.flyctl.commands.machines import all_machines
from pkg.flysim.flyctl.commands.status import short_image
from pkg.flysim.flyctl.errors import Failed
from pkg.flysim.flyctl.render import go_json, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = ("MACHINE ID", "REGISTRY", "REPOSITORY", "TAG", "VERSION", "DIGEST", "LABELS")


def show(call: Call) -> None:
    """Show the images; recorded: daily.json#37, daily.json#38."""
    call.api.graphql("query appcompact:app", appName=call.app)
    machines = [machine for machine in all_machines(call) if call.operands in ([], [machine["id"]])]
    if call.operands and not machines:
        raise Failed(f"machine {call.operands[0]} was not found in app '{call.app}'")
    offers = [offer for machine in machines for offer in _offer(call, machine)]
    if offers:
        call.say(
            "\n".join(["Updates available:", "", *offers, "", "Run `flyctl image update` to take them."])
        )
    shown = [_image(machine) for machine in machines]
    if call.switch("json"):
        call.json([{**image, "Labels": image["Labels"] or "{}"} for image in shown])
        return
    rows = [
        (
            image["MachineID"],
            image["Registry"],
            image["Repository"],
            image["Tag"],
            image["Version"],
            image["Digest"],
            image["Labels"],
        )
        for image in shown
    ]
    call.stdout.write(table(COLUMNS, rows, title="Image Details"))


def _offer(call: Call, machine: Json) -> list[str]:
    name = short_image(machine)
    latest = call.api.graphql("query latestImageDetails", image=name, flyVersion="")["latestImageDetails"]
    if not latest["digest"] or latest["digest"] == machine["image_ref"]["digest"]:
        return []
    return [f'Machine "{machine["id"]}" {name} -> {latest["repository"]}:{latest["tag"]} ()']


def _image(machine: Json) -> dict[str, str]:
    image = machine["image_ref"]
    labels = image.get("labels") or {}
    return {
        "Digest": image["digest"],
        "Labels": go_json(labels, indent=None) if labels else "",
        "MachineID": machine["id"],
        "Registry": image["registry"],
        "Repository": image["repository"],
        "Tag": image.get("tag", ""),
        "Version": labels.get("fly.version", "N/A"),
    }
