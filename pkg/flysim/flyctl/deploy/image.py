"""The image of a deploy: looked up as the real flyctl does, within a build record."""

from __future__ import annotations

import os

from pkg.flysim.flyctl.errors import Failed, NotSimulated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.flyctl.call import Call

    Json = dict[str, Any]

NO_BUILD = (
    "app does not have a Dockerfile or buildpacks configured. "
    "See https://fly.io/docs/reference/configuration/#the-build-section"
)


class Build:
    """An image that was found, and the build record of its finding."""

    __slots__ = ("id", "image", "reference")

    def __init__(self, ident: int, reference: str, image: Json) -> None:
        self.id = ident
        self.reference = reference
        self.image = image


def find(call: Call, reference: str) -> Build:
    """Look an image up.

    Raises:
        Failed: there is none; recorded: daily.json#29, release.json#15.
    """
    app = call.app
    build = call.api.post(
        "/api/v1/builds",
        {
            "app_name": app,
            "builder_type": "depot.dev",
            "strategies_available": ["Local Image Reference", "Remote Image Reference"],
        },
    )
    call.say(f"Searching for image '{reference}' remotely...")
    image = call.api.graphql("query app", appName=app, imageRef=reference)["app"]["image"]
    call.api.post(
        "/api/v1/builds/finish",
        {
            "build_id": build["id"],
            "app_name": app,
            "status": "completed" if image else "failed",
            "final_image": {"id": image["id"], "tag": reference} if image else {},
        },
    )
    if not image:
        raise Failed(f'could not find image "{reference}"')
    call.say(f"image found: {image['id']}")
    return Build(int(build["id"]), reference, image)


def refuse_to_build(call: Call, folder: str) -> None:
    """End a run that names no image: the simulation builds none.

    Raises:
        Failed: there is nothing to build; recorded: daily.json#48.
        NotSimulated: there is.
    """
    named = call.text("dockerfile")
    if named or os.path.exists(os.path.join(folder, "Dockerfile")):  # noqa: PTH110, PTH118 -- see surface.py
        raise NotSimulated("how to build an image; name one with --image")
    raise Failed(NO_BUILD)
