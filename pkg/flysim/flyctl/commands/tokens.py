"""`tokens`: made, listed, revoked."""

from __future__ import annotations

from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import table
from pkg.flysim.flyctl.values import format_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

COLUMNS = ("ID", "NAME", "CREATED BY", "EXPIRES AT", "REVOKED AT")


def create_deploy(call: Call) -> None:
    """Make a token that may deploy one app; recorded: operate.json#67, operate.json#68."""
    app = call.api.graphql("query appcompact:app", appName=call.app)["app"]
    _create(call, app["organization"]["id"], "deploy", {"app_id": call.app})


def create_org(call: Call) -> None:
    """Make a token for a whole organization; derived: flyctl's source, internal/command/tokens/create.go."""
    slug = call.text("org") or "personal"
    try:
        organization = call.api.graphql("query organization", slug=slug)["organization"]
    except ApiFailed as error:
        raise Failed(f"failed retrieving org {slug}: {error}") from error
    _create(call, organization["id"], "deploy_organization", {})


def _create(call: Call, organization: str, profile: str, parameters: dict[str, str]) -> None:
    try:
        made = call.api.graphql(
            "mutation createLimitedAccessToken",
            name=call.text("name"),
            organizationId=organization,
            profile=profile,
            profileParams=parameters,
            expiry=format_duration(call.seconds("expiry")),
        )
    except ApiFailed as error:
        raise Failed(f"failed creating token: {error}") from error
    token = made["createLimitedAccessToken"]["limitedAccessToken"]["tokenHeader"]
    if call.switch("json"):
        call.json({"token": token})
    else:
        call.out(token)


def list_tokens(call: Call) -> None:
    """List the tokens of an app; recorded: operate.json#69."""
    call.wants("org")
    if call.text("scope") not in {"", "app"}:
        call.wants("scope")
    app = call.api.graphql("query appLimitedAccessTokens: app", appName=call.app)["app"]
    rows = [
        (token["id"], token["name"], token["user"]["email"], token["expiresAt"], token["revokedAt"] or "")
        for token in app["limitedAccessTokens"]["nodes"]
    ]
    call.stdout.write(table(COLUMNS, rows, title=f'Tokens for app "{call.app}":'))


def revoke(call: Call) -> None:
    """Revoke tokens by their ids; derived: flyctl's source, internal/command/tokens/revoke.go."""
    if not call.operands:
        raise Failed("no tokens specified; must be given as arguments")
    for ident in call.operands:
        try:
            call.api.graphql("mutation deleteLimitedAccessToken", id=ident)
        except ApiFailed as error:
            raise Failed(f"failed revoking token {ident}: {error}") from error
        call.out(f"Revoked {ident}")
