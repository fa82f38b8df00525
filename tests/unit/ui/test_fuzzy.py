"""Commands are found by a few letters."""

from hypothesis import given
from hypothesis import strategies as st

from studio.ui.command_palette import Entry, arrange
from studio.ui.fuzzy import match

TEXTS = ("Fit", "Full screen", "Compare before and after", "Copy picture", "Wall of new pictures")


def _best(query: str) -> str:
    return arrange([Entry(text, text) for text in TEXTS], query, recent=())[0].text


def test_starts_of_words_win() -> None:
    assert _best("fs") == "Full screen"
    assert _best("cba") == "Compare before and after"
    assert _best("after comp") == "Compare before and after"
    assert _best("wall") == "Wall of new pictures"


def test_what_does_not_fit_is_left_out() -> None:
    assert arrange([Entry(text, text) for text in TEXTS], "xyz", recent=()) == []
    assert match("tif", "Fit") is None


def test_without_a_query_the_last_used_come_first() -> None:
    entries = [Entry(text, text) for text in TEXTS]
    shown = arrange(entries, " ", recent=("Copy picture", "Fit"))
    assert [entry.text for entry in shown[:2]] == ["Copy picture", "Fit"]
    assert len(shown) == len(entries)


def test_a_command_is_found_by_its_english_name_in_another_language() -> None:
    entries = [Entry("fit", "适合窗口", other_text="Fit"), Entry("keep", "收藏", other_text="Keep")]
    assert arrange(entries, "keep", recent=())[0].key == "keep"
    assert arrange(entries, "适合", recent=())[0].key == "fit"


@given(st.text(max_size=20))
def test_a_text_always_fits_itself(text: str) -> None:
    assert match(text, text) is not None


@given(st.text(max_size=12), st.text(max_size=30))
def test_nothing_raises(query: str, text: str) -> None:
    match(query, text)
