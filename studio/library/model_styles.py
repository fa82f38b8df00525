"""The named styles of a model folder, read as a stranger's file: small, checked, or refused whole."""

from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.core.model_card import ModelCard
from studio.core.named_style import MAX_STYLES, STYLES_FILE, NamedStyle, NamedStyles
from studio.core.recipe import first_problem

# 24 styles with a stored latent of a large model each (14 × 512 float32 in base64) have 0.9 MB.
MAX_STYLES_BYTES: Final = 2 * 1024 * 1024
MAX_NAME: Final = 80
STYLES_SCHEMA: Final = 1


def read_styles(folder: Path, card: ModelCard) -> tuple[NamedStyle, ...]:
    """Give the styles of a model, none when it has no file of them.

    Raises:
        ModelError: The file is damaged, too large, newer, or a style is not one of this model.
    """
    path = folder / STYLES_FILE
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_STYLES_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _refusal(card, f"it cannot be read ({error.strerror})") from error
    if len(raw) > MAX_STYLES_BYTES:
        raise _refusal(card, "it is too large")
    try:
        found = msgspec.json.decode(raw, type=NamedStyles)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(card, "it is damaged") from error
    if found.schema > STYLES_SCHEMA:
        raise _refusal(card, "it was written by a newer version of the program")
    if len(found.styles) > MAX_STYLES:
        raise _refusal(card, f"it holds {len(found.styles)} styles, {MAX_STYLES} are possible")
    for style in found.styles:
        if problem := _style_problem(style, card):
            raise _refusal(card, problem)
    return found.styles


def _style_problem(style: NamedStyle, card: ModelCard) -> str | None:
    if not 1 <= len(style.name.strip()) <= MAX_NAME or not style.name.isprintable():
        return "a style has no name that can be shown"
    if style.recipe.model != card.model:
        return f"the style “{style.name}” belongs to another model"
    problem = first_problem(style.recipe)
    return f"the style “{style.name}” cannot be made: {problem}" if problem else None


def _refusal(card: ModelCard, why: str) -> ModelError:
    return ModelError(
        f"“{STYLES_FILE}” of the model “{card.name}” was left out: {why}.", "Install it again."
    )
