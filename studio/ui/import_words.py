"""What the trial of a foreign model says, in the words of the window."""

from typing import Final

from studio.core.model_card import ModelCard
from studio.protocol.trial_messages import Question
from studio.ui.texts import N_, tr

# Words of the trial (engine/foreign_import.py and its parts) → sentences.
_STEPS: Final = {
    "unpacking": N_("Unpacking and checking every file…"),
    "reading": N_("Reading and checking every file…"),
    "looking at the graph": N_("Looking at what the graph is made of…"),
    "the first picture": N_("Making the first picture…"),
    "looking at its colours": N_("Looking at its colours…"),
    "looking at several at once": N_("Making several pictures at once…"),
    "looking for sliders": N_("Looking for what can be steered…"),
    "measuring the sliders": N_("Measuring what the sliders do…"),
    "drawing its sheet": N_("Drawing its sheet of pictures…"),
    "writing": N_("Writing…"),
    "reading the weights": N_("Reading the weights, as data…"),
    "writing the graphs": N_("Writing the graphs that the studio runs…"),
    "comparing": N_("Comparing the graphs with the network they came from…"),
}
_ANSWERS: Final = {
    "latent": N_("The latent: what a picture comes from"),
    "class": N_("The class"),
    "noise": N_("Noise, always the same"),
    "-1..1": N_("Black is −1, white is 1"),
    "0..1": N_("Black is 0, white is 1"),
    "0..255": N_("Black is 0, white is 255"),
    "NCHW": N_("Colours, rows, columns"),
    "NHWC": N_("Rows, columns, colours"),
}
FACTS: Final = {
    "kind": N_("Network"),
    "size": N_("Picture"),
    "takes": N_("Takes"),
    "gives": N_("Gives"),
    "classes": N_("Classes"),
    "missing": N_("Without"),
}


def step_words(what: str) -> str:
    """Give what is being done; behind a colon may stand with what."""
    doing, _, network = what.partition(": ")
    words = tr(_STEPS[doing]) if doing in _STEPS else tr("Working…")
    return f"{network} · {words}" if network else words


def question_words(question: Question) -> str:
    """Give a question; names in it come from the file."""
    if question.key == "colours":
        return tr("Which numbers are black and white in its pictures?")
    if question.key == "layout":
        return tr("In which order are the numbers of its pictures?")
    if question.key == "class":
        return tr(
            "This model knows {count} kinds of pictures, by number. Which one shall it show?",
            count=len(question.choices),
        )
    name = question.key.removeprefix("input:")
    return tr("What is its input “{name}”?", name=name[:60])


def answer_words(question: Question, choice: str) -> str:
    """Give a choice; a number stands for itself."""
    if question.key == "class":
        return choice
    return tr(_ANSWERS[choice]) if choice in _ANSWERS else tr("Always {number}", number=choice)


def fact_rows(card: ModelCard) -> list[tuple[str, str]]:
    """Give what was found out about a model: key of `FACTS` and value."""
    rows = [("size", tr("{size} px", size=card.resolution))]
    foreign = card.foreign
    if foreign is not None and foreign.kind != "onnx":
        rows.insert(0, ("kind", foreign.kind))
    if foreign is not None and foreign.takes:
        rows += [("takes", foreign.takes), ("gives", foreign.gives)]
    if card.classes:
        rows.append(("classes", ", ".join(card.classes[:12]) + ("…" if card.classes[12:] else "")))
    missing = missing_words(card)
    if missing:
        rows.append(("missing", missing))
    return rows


def missing_words(card: ModelCard) -> str:
    """Give what a model from elsewhere cannot do, "" when nothing is missing."""
    if card.foreign is None and card.family != "plain":
        return ""
    lacks = []
    if card.layers == 1:
        lacks.append(tr("zones: a style is taken whole"))
    if card.foreign is not None and not card.foreign.has_truncation:
        lacks.append(tr("truncation: the graph undoes it"))
    if card.family == "plain":
        lacks.append(
            tr(
                "painted regions, tiles and wide shapes; fine-tuning; finding a picture by its encoder"
            )
        )
    return "; ".join(lacks)
