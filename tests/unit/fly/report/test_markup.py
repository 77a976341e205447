"""Whatever stands in a text or an attribute, it stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly.report.markup import element, joined, visible
from tests.unit.fly.report.outline import Outline


def test_elements_stand_in_each_other_and_texts_are_escaped() -> None:
    made = element("p", "a < b & ", element("b", "c"), None, class_="x", data_label='"q"')
    assert str(made) == '<p class="x" data-label="&quot;q&quot;">a &lt; b &amp; <b>c</b></p>'


def test_an_element_without_content_has_no_end_and_none_is_left_out() -> None:
    assert str(element("meta", charset="utf-8", name=None)) == '<meta charset="utf-8">'
    assert str(joined("a", None, element("br"))) == "a<br>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title></style><script>",
        "&lt;script&gt;",
        "javascript:alert(1)",
    ],
)
def test_what_looks_like_markup_is_read_as_text(text: str) -> None:
    outline = Outline(str(element("p", text, title=text)))
    assert outline.elements == [("p", {"title": text})]
    assert outline.text == text


@given(st.text(max_size=40))
def test_any_text_comes_back_as_it_can_be_shown(text: str) -> None:
    outline = Outline(str(element("p", text)))
    assert [tag for tag, _ in outline.elements] == ["p"]
    assert "".join(outline.texts) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a\ufffdb"),
        ("a\u202eb", "a\ufffdb"),
        ("\x1b[2J", "\ufffd[2J"),
        ("a\n\tb", "a\n\tb"),
        ("é漢", "é漢"),
    ],
)
def test_what_cannot_be_shown_or_turns_the_text_around_is_replaced(text: str, shown: str) -> None:
    assert visible(text) == shown
