"""A picture from outside and the model's own version of it: how near one comes to the other.

Shape legend: H rows, W columns, R side of a square.
"""

import base64
import math
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.recipe import Recipe, Source

LOOK_PX: Final = 128  # the side at which pictures are looked at and compared
# Shares of the mean picture's distance in φ. 0.7 is the promise (issue "Latent craft").
NEAR: Final = 0.4
ROUGH: Final = 0.7
# A part counts as met when at least half of its energy is explained, or when what is left of it
# is too faint to see (8-bit levels, root mean square).
MET_SHARE: Final = 0.5
FAINT_LEVELS: Final = 6.0
PARTS: Final = ("light", "colours", "forms", "details")
_LUMA: Final = np.array([0.299, 0.587, 0.114])  # Source: ITU-R BT.601
_MASS_PX: Final = 8  # light and colour are compared in so many cells a side
_FORM_PX: Final = 32  # what is finer is detail


class FoundPicture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where in a model's latent space a picture was found.

    Attributes:
        w: The latent, float32 [L, D] in base64, as `Source.w` holds it.
        share: Distance in φ from the picture, as a share of the mean picture's distance: 0 the
            same, 1 no nearer than the model's mean.
        met: Which of `PARTS` the model's version has in the same places.
        seconds: How long it took.
    """

    w: str
    share: float
    met: tuple[str, ...] = ()
    seconds: float = 0.0


def middle_square(rgb8_HWC: Picture) -> Picture:
    """Give the square in the middle of a picture, a view of it."""
    height, width = rgb8_HWC.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return rgb8_HWC[top : top + side, left : left + side]


def checked_look(look_RR3: Picture) -> Picture:
    """Give a look back; `ValueError` when it has another size than `LOOK_PX`."""
    if look_RR3.shape != (LOOK_PX, LOOK_PX, 3):
        raise ValueError(f"a look is {LOOK_PX} px wide, not {look_RR3.shape}")
    return look_RR3


def look_to_text(look_RR3: Picture) -> str:
    """Give a look (a picture of `LOOK_PX` px) as a message carries it, in base64."""
    return base64.b64encode(np.ascontiguousarray(checked_look(look_RR3)).tobytes()).decode("ascii")


def look_from_text(text: str) -> Picture:
    """Give the look of `look_to_text`, read-only.

    Raises:
        ValueError: It is none.
    """
    raw = base64.b64decode(text, validate=True)
    return np.frombuffer(raw, np.uint8).reshape(LOOK_PX, LOOK_PX, 3)


def met_parts(wanted_RR3: Picture, made_RR3: Picture) -> tuple[str, ...]:
    """Give which of `PARTS` a made picture shares with the wanted one, in the order of `PARTS`.

    Light is brightness in 8 × 8 cells, colours are what colour adds there, forms lie between 8 and
    32 cells, details are finer. Both pictures are `LOOK_PX` wide.
    """
    wanted, made = _bands(wanted_RR3), _bands(made_RR3)
    return tuple(part for part in PARTS if _is_met(wanted[part], made[part]))


def _is_met(wanted: NDArray[np.float64], made: NDArray[np.float64]) -> bool:
    left = math.sqrt(float(np.mean((wanted - made) ** 2)))
    own = math.sqrt(float(np.mean((wanted - wanted.mean(axis=(0, 1))) ** 2)))
    return left <= max(FAINT_LEVELS, own * math.sqrt(1 - MET_SHARE))


def _bands(rgb8_RR3: Picture) -> dict[str, NDArray[np.float64]]:
    levels = rgb8_RR3.astype(np.float64)
    luma = (levels @ _LUMA)[..., None]
    masses, forms = _cells(luma, _MASS_PX), _cells(luma, _FORM_PX)
    repeat = _FORM_PX // _MASS_PX
    coarse = masses.repeat(repeat, axis=0).repeat(repeat, axis=1)
    finer = LOOK_PX // _FORM_PX
    return {
        "light": masses,
        "colours": _cells(levels - luma, _MASS_PX),
        "forms": forms - coarse,
        "details": luma - forms.repeat(finer, axis=0).repeat(finer, axis=1),
    }


def _cells(levels_RRC: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    side, channels = levels_RRC.shape[0] // count, levels_RRC.shape[2]
    cells: NDArray[np.float64] = levels_RRC.reshape(count, side, count, side, channels).mean(
        axis=(1, 3)
    )
    return cells


def found_recipe(model: str, found: FoundPicture) -> Recipe:
    """Give the recipe of the model's version of a picture."""
    return Recipe(model=model, sources=(Source(w=found.w),), psi=(1.0, 1.0, 1.0))


def word_of(share: float) -> Literal["near", "rough", "far"]:
    """Give the word for a distance: it says what was measured and nothing else."""
    return "near" if share <= NEAR else "rough" if share <= ROUGH else "far"


def nearness_sentence(found: FoundPicture) -> str:
    """Give in English how near a picture came: over all, then part by part."""
    head = {"near": "Near in character", "rough": "Roughly near", "far": "Far from it"}
    missed = [part for part in PARTS if part not in found.met]
    if not found.met:
        tail = "Nothing is in the same place"
    elif not missed:
        tail = "Everything is in place"
    else:
        tail = f"In place: {', '.join(found.met)}. Not: {', '.join(missed)}"
    return f"{head[word_of(found.share)]}. {tail}."
