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

from studio.core.mask import mask_from_text

ZONES: Final = ("coarse", "medium", "fine")
MAX_SOURCES: Final = 8
MAX_SEED: Final = 2**31 - 1
MAX_PSI: Final = 1.5
MAX_STRENGTH: Final = 5.0
DEFAULT_PSI: Final = 0.7

MAX_REGIONS: Final = 16
MAX_REGION_NAME: Final = 60
# Masks, stored latents and taught directions together, so that the whole fits into 1 MiB of JSON.
MAX_TEXT_IN_ALL: Final = 896 * 1024
# In cells, of which a square picture has 4 × 4: at most four squares of room.
BASE_CELLS: Final = 4
MAX_CELLS: Final = 16
MAX_AREA_CELLS: Final = 64

Zone = Literal["coarse", "medium", "fine"]
Tile = Literal["none", "x", "y", "both"]
Enlarge = Literal[1, 2, 4, 8, 16]
RegionKind = Literal["keep", "mix"]
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


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What is done beyond the plain square picture.

    Attributes:
        tile: Which sides fit their opposite ones without a seam.
        size: Width and height in cells, of which the square picture has 4 × 4; each 4…16, at most
            64 in all. None for the square.
        beyond: Seed of what lies beyond the square when `size` is larger; None goes on with the
            picture's own latent.
        enlarge: How many times as large the finished picture is made.
        is_mirrored: Whether left and right are swapped, last of all.
    """

    tile: Tile = "none"
    size: tuple[int, int] | None = None
    beyond: int | None = None
    enlarge: Enlarge = 1
    is_mirrored: bool = False


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A painted part of the picture with a recipe of its own. Later regions lie on earlier ones.

    Attributes:
        kind: "keep" shows, to the pixel, what `recipe` and the regions before this one give;
            "mix" blends the latent of `recipe` in.
        mask: 8-bit grey PNG in base64, stretched over the picture before it is mirrored; 255 is
            wholly inside. See `core.mask`.
        recipe: Of the same model, without frame and regions.
        strength: 0…1, multiplied with the mask.
        is_visible: Whether it counts at all.
        name: What the artist called it, "" when nothing.
    """

    kind: RegionKind
    mask: str
    recipe: "Recipe"
    strength: float = 1.0
    is_visible: bool = True
    name: str = ""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Everything about one picture. Equal recipe and equal model give equal pixels.

    Attributes:
        model: The model's hash (64 hex digits), see `core.model_card.model_hash`.
        sources: One to eight sources.
        psi: Truncation per zone, 0…1.5; 1 is as drawn, 0 the mean picture.
        edits: At most one per direction, sorted by direction id; edits of strength 0 are left out.
        zones: First layer of the medium and of the fine zone, when the artist moved them; None
            takes the model's own.
        frame: Tiling, size, enlargement and mirroring; None for the plain square.
        regions: At most 16, the lowest first.
    """

    model: str
    sources: tuple[Source, ...]
    psi: Triple = (DEFAULT_PSI, DEFAULT_PSI, DEFAULT_PSI)
    edits: tuple[Edit, ...] = ()
    zones: tuple[int, int] | None = None
    frame: Frame | None = None
    regions: tuple[Region, ...] = ()


def plain(recipe: Recipe) -> Recipe:
    """Give the recipe without frame and regions: what a region's own recipe is."""
    if recipe.frame is None and not recipe.regions:
        return recipe
    return msgspec.structs.replace(recipe, frame=None, regions=())


def of_model(recipe: Recipe, model: str) -> Recipe:
    """Give the recipe for another model, its regions' recipes too: another picture altogether."""
    regions = tuple(
        msgspec.structs.replace(one, recipe=msgspec.structs.replace(one.recipe, model=model))
        for one in recipe.regions
    )
    return msgspec.structs.replace(recipe, model=model, regions=regions)


def with_frame(recipe: Recipe, frame: Frame) -> Recipe:
    """Give the recipe with a frame, written the one way there is; what says nothing becomes None.

    Whoever changes a frame takes this way: a recipe with a frame that says nothing is refused.
    """
    return msgspec.structs.replace(recipe, frame=_shortest(frame))


def _shortest(frame: Frame) -> Frame | None:
    if frame.size == (BASE_CELLS, BASE_CELLS):
        frame = msgspec.structs.replace(frame, size=None)
    if frame.size is None and frame.beyond is not None:
        frame = msgspec.structs.replace(frame, beyond=None)
    return None if frame == Frame() else frame


def cells_of(recipe: Recipe) -> tuple[int, int]:
    """Give width and height of the picture in cells; the square has 4 × 4."""
    size = recipe.frame.size if recipe.frame is not None else None
    return size or (BASE_CELLS, BASE_CELLS)


def size_px(recipe: Recipe, side: int) -> tuple[int, int]:
    """Give width and height in px of the picture before it is enlarged.

    Args:
        recipe: The picture's recipe.
        side: Side in px of the model's square picture.
    """
    across, down = cells_of(recipe)
    return side * across // BASE_CELLS, side * down // BASE_CELLS


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
    return _plain_problem(recipe) or _frame_problem(recipe.frame) or _regions_problem(recipe)


def _plain_problem(recipe: Recipe) -> str | None:
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


def _frame_problem(frame: Frame | None) -> str | None:
    if frame is None:
        return None
    if frame.size is not None:
        across, down = frame.size
        is_in_range = all(BASE_CELLS <= cells <= MAX_CELLS for cells in frame.size)
        if not is_in_range or across * down > MAX_AREA_CELLS:
            return (
                f"its size is not {BASE_CELLS} to {MAX_CELLS} cells each way and "
                f"{MAX_AREA_CELLS} in all"
            )
    if frame.beyond is not None and not 0 <= frame.beyond <= MAX_SEED:
        return f"a seed is not between 0 and {MAX_SEED}"
    # One way to say one thing, so that equal pictures have equal recipes.
    return None if _shortest(frame) == frame else "its frame says what goes without saying"


def _regions_problem(recipe: Recipe) -> str | None:
    if not recipe.regions:
        return None
    if len(recipe.regions) > MAX_REGIONS:
        return f"it has more than {MAX_REGIONS} regions"
    for region in recipe.regions:
        if region.recipe.model != recipe.model:
            return "a region is of another model"
        if problem := _region_problem(region):
            return problem
    made = (recipe, *(region.recipe for region in recipe.regions))
    num_stored = sum(len(region.mask) for region in recipe.regions) + sum(map(_num_stored, made))
    if num_stored > MAX_TEXT_IN_ALL:
        return "its masks and stored latents are too large together"
    return None


def _region_problem(region: Region) -> str | None:
    if region.recipe.regions or region.recipe.frame is not None:
        return "a region's recipe has regions or a frame of its own"
    if not (math.isfinite(region.strength) and 0.0 <= region.strength <= 1.0):
        return "a region's strength is not between 0 and 1"
    if len(region.name) > MAX_REGION_NAME or not region.name.isprintable():
        return "a region's name is too long or cannot be shown"
    try:
        mask_from_text(region.mask)
    except ValueError:
        return "a region's mask is damaged or larger than 256 × 256"
    problem = _plain_problem(region.recipe)
    return f"in a region, {problem}" if problem else None


def _num_stored(recipe: Recipe) -> int:
    latents = sum(len(source.w or "") for source in recipe.sources)
    return latents + sum(len(edit.vector or "") for edit in recipe.edits)


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
