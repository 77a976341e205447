"""A real Prometheus, with data that it has scraped, answers what fly.metrics asks of Fly's."""

import dataclasses
import itertools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from pkg.fly import argv
from pkg.fly.metrics import chart, panels, png, questions
from pkg.fly.metrics.failures import Malformed, WrongOrganization
from pkg.fly.metrics.judging import judge
from pkg.fly.metrics.measures import Measured
from pkg.fly.metrics.prometheus import Server, Span, ask
from pkg.fly.metrics.work import Source, opened
from pkg.shell.clock import SystemClock
from tests.real.conftest import answers, missing, need, running, wait_for
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, World

MACHINES = {"148e1": "syd", "9080e": "fra"}
MIB = 2**20
PAST = 360  # seconds of which there is data
# What each machine does in a second: of 100 ticks so many by mode, bytes, answers by status.
TICKS = {"user": 20.0, "system": 5.0, "iowait": 5.0, "idle": 70.0}
ANSWERS = {"200": 9.0, "500": 1.0}
# Of each status so many of its answers come within a time: all between 50 and 100 ms.
WITHIN = {"0.05": 0.0, "0.1": 1.0, "0.5": 1.0, "+Inf": 1.0}


def exposition(seconds: float, when: float) -> str:
    """What two machines of an app have measured after so many seconds, in Prometheus' own format."""
    lines = []
    for machine, region in MACHINES.items():
        where = f'app="{APP}",region="{region}",host="ab12",instance="{machine}"'
        lines += [
            f"fly_instance_memory_mem_total{{{where}}} {256 * MIB}",
            f"fly_instance_memory_mem_available{{{where}}} {156 * MIB}",
            f'fly_instance_net_recv_bytes{{{where},device="eth0"}} {2000 * seconds}',
            f'fly_instance_net_recv_bytes{{{where},device="dummy0"}} {9999 * seconds}',
            f'fly_instance_net_sent_bytes{{{where},device="eth0"}} {7000 * seconds}',
        ]
        for cpu in "01":
            for mode, ticks in TICKS.items():
                lines.append(f'fly_instance_cpu{{{where},cpu_id="{cpu}",mode="{mode}"}} {ticks * seconds}')
        for status, rate in ANSWERS.items():
            lines.append(f'fly_app_http_responses_count{{{where},status="{status}"}} {rate * seconds}')
            for bound, share in WITHIN.items():
                labels = f'{where},status="{status}",le="{bound}"'
                lines.append(
                    f"fly_app_http_response_time_seconds_bucket{{{labels}}} {rate * share * seconds}"
                )
    return "".join(f"{line} {round(1000 * when)}\n" for line in lines)


@pytest.fixture(scope="module")
def exporter() -> Iterator[int]:
    """The port of what Prometheus scrapes: each scrape gets what was measured 15 seconds after the last one.

    It begins some minutes ago, so that Prometheus knows these minutes within seconds.
    """
    steps = itertools.count()
    began = time.time() - PAST

    class Exporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seconds = 15 * min(next(steps), int((time.time() - began) / 15))
            body = exposition(seconds, began + seconds).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(scope="module")
def prometheus(exporter: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus that has scraped for some seconds."""
    folder = tmp_path_factory.mktemp("prometheus")
    program = need("prometheus")
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
        "scrape_configs:\n"
        "- job_name: fly\n"
        "  honor_labels: true\n"
        f"  static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]\n"
    )
    free = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = free.server_address[1]
    free.server_close()
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.route-prefix=/prometheus/personal",
        "--log.level=warn",
    ]
    address = f"http://127.0.0.1:{port}"
    log = folder / "log"
    with running(command, log, cwd=folder):
        wait_for(lambda: answers(f"{address}/prometheus/personal/-/ready"), "Prometheus", log, 60)
        server = Server(address, "personal", "Bearer x")

        def scraped() -> bool:
            now = time.time()
            newest = {"n": f'timestamp(fly_instance_memory_mem_total{{app="{APP}"}})'}
            found = ask(server, newest, Span(now, now, 15))["n"]
            return len(found) == len(MACHINES) and all(now - one.points[-1][1] < 20 for one in found)

        wait_for(scraped, "scraped data", log, 60)
        yield address


@pytest.fixture
def source(prometheus: str, tmp_path: Path) -> Iterator[Source]:
    world = World(tmp_path, env={"FLY_METRICS_BASE_URL": prometheus, "FLY_API_TOKEN": "fo1_anything"})
    ws = dataclasses.replace(world.ws, clock=SystemClock())
    world.runner.answer(*argv.status(APP), json=shapes.status([]))
    world.runner.answer(*argv.releases(APP), json=[], times=None)
    with opened(ws, world.flyctl, APP) as source:
        yield source


@pytest.fixture
def measured(source: Source) -> Measured:
    return source.measure(PAST / 2)


def last(lines: dict[str, list[tuple[float, float]]]) -> dict[str, float]:
    return {machine: points[-1][1] for machine, points in lines.items()}


def test_every_quantity_is_what_the_machines_did(measured: Measured) -> None:
    scene = panels.scene(measured)
    assert {panel.title: last(panel.lines) for panel in scene.panels} == {
        title: pytest.approx(dict.fromkeys(MACHINES, value), rel=0.05)
        for title, value in {
            "CPU busy": 25,
            "memory used": 100 * 100 / 256,
            "network in": 2,
            "network out": 7,
            "requests": 10,
            "answers that are 5xx": 10,
            "95 of 100 answers within": 97.5,
        }.items()
    }
    assert measured.machines == sorted(MACHINES.items())


def test_charts_and_the_table_are_made_of_it(measured: Measured) -> None:
    text = chart.drawn(panels.scene(measured), chart.Look(width=160))
    assert "CPU busy, %" in text
    assert [row[:2] for row in panels.rows(measured)] == [list(one) for one in sorted(MACHINES.items())]


def test_a_picture_is_drawn_of_it(measured: Measured, tmp_path: Path) -> None:
    if find_spec("matplotlib") is None:
        missing("matplotlib", "./dev uv pip install --group charts, or ./dev nox -s real")
    picture = tmp_path / "metrics.png"
    png.save(picture, panels.scene(measured))
    assert picture.read_bytes().startswith(b"\x89PNG\r\n")


def test_another_organization_is_not_there(prometheus: str) -> None:
    with pytest.raises(WrongOrganization):
        ask(Server(prometheus, "other", "Bearer x"), questions.questions(APP, 60), Span(0, 60, 15))


def test_what_prometheus_does_not_understand_is_told_in_its_words(prometheus: str) -> None:
    with pytest.raises(Malformed, match="parse error"):
        ask(Server(prometheus, "personal", "Bearer x"), {"a": "sum by"}, Span(0, 60, 15))


def test_a_release_is_judged_by_it(source: Source) -> None:
    now = SystemClock().now().timestamp()
    found = judge(source.server, APP, began=now, ended=now, seconds=60)
    assert found.after.errors == pytest.approx(10, rel=0.05)
    assert found.after.p95 == pytest.approx(0.0975, rel=0.05)
