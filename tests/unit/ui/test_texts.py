"""Every text of the window has its Chinese, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.ui import texts
from studio.ui.texts import catalogue, set_language, tr, tr_plural, tr_sentence

STUDIO = Path(texts.__file__).parents[1]
CALLS = {"tr": 0, "N_": 0, "tr_plural": 1}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    set_language("en")


def list_texts(source: str) -> set[str]:
    """Give the literal texts that a file marks for translation."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = CALLS.get(node.func.id)
            if place is not None and len(node.args) > place:
                text = node.args[place]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found.add(text.value)
    return found


def list_built_texts(source: str) -> list[str]:
    """Give texts that are put together before they are translated: those cannot be looked up."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in CALLS
        and any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in node.args)
    ]


def _sources() -> list[Path]:
    return [path for folder in ("ui", "app") for path in sorted((STUDIO / folder).glob("*.py"))]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_text_of_the_window_has_its_chinese() -> None:
    chinese = catalogue("zh_CN")
    missing = {
        text: path.name
        for path in _sources()
        for text in list_texts(path.read_text(encoding="utf-8"))
        if text not in chinese
    }
    assert not missing


def test_placeholders_are_the_same_in_both_languages() -> None:
    wrong = {
        text: chinese
        for text, chinese in catalogue("zh_CN").items()
        if _placeholders(text) != _placeholders(chinese)
    }
    assert not wrong


def test_no_text_is_put_together_before_it_is_translated() -> None:
    assert not [found for path in _sources() for found in list_built_texts(path.read_text("utf-8"))]


def test_the_searches_see_a_planted_fault() -> None:
    planted = 'tr("Bake a cake")\ntr_plural("One cake", "{n} cakes", n=2)\ntr(f"{a} cake")\n'
    assert list_texts(planted) == {"Bake a cake", "{n} cakes"}
    assert "Bake a cake" not in catalogue("zh_CN")
    assert list_built_texts(planted) == ["tr(f'{a} cake')"]


# Source: the look's table of words.
@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "Nothing kept yet. Press K when you like what you see.",
            "还没有收藏。看到喜欢的画面，按 K 收藏。",
        ),
        (
            "Running on the CPU: the graphics driver is too old (535, needs 580).",
            "正在用 CPU：显卡驱动过旧（535，需要 580）。",
        ),
        ("Restored. The pixels are identical.", "已还原，像素完全一致。"),
        (
            "Restored. Differs by at most 2 of 255, because it was made on a GPU.",
            "已还原。因原图由 GPU 生成，最大相差 2/255。",
        ),
    ],
)
def test_the_words_are_those_of_the_look(english: str, chinese: str) -> None:
    set_language("zh_CN")
    assert tr_sentence(english) == chinese
    set_language("en")
    assert tr_sentence(english) == english


def test_the_refusal_of_a_program_reads_as_the_look_says() -> None:
    set_language("zh_CN")
    what = "This file could run programs on your computer, so it was not opened."
    assert tr_sentence(what) + tr_sentence("Ask for an .onnx file.") == (
        "此文件可能在电脑上运行程序，因此没有打开。请改用 .onnx 文件。"
    )


def test_numbers_choose_their_form() -> None:
    assert tr_plural("{n} picture", "{n} pictures", n=1) == "1 picture"
    assert tr_plural("{n} picture", "{n} pictures", n=0) == "0 pictures"
    set_language("zh_CN")
    assert tr_plural("{n} picture", "{n} pictures", n=1) == "1 张图片"


def test_an_unknown_language_is_english_and_a_missing_text_is_itself() -> None:
    assert set_language("xx") == "en"
    set_language("zh_CN")
    assert tr("Never said before") == "Never said before"


def test_a_system_in_chinese_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_system_language", lambda: "zh_TW")
    assert set_language("system") == "zh_CN"
    monkeypatch.setattr(texts, "_system_language", lambda: "de_DE")
    assert set_language("system") == "en"
