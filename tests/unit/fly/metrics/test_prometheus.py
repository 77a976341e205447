"""Asking Prometheus: what it is asked, and a word of its own for each way in which it does not answer."""

import json
import os
import signal
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pkg.fly.metrics import prometheus
from pkg.fly.metrics.failures import Away, Malformed, NoToken, Slow, WrongOrganization
from pkg.fly.metrics.prometheus import Series, Server, Span
from pkg.shell.errors import BadInput, Failure

PATH = "/prometheus/personal/api/v1/query_range"
SPAN = Span(1000, 1060, 15)
ONE: dict[str, Any] = {
    "status": "success",
    "isPartial": False,
    "data": {
        "resultType": "matrix",
        "result": [{"metric": {"instance": "m1"}, "values": [[1000, "1"], [1015, "NaN"], [1030, "2.5"]]}],
    },
    "stats": {"seriesFetched": "1"},
}


def server(at: HTTPServer) -> Server:
    return Server(at.url_for("").rstrip("/"), "personal", "Bearer fo1_secret_of_a_person")


def failure(at: HTTPServer, patience: float = 10) -> Failure:
    with pytest.raises(Failure) as caught:
        prometheus.ask(server(at), {"a": "up"}, SPAN, patience=patience)
    return caught.value


def test_each_question_is_asked_with_the_token_and_answered_by_its_name(httpserver: HTTPServer) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer fo1_secret_of_a_person"
        seen.append(request.args.to_dict())
        return Response(json.dumps(ONE), content_type="application/json")

    httpserver.expect_request(PATH, method="GET").respond_with_handler(answer)
    found = prometheus.ask(server(httpserver), {"a": "up", "b": 'x{app="é"}'}, SPAN)
    one = Series({"instance": "m1"}, [(1000, 1.0), (1030, 2.5)])
    assert found == {"a": [one], "b": [one]}
    assert sorted(seen, key=lambda one: one["query"]) == [
        {"query": query, "start": "1000.000", "end": "1060.000", "step": "15"}
        for query in ("up", 'x{app="é"}')
    ]


def test_no_series_is_an_answer(httpserver: HTTPServer) -> None:
    nothing = {"status": "success", "data": {"resultType": "matrix", "result": []}}
    httpserver.expect_request(PATH).respond_with_json(nothing)
    assert prometheus.ask(server(httpserver), {"a": "up"}, SPAN) == {"a": []}


@pytest.mark.parametrize(
    ("answer", "kind", "code", "word"),
    [
        ((401, '{"error":"unauthenticated: the access token is expired"}'), NoToken, 77, "is expired"),
        ((403, ""), NoToken, 77, "do not take this token"),
        (
            (401, '{"error":"something went wrong resolving organization"}'),
            WrongOrganization,
            67,
            "'personal'",
        ),
        ((404, "404 page not found"), WrongOrganization, 67, "'personal'"),
        ((429, ""), Slow, 75, "fewer questions"),
        ((500, "oops"), Away, 69, "HTTP 500: oops"),
        ((503, "<html>" + "x" * 500), Away, 69, "…"),
        (
            (400, '{"status":"error","errorType":"bad_data","error":"parse error"}'),
            Malformed,
            76,
            "parse error",
        ),
        ((418, ""), Malformed, 76, "HTTP 418: no word"),
    ],
)
def test_each_refusal_has_its_own_word_and_exit_code(
    httpserver: HTTPServer, answer: tuple[int, str], kind: type[Failure], code: int, word: str
) -> None:
    status, body = answer
    httpserver.expect_request(PATH).respond_with_data(body, status=status)
    found = failure(httpserver)
    assert (type(found), found.exit_code) == (kind, code)
    assert word in found.what
    assert found.fix
    assert "fo1_secret" not in str(found)


def test_a_redirect_is_not_followed_since_the_token_is_for_this_server(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(
        "", status=302, headers={"Location": "https://login.example.com/?next=x"}
    )
    found = failure(httpserver)
    assert isinstance(found, Away)
    assert "HTTP 302, to login.example.com" in found.what
    assert "not sent" in found.meaning
    assert len(httpserver.log) == 1


def test_a_slow_server_is_given_up() -> None:
    given_up = threading.Event()

    def answer(_: Request) -> Response:
        given_up.wait(10)
        return Response("{}")

    # A server of its own: the others share one, and this request would get into the log of the next test.
    with HTTPServer() as slow:
        slow.expect_request(PATH).respond_with_handler(answer)
        found = failure(slow, patience=0.02)
        given_up.set()
    assert (type(found), found.exit_code) == (Slow, 75)
    assert "did not answer within 0.02 s" in found.what


def test_a_server_that_is_not_there_is_away(httpserver: HTTPServer) -> None:
    free = Server("http://127.0.0.1:1", "personal", "Bearer x")
    with pytest.raises(Away) as caught:
        prometheus.ask(free, {"a": "up"}, SPAN)
    assert caught.value.exit_code == 69
    assert "could not be reached" in caught.value.what


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "<html>",
        "\xff",
        json.dumps(ONE)[:60],
        '{"status":"success"}',
        '{"status":"error","error":"no"}',
        '{"status":"success","data":{"resultType":"vector","result":[]}}',
        '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"x"]]}]}}',
        '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[["x",1]]}]}}',
        '{"status":"success","data":{"resultType":"matrix","result":[{"values":[]}]}}',
    ],
)
def test_what_is_no_answer_of_prometheus_is_malformed(httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request(PATH).respond_with_data(body.encode("latin-1"))
    found = failure(httpserver)
    assert (type(found), found.exit_code) == (Malformed, 76)


def test_the_first_failure_ends_the_other_questions(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        return Response(status=500 if request.args["query"] == "bad" else 200, response=json.dumps(ONE))

    httpserver.expect_request(PATH).respond_with_handler(answer)
    with pytest.raises(Away):
        prometheus.ask(server(httpserver), {"a": "up", "b": "bad", "c": "up"}, SPAN)


@given(st.binary(max_size=60) | st.from_type(dict[str, str]).map(lambda one: json.dumps(one).encode()))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    asked = Server("http://127.0.0.1", "personal", "")
    with pytest.raises(Malformed):
        prometheus.decode(asked, body)


@pytest.mark.parametrize(
    ("token", "header"),
    [
        ("fo1_abc", "Bearer fo1_abc"),
        ("fm2_abc", "FlyV1 fm2_abc"),
        ("FlyV1 fm2_abc", "FlyV1 fm2_abc"),
        ("FlyV1 fm2_a,fm2_b,fo1_c", "FlyV1 fm2_a,fm2_b"),
        ("fo1_c,fm2_a", "FlyV1 fm2_a"),
        ("FlyV1 fm1r_a", "FlyV1 fm1r_a"),
        ("fo1_abc\n", "Bearer fo1_abc"),
        (" FlyV1  fm2_a, fm2_b\n", "FlyV1 fm2_a,fm2_b"),
    ],
)
def test_a_macaroon_goes_under_its_own_scheme(token: str, header: str) -> None:
    assert prometheus.authorization(token) == header


@pytest.mark.parametrize("token", ["fo1_a\nb", "fo1_a b", "fo1_\u00e9", "FlyV1 fm2_a\x00", ","])
def test_a_token_that_cannot_stand_in_a_header_is_told_and_not_shown(token: str) -> None:
    with pytest.raises(NoToken, match="cannot be sent") as caught:
        prometheus.authorization(token)
    assert "fo1_" not in str(caught.value)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "Inf", "nan"])
def test_what_is_no_number_is_left_out_and_the_rest_is_kept(httpserver: HTTPServer, value: str) -> None:
    result = [{"metric": {}, "values": [[1000, value], [1015, "1e3"]]}]
    httpserver.expect_request(PATH).respond_with_json(
        {"status": "success", "data": {"resultType": "matrix", "result": result}}
    )
    assert prometheus.ask(server(httpserver), {"a": "up"}, SPAN) == {"a": [Series({}, [(1015, 1000.0)])]}


@pytest.mark.parametrize(
    "url",
    ["https://api.fly.io", "https://metrics.example.com/base/", "http://127.0.0.1:9090", "http://[::1]:1/"],
)
def test_a_server_that_keeps_the_token_secret_is_taken(url: str) -> None:
    assert prometheus.checked_base(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://metrics.example.com",
        "api.fly.io",
        "ftp://127.0.0.1",
        "https://",
        "https://a:b@c",
        "http://[",
        "x",
    ],
)
def test_one_that_would_show_it_to_the_network_is_not(url: str) -> None:
    with pytest.raises(BadInput, match="FLY_METRICS_BASE_URL"):
        prometheus.checked_base(url)


def test_an_organization_cannot_leave_its_place_in_the_url() -> None:
    assert Server("https://a", "../x?y", "").url == "https://a/prometheus/..%2Fx%3Fy/api/v1/query_range"


def test_a_server_does_not_show_its_token() -> None:
    assert "secret" not in repr(Server("https://a", "personal", "Bearer fo1_secret"))


def test_a_ctrl_c_ends_it_at_once(httpserver: HTTPServer) -> None:
    def press(_: Request) -> Response:
        os.kill(os.getpid(), signal.SIGINT)
        return Response("{}")

    httpserver.expect_request(PATH).respond_with_handler(press)
    with pytest.raises(KeyboardInterrupt):
        prometheus.ask(server(httpserver), {"a": "up"}, SPAN)
