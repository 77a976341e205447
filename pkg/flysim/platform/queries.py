"""What each GraphQL operation answers: more fields than it asks for, as the recordings' control plane did."""

from __future__ import annotations

from collections.abc import Callable

from pkg.flysim.evidence import Evidence, assumed, recorded
from pkg.flysim.platform import apps, images, ips, regions, tokens
from pkg.flysim.platform.call import EMAIL, ApiError, Call, Response
from pkg.flysim.platform.operations import Field, Operation
from pkg.flysim.platform.store import Json

ALIASES_OF_APP = ("app", "appcompact", "appbasic", "appLimitedAccessTokens", "app_info", "appcert")
FOR_WHOLE_ORGANIZATION = frozenset(
    {"apps", "organizations", "createLimitedAccessToken", "deleteLimitedAccessToken"}
)
ALIASES_OF_NO_APP = ("app", "appcompact", "appbasic")

Answer = Callable[[Call, Field, Operation], Json]


class Query:
    """One root field: whether it changes anything, what answers it, and on what evidence."""

    __slots__ = ("answer", "changes", "evidence")

    def __init__(self, answer: Answer, *, changes: bool, evidence: Evidence) -> None:
        self.answer = answer
        self.changes = changes
        self.evidence = evidence


class NotFoundError(Exception):
    """What is asked for is not there: GraphQL says so beside the data."""

    def __init__(self, data: Json, message: str, path: str) -> None:
        super().__init__(message)
        self.data = data
        self.message = message
        self.path = path


def answer(call: Call, operation: Operation) -> Response:
    """Answer all root fields of an operation."""
    data: Json = {}
    try:
        for field in operation.fields:
            query = find(operation.kind, field.name)
            if query is None:
                return _error(f"not simulated: {operation.kind} {field.name}", "NOT_SIMULATED")
            if field.name in FOR_WHOLE_ORGANIZATION:
                call.whole_organization()
            data |= query.answer(call, field, operation)
    except NotFoundError as missing:
        extensions = {"code": "NOT_FOUND"}
        errors = [{"message": missing.message, "path": [missing.path], "extensions": extensions}]
        return Response(200, {"data": data | missing.data, "errors": errors})
    except ApiError as error:
        return _error(error.message, "UNAUTHORIZED" if error.status in {401, 403} else "UNPROCESSABLE")
    return Response(200, {"data": data})


def find(kind: str, name: str) -> Query | None:
    """What answers a root field; None when it is not simulated."""
    return QUERIES.get(f"{kind} {name}")


def changes(operation: Operation) -> bool:
    """Whether any root field changes the state."""
    found = (find(operation.kind, field.name) for field in operation.fields)
    return any(query is not None and query.changes for query in found)


def _error(message: str, code: str) -> Response:
    return Response(200, {"data": None, "errors": [{"message": message, "extensions": {"code": code}}]})


def _app(call: Call, field: Field, _operation: Operation) -> Json:
    name = str(field.arguments.get("appName") or field.arguments.get("name") or "")
    app = call.session.get(apps.KIND, name) if call.scope in {"", name} else None
    if app is None:
        aliases = dict.fromkeys((*ALIASES_OF_NO_APP, field.alias))
        raise NotFoundError(aliases, "Could not find App", "app")
    if "imageRef" in field.arguments:
        return {field.alias: {"id": name, "image": _image(call, str(field.arguments["imageRef"]))}}
    shown = apps.for_graphql(call, app)
    return dict.fromkeys((*ALIASES_OF_APP, field.alias), shown)


def _image(call: Call, reference: str) -> Json | None:
    known = call.session.settings.get("images", {})
    image = images.parse(reference, known)
    if image is None or not images.exists(image, known):
        return None
    return images.details(image, reference)


def _apps(call: Call, field: Field, _operation: Operation) -> Json:
    nodes = [apps.for_graphql(call, app) for app in call.session.all(apps.KIND)]
    return {field.alias: {"pageInfo": {"hasNextPage": False, "endCursor": ""}, "nodes": nodes}}


def _viewer(_call: Call, field: Field, operation: Operation) -> Json:
    if any(other.name == "organizations" for other in operation.fields):
        return {field.alias: {"id": "u1"}}
    return {
        field.alias: {
            "__typename": "User",
            "id": "u1",
            "email": EMAIL,
            "enablePaidHobby": False,
            "personalOrganization": {"id": "org1", "slug": apps.ORGANIZATION},
        }
    }


def _organizations(_call: Call, field: Field, _operation: Operation) -> Json:
    personal = {"id": "org1", "slug": apps.ORGANIZATION, "name": "Personal", "type": "PERSONAL"}
    node = {**personal, "rawSlug": apps.ORGANIZATION, "viewerRole": "admin", "billable": True}
    return {"viewer": {"id": "u1"}, field.alias: {"nodes": [node]}, "personalOrganization": personal}


def _organization(_call: Call, field: Field, _operation: Operation) -> Json:
    slug = field.arguments.get("slug")
    if slug not in {None, apps.ORGANIZATION}:
        raise NotFoundError({field.alias: None}, "Could not find Organization", field.alias)
    personal = {"id": "org1", "internalNumericId": "7", "slug": apps.ORGANIZATION, "name": "Personal"}
    return {field.alias: {**personal, "rawSlug": apps.ORGANIZATION, "type": "PERSONAL", "paidPlan": True}}


def _platform(_call: Call, field: Field, operation: Operation) -> Json:
    shown = regions.for_graphql()
    if "vmSizes" in operation.mentions:
        shown["platform"] = {**shown["platform"], "vmSizes": regions.sizes_for_graphql()}
    return {**shown, field.alias: shown["platform"]}


def _nearest_region(_call: Call, field: Field, _operation: Operation) -> Json:
    return {field.alias: regions.for_graphql()["nearestRegion"]}


def _latest_image_details(_call: Call, field: Field, _operation: Operation) -> Json:
    return {field.alias: images.latest_details(str(field.arguments.get("image") or ""))}


def _create_token(call: Call, field: Field, _operation: Operation) -> Json:
    given = field.arguments.get("input")
    return {field.alias: tokens.create(call, given if isinstance(given, dict) else field.arguments)}


def _delete_token(call: Call, field: Field, _operation: Operation) -> Json:
    return {field.alias: tokens.revoke(call, field.arguments)}


def _validate_wireguard_peers(_call: Call, _field: Field, _operation: Operation) -> Json:
    return {}


def _release_ip(call: Call, field: Field, _operation: Operation) -> Json:
    given = field.arguments.get("input")
    given = given if isinstance(given, dict) else field.arguments
    app, ip = str(given.get("appId") or ""), str(given.get("ip") or given.get("ipAddressId") or "")
    if not call.session.delete(ips.KIND, f"{call.known_app(app)}/{ip}"):
        raise NotFoundError({field.alias: None}, "Could not find IPAddress", field.alias)
    return {field.alias: {"app": {"name": app}}}


QUERIES: dict[str, Query] = {
    "query app": Query(
        _app, changes=False, evidence=recorded("http.jsonl#2", "http.jsonl#4", "http.jsonl#17")
    ),
    "query apps": Query(_apps, changes=False, evidence=recorded("http.jsonl#3")),
    "query viewer": Query(_viewer, changes=False, evidence=recorded("http.jsonl#1")),
    "query organizations": Query(_organizations, changes=False, evidence=recorded("http.jsonl#242")),
    "query organization": Query(
        _organization,
        changes=False,
        evidence=assumed("as organizations, for one slug: the fields are flyctl's"),
    ),
    "query personalOrganization": Query(
        _organization,
        changes=False,
        evidence=assumed("as organizations, for one's own: the fields are flyctl's"),
    ),
    "query platform": Query(_platform, changes=False, evidence=recorded("http.jsonl#12")),
    "query nearestRegion": Query(_nearest_region, changes=False, evidence=recorded("http.jsonl#12")),
    "query latestImageDetails": Query(
        _latest_image_details, changes=False, evidence=recorded("http.jsonl#29")
    ),
    "mutation createLimitedAccessToken": Query(
        _create_token, changes=True, evidence=recorded("http.jsonl#231", "http.jsonl#243")
    ),
    "mutation deleteLimitedAccessToken": Query(
        _delete_token,
        changes=True,
        evidence=assumed("flyctl's mutation of tokens revoke; the answer is its own shape"),
    ),
    "mutation validateWireGuardPeers": Query(
        _validate_wireguard_peers, changes=False, evidence=recorded("http.jsonl#241")
    ),
    "mutation releaseIpAddress": Query(
        _release_ip, changes=True, evidence=assumed("flyctl's mutation of ips release")
    ),
}
