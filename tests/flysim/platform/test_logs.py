"""Log lines that control adds are read page by page."""

from tests.flysim.simulation import Simulation

LOGS = "/api/v1/apps/demo/logs"


def messages(answer: dict[str, object]) -> list[str]:
    data = answer["data"]
    assert isinstance(data, list)
    return [entry["attributes"]["message"] for entry in data]


def test_lines_come_in_order_with_what_was_given_and_the_rest_made_up(sim: Simulation) -> None:
    lines = [{"message": "one", "instance": "m1"}, {"message": "two", "level": "error", "region": "iad"}]
    sim.control(logs={"demo": lines})
    first, second = (entry["attributes"] for entry in sim.get(LOGS)["data"])
    assert (first["message"], first["level"], first["instance"], first["region"]) == (
        "one",
        "info",
        "m1",
        "syd",
    )
    assert (second["level"], second["region"]) == ("error", "iad")
    assert first["timestamp"] == "2026-11-24T07:34:50Z"


def test_the_next_page_holds_what_came_since(sim: Simulation) -> None:
    sim.control(logs={"demo": [{"message": "one"}]})
    page = sim.get(LOGS, next_token="")
    assert messages(page) == ["one"]
    page = sim.get(LOGS, next_token=page["meta"]["next_token"])
    assert messages(page) == []
    sim.control(logs={"demo": [{"message": "two"}]})
    page = sim.get(LOGS, next_token=page["meta"]["next_token"])
    assert messages(page) == ["two"]


def test_following_works_from_an_empty_log_too(sim: Simulation) -> None:
    page = sim.get(LOGS, next_token="")
    sim.control(logs={"demo": [{"message": "first"}]})
    assert messages(sim.get(LOGS, next_token=page["meta"]["next_token"])) == ["first"]


def test_a_page_may_be_of_one_machine_or_region(sim: Simulation) -> None:
    lines = [{"message": "one", "instance": "m1"}, {"message": "two", "instance": "m2", "region": "iad"}]
    sim.control(logs={"demo": lines})
    assert messages(sim.get(LOGS, instance="m2")) == ["two"]
    assert messages(sim.get(LOGS, region="syd")) == ["one"]
    assert messages(sim.get(LOGS, next_token="end")) == []


def test_an_app_keeps_its_last_thousand_lines(sim: Simulation) -> None:
    sim.control(logs={"demo": [{"message": str(number)} for number in range(1002)]})
    kept = messages(sim.get(LOGS))
    assert (len(kept), kept[0], kept[-1]) == (1000, "2", "1001")
