"""The part of the bench about what is painted, tiled and made wider, on one model."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import numpy as np

from studio.cli.bench_report import Report
from studio.cli.bench_timing import interleave, ratio_of, timed
from studio.core.brush import Brush, Stroke, empty_mask
from studio.core.mask import alpha_of, mask_to_text
from studio.core.recipe import Frame, Recipe, Region, new_recipe, plain, with_frame
from studio.engine.session import GeneratorModel

_BUDGET_S: Final = 8.0
_NUM_TILES: Final = 12
_NUM_MOVES: Final = 5


def measure_painting(
    report: Report, engine: GeneratorModel, *, next_recipe: Callable[[], Recipe]
) -> None:
    """Add what painting, tiles and wide pictures cost, and what they promise.

    Args:
        report: Where the figures go.
        engine: An open model.
        next_recipe: Gives another position of the sliders each time.
    """
    base = new_recipe(engine.card.model, 7)
    keep = _region(engine, "keep", recipe=base)
    mix = _region(engine, "mix", recipe=new_recipe(engine.card.model, 8))
    report.add_figure(
        "kept_largest_change", _largest_change(engine, base, moved=_moves(next_recipe), keep=keep)
    )
    measures = {
        "plain": lambda: plain(next_recipe()),
        "keep": lambda: msgspec.structs.replace(plain(next_recipe()), regions=(keep,)),
        "mix": lambda: msgspec.structs.replace(plain(next_recipe()), regions=(mix,)),
    }
    if engine.can_spread:
        report.add_figure("tile_seam", _seam(engine))
        measures["tile"] = lambda: with_frame(plain(next_recipe()), Frame(tile="both"))
        measures["wide"] = lambda: with_frame(plain(next_recipe()), Frame(size=(8, 4), beyond=9))
    found = interleave(
        {name: timed(_render(engine, make)) for name, make in measures.items()}, budget_s=_BUDGET_S
    )
    for name, samples in found.items():
        if name != "plain":
            report.add_ratio(f"{name}_over_plain", ratio_of(samples, found["plain"]))


def _render(engine: GeneratorModel, make: Callable[[], Recipe]) -> Callable[[], object]:
    return lambda: engine.render(make())


def _moves(next_recipe: Callable[[], Recipe]) -> Iterator[Recipe]:
    return (next_recipe() for _ in range(_NUM_MOVES))


def _region(engine: GeneratorModel, kind: str, *, recipe: Recipe) -> Region:
    """Give a soft stroke across the middle."""
    side = engine.card.resolution
    stroke = Stroke(empty_mask(side, side), Brush(size=0.4))
    stroke.move_to(0.3, 0.4)
    stroke.move_to(0.7, 0.6)
    mask = mask_to_text(stroke.mask)
    return Region(kind="keep" if kind == "keep" else "mix", mask=mask, recipe=plain(recipe))


def _largest_change(
    engine: GeneratorModel, base: Recipe, *, moved: Iterator[Recipe], keep: Region
) -> float:
    """Give by how many levels any pixel wholly inside a kept part changes with the sliders."""
    before = engine.render(base).astype(np.int16)
    inside = alpha_of(keep.mask, width=before.shape[1], height=before.shape[0]) == 1
    after = [engine.render(msgspec.structs.replace(one, regions=(keep,))) for one in moved]
    return float(max(np.abs(before - picture)[inside].max() for picture in after))


def _seam(engine: GeneratorModel) -> float:
    """Give the step across a tile's seam ÷ that between neighbours inside (95 of 100 are smaller)."""
    ratios = []
    for seed in range(_NUM_TILES):
        recipe = with_frame(new_recipe(engine.card.model, seed), Frame(tile="both"))
        picture = engine.render(recipe).astype(np.float32)
        for turned in (picture, picture.transpose(1, 0, 2)):
            steps = np.abs(np.diff(turned, axis=1)).mean(axis=(0, 2))
            across = np.abs(turned[:, 0] - turned[:, -1]).mean()
            ratios.append(across / np.quantile(steps, 0.95))
    return float(np.mean(ratios))
