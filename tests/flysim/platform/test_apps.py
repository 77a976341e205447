"""Apps, their addresses, their releases, and what GraphQL shows of them."""

import pytest

from tests.flysim.simulation import Simulation

RELEASE = {
    "app_name": "demo",
    "image": "registry.fly.io/demo:v1",
    "strategy": "ROLLING",
    "definition": {"app": "demo"},
}


def test_an_app_is_pending_then_deployed_then_suspended(sim: Simulation) -> None:
    assert sim.get("/v1/apps/demo")["status"] == "pending"
    sim.post("/api/v1/releases", RELEASE)
    machine = sim.machine()
    assert sim.get("/v1/apps/demo")["status"] == "deployed"
    assert sim.ask("query app", appName="demo")["data"]["app"]["deployed"] is True
    sim.delete(f"/v1/apps/demo/machines/{machine}", kill="true")
    assert sim.get("/v1/apps/demo")["status"] == "suspended"


def test_a_new_app_is_listed_and_its_name_is_taken(sim: Simulation) -> None:
    made = sim.request("POST", "/v1/apps", {"name": "other", "org_slug": "personal"}, query={"wait": "true"})
    assert (made.status, made.body["status"]) == (201, "pending")
    assert sim.get("/v1/apps/other")["internal_numeric_id"] == 101
    assert [app["name"] for app in sim.get("/v1/apps")["apps"]] == ["demo", "other"]
    assert [app["name"] for app in sim.ask("query apps")["data"]["apps"]["nodes"]] == ["demo", "other"]
    again = sim.request("POST", "/v1/apps", {"name": "other", "org_slug": "personal"})
    assert (again.status, again.body) == (422, {"error": "Validation failed: Name has already been taken"})


@pytest.mark.parametrize("name", ["With-Capitals", "under_score", "-dash", "dash-", "x" * 64, "a b"])
def test_what_is_no_name_for_an_app_is_refused(sim: Simulation, name: str) -> None:
    answer = sim.request("POST", "/v1/apps", {"name": name, "org_slug": "personal"})
    assert answer.status == 422
    assert answer.body["error"].startswith("Validation failed: Name")


def test_an_app_without_a_name_gets_one(sim: Simulation) -> None:
    assert sim.post("/v1/apps", {"org_slug": "personal"})["name"].startswith("quiet-river-")


@pytest.mark.parametrize("path", ["/v1/apps/nosuch", "/v1/apps/nosuch/machines", "/api/v1/apps/nosuch/logs"])
def test_an_unknown_app_is_not_found(sim: Simulation, path: str) -> None:
    assert sim.request("GET", path).status == 404


def test_an_unknown_organization_is_not_found(sim: Simulation) -> None:
    assert sim.request("GET", "/api/v1/organizations/acme").status == 404
    assert sim.request("POST", "/v1/apps", {"name": "x", "org_slug": "acme"}).status == 404
    assert sim.ask("query organization", slug="acme")["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert sim.ask("query organization", slug="personal")["data"]["organization"]["id"] == "org1"


def test_destroying_an_app_leaves_nothing_of_it(sim: Simulation) -> None:
    sim.machine()
    data = sim.post("/v1/apps/demo/volumes", {"name": "data"})["id"]
    sim.post(f"/v1/apps/demo/volumes/{data}/snapshots")
    sim.post("/api/v1/releases", RELEASE)
    sim.post("/v1/apps/demo/secrets", {"values": {"A": "1"}})
    assert sim.request("DELETE", "/v1/apps/demo").status == 202
    assert sim.request("GET", "/v1/apps/demo").status == 404
    sim.control(apps=["demo"])
    assert sim.get("/v1/apps/demo")["machine_count"] == 0
    assert sim.get("/v1/apps/demo/volumes") == []
    assert sim.get("/api/v1/apps/demo/releases") == {"releases": []}
    assert sim.get("/v1/apps/demo/secrets") == {"secrets": []}


def test_releases_count_up_and_go_from_pending_to_complete(sim: Simulation) -> None:
    first = sim.post("/api/v1/releases", RELEASE)["release"]
    second = sim.post("/api/v1/releases", RELEASE)["release"]
    assert [first["version"], second["version"]] == [1, 2]
    assert (second["status"], second["in_progress"]) == ("pending", True)
    running = sim.request(
        "PATCH", f"/api/v1/releases/{second['id']}", {"status": "running", "metadata": None}
    )
    assert running.body["in_progress"] is True
    done = sim.request("PATCH", f"/api/v1/releases/{second['id']}", {"status": "complete"})
    assert (done.body["status"], done.body["in_progress"]) == ("complete", False)
    listed = sim.get("/api/v1/apps/demo/releases", limit="1")["releases"]
    assert listed == [done.body]


def test_graphql_shows_the_newest_twenty_five_releases(sim: Simulation) -> None:
    for _ in range(30):
        sim.post("/api/v1/releases", RELEASE)
    app = sim.ask("query app", appName="demo", limit=25)["data"]["app"]
    assert [node["version"] for node in app["releases"]["nodes"]] == list(range(30, 5, -1))
    assert app["currentRelease"]["version"] == 30
    assert app["config"]["definition"] == {"app": "demo"}


def test_an_unknown_release_is_not_found(sim: Simulation) -> None:
    assert sim.request("PATCH", "/api/v1/releases/nosuch", {"status": "failed"}).status == 404
    assert sim.request("POST", "/api/v1/releases", {"app_name": "nosuch"}).status == 404


def test_a_shared_address_is_one_and_the_others_are_the_apps_own(sim: Simulation) -> None:
    path = "/v1/apps/demo/ip_assignments"
    kinds = ("v6", "shared_v4", "shared_v4", "v4", "private_v6", "v6")
    given = [sim.post(path, {"type": kind})["ip"] for kind in kinds]
    assert given[0] == "2a09:8280:1::1"
    assert given[1] == given[2] == "66.241.125.10"
    assert len(set(given)) == 5
    shown = sim.ask("query app", appName="demo")["data"]["app"]
    assert [node["type"] for node in shown["ipAddresses"]["nodes"]] == ["v6", "v4", "private_v6", "v6"]
    assert shown["sharedIpAddress"] == "66.241.125.10"


def test_an_address_can_be_given_back(sim: Simulation) -> None:
    path = "/v1/apps/demo/ip_assignments"
    sim.post(path, {"type": "v6"})
    assert sim.request("DELETE", f"{path}/2a09:8280:1::1").status == 200
    assert sim.request("DELETE", f"{path}/2a09:8280:1::1").status == 404
    assert sim.request("POST", path, {"type": "v5"}).status == 422
    ip = sim.post(path, {"type": "v4"})["ip"]
    assert sim.ask("mutation releaseIpAddress", input={"appId": "demo", "ip": ip})["data"]
    assert sim.get(path) == {"ips": []}


def test_sizes_of_machines_are_told_only_when_asked_for(sim: Simulation) -> None:
    assert "vmSizes" not in sim.ask("query platform")["data"]["platform"]
    body = {"query": "query { platform { vmSizes { name memoryMb } } }"}
    sizes = sim.post("/graphql", body)["data"]["platform"]["vmSizes"]
    assert sizes[0] == {
        "name": "shared-cpu-1x",
        "cpuClass": "shared",
        "cpuCores": 1,
        "memoryMb": 256,
        "memoryGb": 0.25,
    }
