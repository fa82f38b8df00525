"""What is said about a StyleGAN file while it comes in."""

import msgspec

from studio.core.model_card import ForeignGraph
from studio.protocol.trial_messages import Question
from studio.ui.import_words import answer_words, fact_rows, question_words, step_words
from tests.fakes.galleries import CARD


def test_the_network_stands_before_what_is_done() -> None:
    words = step_words("writing the graphs: StyleGAN2-ADA, 512 px")
    assert words == "StyleGAN2-ADA, 512 px · Writing the graphs that the studio runs…"
    assert step_words("unpacking") == "Unpacking and checking every file…"


def test_classes_are_asked_for_by_number() -> None:
    question = Question("class", "", ("0", "1", "2"))
    assert "3 kinds of pictures" in question_words(question)
    assert [answer_words(question, choice) for choice in question.choices] == ["0", "1", "2"]


def test_the_published_network_is_the_first_fact() -> None:
    foreign = ForeignGraph(kind="StyleGAN3-T", sha256="ab" * 32)
    card = msgspec.structs.replace(CARD, foreign=foreign)
    assert fact_rows(card)[0] == ("kind", "StyleGAN3-T")
    assert fact_rows(CARD)[0][0] == "size"
