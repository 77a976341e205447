"""`logs`: what the machines wrote, once or as it comes."""

from __future__ import annotations

from pkg.flysim.flyctl.errors import ApiFailed, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

POLL_SECONDS = 1.0


def logs(call: Call) -> None:
    """Print log lines; without --no-tail, until interrupted: exit 127.

    recorded: operate.json#72..75; README, "logs interrupted exits 127".
    """
    call.api.graphql("query appcompact:app", appName=call.app)
    token = ""
    while True:
        answer = _page(call, token)
        for entry in answer["data"]:
            _print(call, entry["attributes"])
        token = answer["meta"]["next_token"]
        if call.switch("no-tail"):
            return
        call.stdout.flush()
        call.clock.sleep(POLL_SECONDS)


def _page(call: Call, token: str) -> Json:
    query = {"next_token": token}
    for name, key in (("machine", "instance"), ("region", "region")):
        if call.text(name):
            query[key] = call.text(name)
    try:
        found: Json = call.api.request("GET", f"/api/v1/apps/{call.app}/logs", query=query)
    except ApiFailed as error:
        raise Failed(f"failed to get app logs: {error}") from error
    return found


def _print(call: Call, line: Json) -> None:
    if not call.switch("json"):
        provider = line["meta"]["event"]["provider"]
        instance = f"[{line['instance']}]" if line["instance"] else ""
        call.out(
            f"{line['timestamp']} {provider}{instance} {line['region']} [{line['level']}]{line['message']}"
        )
        return
    meta = line["meta"]
    call.json(
        {
            "level": line["level"],
            "instance": line["instance"],
            "message": line["message"],
            "region": line["region"],
            "timestamp": line["timestamp"],
            "meta": {
                "Instance": meta["instance"],
                "Region": meta["region"],
                "Event": {"Provider": meta["event"]["provider"]},
                "HTTP": {
                    "Request": {"ID": "", "Method": "", "Version": ""},
                    "Response": {"status_code": meta["http"]["response"]["status_code"]},
                },
                "Error": {"Code": meta["error"]["code"], "Message": meta["error"]["message"]},
                "URL": {"Full": meta["url"]["full"]},
            },
        }
    )
