"""The recipe: a frozen value that says everything about one picture.

Numbers only: no path, no URL, no code. A *triple* gives one number for each zone, in the order
coarse, medium, fine.
"""

import base64
import math
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

ZONES: Final = ("coarse", "medium", "fine")
MAX_SOURCES: Final = 8
MAX_SEED: Final = 2**31 - 1
MAX_PSI: Final = 1.5
MAX_STRENGTH: Final = 5.0
DEFAULT_PSI: Final = 0.7

Zone = Literal["coarse", "medium", "fine"]
Triple = tuple[float, float, float]


# gc=False: frozen values cannot form cycles, and a gallery holds them by the ten thousand.
class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Where a part of the latent comes from: a seed, or a stored latent, never both.

    Attributes:
        seed: 0…2³¹-1, or None when `w` is given.
        w: Stored latent, float32 [L, D] little-endian in base64, or None when `seed` is given.
        shares: How much of each zone this source rules, ≥ 0. In every zone the shares of all
            sources are divided by their sum.
    """

    seed: int | None = None
    w: str | None = None
    shares: Triple = (1.0, 1.0, 1.0)


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A direction and how far to go along it.

    Attributes:
        direction: First 16 hex digits of the SHA-256 of the direction's float32 vector.
        strength: Triple in units of the slider (σ), -5…5.
        vector: The direction itself, float32 [D] in base64, when it was taught by the artist and
            does not come with the model; None otherwise.
    """

    direction: str
    strength: Triple
    vector: str | None = None


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Everything about one picture. Equal recipe and equal model give equal pixels.

    Attributes:
        model: The model's hash (64 hex digits), see `core.model_card.model_hash`.
        sources: One to eight sources.
        psi: Truncation per zone, 0…1.5; 1 is as drawn, 0 the mean picture.
        edits: At most one per direction, sorted by direction id; edits of strength 0 are left out.
        zones: First layer of the medium and of the fine zone, when the artist moved them; None
            takes the model's own.
    """

    model: str
    sources: tuple[Source, ...]
    psi: Triple = (DEFAULT_PSI, DEFAULT_PSI, DEFAULT_PSI)
    edits: tuple[Edit, ...] = ()
    zones: tuple[int, int] | None = None


def new_recipe(model: str, seed: int, *, psi: float = DEFAULT_PSI) -> Recipe:
    """Give the plain recipe of one seed."""
    return Recipe(model=model, sources=(Source(seed=seed),), psi=(psi, psi, psi))


def with_edit(
    recipe: Recipe, direction: str, *, strength: Triple, vector: str | None = None
) -> Recipe:
    """Give the recipe with one direction set; strength 0 in every zone takes the edit out."""
    kept = [edit for edit in recipe.edits if edit.direction != direction]
    if any(strength):
        kept.append(Edit(direction=direction, strength=strength, vector=vector))
    kept.sort(key=lambda edit: edit.direction)
    return msgspec.structs.replace(recipe, edits=tuple(kept))


def strength_of(recipe: Recipe, direction: str) -> Triple:
    """Give the strength triple of a direction, zeros when it is not edited."""
    for edit in recipe.edits:
        if edit.direction == direction:
            return edit.strength
    return (0.0, 0.0, 0.0)


def floats_to_text(values: NDArray[np.float32]) -> str:
    """Give base64 of an array's little-endian float32 bytes."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def floats_from_text(text: str) -> NDArray[np.float32]:
    """Give the flat float32 array of `floats_to_text`.

    Raises:
        ValueError: Not base64, not whole float32 values, or a value that is not finite.
    """
    raw = base64.b64decode(text, validate=True)
    if len(raw) % 4:
        raise ValueError("the stored latent is not a whole number of float32 values")
    values = np.frombuffer(raw, dtype="<f4").astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("the stored latent holds values that are not finite")
    return values


def first_problem(recipe: Recipe) -> str | None:
    """Give the first rule that a recipe breaks, as a short phrase, or None when it breaks none."""
    if not _is_hex(recipe.model, 64):
        return "the model's hash is not 64 hex digits"
    if not 1 <= len(recipe.sources) <= MAX_SOURCES:
        return f"it has {len(recipe.sources)} sources (1 to {MAX_SOURCES} are possible)"
    for source in recipe.sources:
        if problem := _source_problem(source):
            return problem
    if any(sum(source.shares[i] for source in recipe.sources) <= 0 for i in range(3)):
        return "a zone has no source"
    if not _in_range(recipe.psi, low=0.0, high=MAX_PSI):
        return f"the truncation is not between 0 and {MAX_PSI}"
    if problem := _edits_problem(recipe.edits):
        return problem
    if recipe.zones is not None and not 0 < recipe.zones[0] <= recipe.zones[1] <= 64:
        return "the zones are out of order"
    return None


def _source_problem(source: Source) -> str | None:
    if (source.seed is None) == (source.w is None):
        return "a source needs either a seed or a stored latent"
    if source.seed is not None and not 0 <= source.seed <= MAX_SEED:
        return f"a seed is not between 0 and {MAX_SEED}"
    if not _in_range(source.shares, low=0.0, high=1e6):
        return "a share is negative or not a number"
    if source.w is not None:
        try:
            floats_from_text(source.w)
        except ValueError:
            return "a stored latent is damaged"
    return None


def _edits_problem(edits: tuple[Edit, ...]) -> str | None:
    names = [edit.direction for edit in edits]
    if names != sorted(set(names)):
        return "its edits are not sorted or name a direction twice"
    for edit in edits:
        if not _is_hex(edit.direction, 16):
            return "a direction's id is not 16 hex digits"
        if not _in_range(edit.strength, low=-MAX_STRENGTH, high=MAX_STRENGTH):
            return f"a strength is not between -{MAX_STRENGTH:g} and {MAX_STRENGTH:g}"
        if edit.vector is not None:
            try:
                floats_from_text(edit.vector)
            except ValueError:
                return "a taught direction is damaged"
    return None


def _is_hex(text: str, num_digits: int) -> bool:
    return len(text) == num_digits and all(digit in "0123456789abcdef" for digit in text)


def _in_range(values: Triple, *, low: float, high: float) -> bool:
    return all(math.isfinite(value) and low <= value <= high for value in values)
