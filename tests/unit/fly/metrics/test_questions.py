"""What is asked of Prometheus, and over which times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly.metrics import questions
from pkg.flysim.platform import promql
from pkg.shell.errors import BadInput


@pytest.mark.parametrize("ask", [questions.questions, questions.judging])
def test_every_question_is_about_one_app_and_is_promql(ask: object) -> None:
    assert callable(ask)
    for question in ask("infra", 60.0).values():
        assert 'app="infra"' in question
        assert promql.parse(question)([])(0) == {}


def test_rates_are_taken_over_the_window() -> None:
    asked = questions.questions("infra", 90.0)
    assert (
        asked[questions.CPU] == 'sum by (instance, region, mode) (rate(fly_instance_cpu{app="infra"}[90s]))'
    )
    assert all("[90s]" in question for name, question in asked.items() if name != questions.MEMORY)


@given(st.text(max_size=20))
def test_no_name_of_an_app_ends_its_quotes(app: str) -> None:
    promql.parse(questions.questions(app, 60)[questions.MEMORY])([])


@pytest.mark.parametrize(
    ("seconds", "step"), [(60, 15), (1800, 15), (1801, 30), (3600, 30), (86400, 720), (15 * 86400, 10800)]
)
def test_a_chart_has_at_most_as_many_points_as_it_can_show(seconds: float, step: float) -> None:
    assert questions.step(seconds) == step
    assert seconds / step <= questions.POINTS


@pytest.mark.parametrize("seconds", [1, 59, 15 * 86400 + 1])
def test_a_time_that_fly_has_nothing_of_is_refused(seconds: float) -> None:
    with pytest.raises(BadInput, match="15d"):
        questions.checked_span(seconds)


def test_any_other_time_is_taken() -> None:
    assert questions.checked_span(3600) == 3600
