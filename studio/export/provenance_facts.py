"""What a provenance sheet says about one picture, as headings and lines; how it looks comes later."""

import datetime
from typing import Final

import msgspec

from studio import __version__
from studio.core.arrays import Picture
from studio.core.credentials import Credentials
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.provenance import PROGRAM, has_own_picture, seed_text
from studio.core.recipe import ZONES, Recipe, Triple

SHEET_SUFFIXES: Final = (".pdf", ".png", ".html", ".txt")
_FAMILIES: Final = {"gan": "style generator (GAN)", "plain": "generator without styles"}
_SCORES: Final = {
    "likeness": "Likeness to the training data (lower is nearer)",
    "variety": "Variety (1 is as various as the data)",
    "density": "Density (1 is as dense as the data)",
}
_MAX_SOURCES: Final = 7  # one page holds no more of two lines each


class SheetSubject(msgspec.Struct, frozen=True, kw_only=True):
    """The picture that a sheet is about.

    Attributes:
        name: For people.
        picture: uint8 [H, W, 3], whole or made smaller.
        width: In pixels, of the file.
        height: In pixels, of the file.
        recipe: What made it.
        card: The model's card; of a missing model only what is remembered of it.
        is_installed: Whether that card is the model's own.
        file_hash: SHA-256 of the file, "" to leave it out.
        kept_at: Seconds since 1970 when it was kept, None when it was not.
        nearness: As measured when it was kept.
        credentials: Of the file, None without any.
    """

    name: str
    picture: Picture
    width: int
    height: int
    recipe: Recipe
    card: ModelCard
    is_installed: bool = True
    file_hash: str = ""
    kept_at: float | None = None
    nearness: Nearness | None = None
    credentials: Credentials | None = None


class Section(msgspec.Struct, frozen=True):
    """A heading and its rows; a row without a name is a sentence."""

    heading: str
    rows: tuple[tuple[str, str], ...]


def sheet_sections(subject: SheetSubject) -> tuple[Section, ...]:
    """Give all that the sheet says, in the order of reading."""
    return (
        Section("Picture", tuple(_picture_rows(subject))),
        Section("Model", tuple(_model_rows(subject))),
        Section("Training data and rights", tuple(_rights_rows(subject.card))),
        Section("Recipe", tuple(_recipe_rows(subject))),
        Section("Near copies", tuple(_nearness_rows(subject.nearness))),
        Section("Scores of the model", tuple(_score_rows(subject.card))),
        Section("Signature", (("", _signature(subject.credentials)),)),
    )


def sheet_date(now: datetime.datetime | None = None) -> str:
    """Give the line on when and by what the sheet was made."""
    moment = now or datetime.datetime.now(datetime.UTC).astimezone()
    return f"Sheet made on {moment.day} {moment:%B %Y} by {PROGRAM} {__version__}"


def _picture_rows(subject: SheetSubject) -> list[tuple[str, str]]:
    kind = "Made by a generator"
    if has_own_picture(subject.recipe):
        kind = "A generator's picture with a picture of the artist's own as part of it"
    rows = [("Size", f"{subject.width} × {subject.height} px"), ("Kind", kind)]
    if subject.kept_at is not None:
        kept = datetime.datetime.fromtimestamp(subject.kept_at, datetime.UTC).astimezone()
        rows.append(("Kept", f"{kept.day} {kept:%B %Y, %H:%M}"))
    if subject.file_hash:
        rows.append(("File (SHA-256)", subject.file_hash))
    return rows


def _model_rows(subject: SheetSubject) -> list[tuple[str, str]]:
    card = subject.card
    rows = [("Name", card.name or "not known"), ("Hash", subject.recipe.model)]
    if not subject.is_installed:
        rows.append(("", "The model is not installed here: its card could not be read."))
        return rows
    sketch = ", a sketch" if card.sketch else ""
    family = _FAMILIES.get(card.family, card.family)
    rows.insert(1, ("Kind", f"{family}, {card.resolution} px{sketch}"))
    if card.training is not None:
        rows.append(("Learned from", f"{card.training.kimg:.4g} thousand pictures seen"))
    return rows


def _rights_rows(card: ModelCard) -> list[tuple[str, str]]:
    rows = [
        ("", f"{right.source}. {right.licence}. {right.credit}".rstrip(". "))
        for right in card.rights[:_MAX_SOURCES]
    ]
    if len(card.rights) > _MAX_SOURCES:
        rows.append(("", f"and {len(card.rights) - _MAX_SOURCES} more, on the model's card"))
    if not rows:
        rows.append(("", "Nothing is stated about what the model learned from."))
    return [*rows, ("Credit line", card.credit or "none")]


def _recipe_rows(subject: SheetSubject) -> list[tuple[str, str]]:
    recipe = subject.recipe
    rows = [("Seed" if len(recipe.sources) == 1 else "Seeds", seed_text(recipe))]
    rows.append(("Truncation", _triple(recipe.psi)))
    if recipe.edits:
        count = len(recipe.edits)
        rows.append(("Sliders", f"{count} moved" if count > 1 else "one moved"))
    if recipe.regions:
        rows.append(("Painted regions", str(len(recipe.regions))))
    if recipe.frame is not None and recipe.frame.enlarge > 1:
        rows.append(("Enlarged", f"{recipe.frame.enlarge} times"))
    return rows


def _nearness_rows(nearness: Nearness | None) -> list[tuple[str, str]]:
    if nearness is None:
        return [
            ("", "Not measured: it was not kept here, or its model has nothing to compare with.")
        ]
    said = "This is very close to one of the training pictures."
    if not nearness.is_copy:
        said = "No near copy of a training picture was found."
    figures = f"{nearness.distance:.2f} (a copy: {nearness.limit:.2f} and less)"
    return [("", said), ("Distance to the nearest", figures)]


def _score_rows(card: ModelCard) -> list[tuple[str, str]]:
    rows = []
    for key, name in _SCORES.items():
        if (score := card.scores.get(key)) is not None:
            floor = f"; real pictures: {score.floor:.3g}" if score.floor is not None else ""
            rows.append((name, f"{score.value:.3g}{floor}"))
    return rows or [("", "None measured.")]


def _signature(found: Credentials | None) -> str:
    if found is None:
        return "This file carries no Content Credentials."
    if not found.is_sound:
        return "The Content Credentials do not fit: the file was changed after it was signed."
    if found.is_trusted:
        return f"Signed: “{found.signer}”. Every byte is as it was signed."
    return (
        f"“{found.signer}”. Every byte is as it was signed; who signed, no authority vouches for."
    )


def _triple(values: Triple) -> str:
    if len(set(values)) == 1:
        return f"{values[0]:g}"
    return ", ".join(f"{zone} {value:g}" for zone, value in zip(ZONES, values, strict=True))
