"""Answers and sentences as people and programs read them."""

import json

import pytest

from studio.cli.output import answer_json, count_of, table, tell_error, width
from studio.core.errors import StudioError


def test_columns_stay_aligned_beside_chinese_names() -> None:
    lines = table(("name", "kimg"), [("山水", "5"), ("landscapes", "1,200")]).splitlines()
    assert len({width(line) for line in lines}) == 1


def test_numbers_stand_right_and_words_left() -> None:
    lines = table(("name", "kimg"), [("a", "5"), ("b", "–"), ("c", "1,200")]).splitlines()
    assert lines == ["name   kimg", "a         5", "b         –", "c     1,200"]


def test_a_table_without_rows_is_its_headings() -> None:
    assert table(("a", "b"), []) == "a  b"


def test_one_picture_is_not_1_pictures() -> None:
    assert [count_of(n, "picture") for n in (0, 1, 1200)] == [
        "0 pictures",
        "1 picture",
        "1,200 pictures",
    ]


def test_an_error_is_told_as_sentence_and_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    tell_error(StudioError("It broke.", "Mend it."), as_json=False)
    assert capsys.readouterr() == ("", "It broke.\nMend it.\n")


def test_an_error_for_programs_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    tell_error(StudioError("It\nbroke.", "Mend “it”."), as_json=True)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert json.loads(told) == {"error": {"what": "It\nbroke.", "way_out": "Mend “it”."}}


def test_an_answer_never_holds_a_number_that_is_not_one() -> None:
    with pytest.raises(ValueError, match="JSON"):
        answer_json({"ratio": float("nan")})
