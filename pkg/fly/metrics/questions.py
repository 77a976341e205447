"""What is asked: PromQL over the series that Fly makes of every app.

Names, labels and units: https://fly.io/docs/monitoring/metrics/#built-in-metrics. Plain PromQL, no MetricsQL,
so that any Prometheus answers.
"""

from pkg.shell.errors import BadInput

# fly_instance_cpu counts centiseconds, by mode; in these a processor does nothing for the machine.
IDLE = frozenset({"idle", "iowait", "steal"})
# Fly scrapes every 15 seconds: a rate over less than four samples is noise, over less than two nothing.
SCRAPE = 15.0
SHORTEST = 60.0
POINTS = 120
RETENTION = 15 * 86400.0
WHERE = "instance, region"

CPU, MEMORY, RECEIVED, SENT = "cpu", "memory", "received", "sent"
RESPONSES, P50, P95 = "responses", "latency_p50", "latency_p95"


def questions(app: str, window: float) -> dict[str, str]:
    """Return the questions by name.

    Args:
        app: the app's name.
        window: seconds that a rate is taken over.
    """
    of = f"app={_quoted(app)}"
    over = f"[{max(1, round(window))}s]"
    net = f'{{{of},device="eth0"}}{over}'
    within = f"sum by ({WHERE}, le) (rate(fly_app_http_response_time_seconds_bucket{{{of}}}{over}))"
    return {
        CPU: f"sum by ({WHERE}, mode) (rate(fly_instance_cpu{{{of}}}{over}))",
        MEMORY: f'{{__name__=~"fly_instance_memory_mem_(total|available)",{of}}}',
        RECEIVED: f"sum by ({WHERE}) (rate(fly_instance_net_recv_bytes{net}))",
        SENT: f"sum by ({WHERE}) (rate(fly_instance_net_sent_bytes{net}))",
        RESPONSES: f"sum by ({WHERE}, status) (rate(fly_app_http_responses_count{{{of}}}{over}))",
        P50: f"histogram_quantile(0.5, {within})",
        P95: f"histogram_quantile(0.95, {within})",
    }


def judging(app: str, window: float) -> dict[str, str]:
    """Return the questions by which a release is judged: the whole app's answers, not each machine's.

    Args:
        app: the app's name.
        window: seconds that are looked at, up to the moment that is asked about.
    """
    of = f"{{app={_quoted(app)}}}[{max(1, round(window))}s]"
    return {
        RESPONSES: f"sum by (status) (increase(fly_app_http_responses_count{of}))",
        P95: f"histogram_quantile(0.95, sum by (le) (rate(fly_app_http_response_time_seconds_bucket{of})))",
    }


def step(seconds: float) -> float:
    """Return the seconds between two points of a chart, for the time that it shows."""
    return max(SCRAPE, SCRAPE * -(-seconds // (POINTS * SCRAPE)))


def checked_span(seconds: float) -> float:
    """Return how far to look back.

    Raises:
        BadInput: it is more than Fly keeps, or so little that there is nothing to see.
    """
    if not SHORTEST <= seconds <= RETENTION:
        raise BadInput(
            "--since must be between 1m and 15d",
            meaning="Fly keeps metrics for about 15 days",
            fix="--since 1h",
        )
    return seconds


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
