"""What the wall says of its sheets and tiles."""

from studio.core.breeding import Sheet
from studio.core.provenance import seed_text
from studio.core.recipe import ZONES, Recipe
from studio.ui.seed_row import group_digits
from studio.ui.texts import tr
from studio.ui.wall_paint import Tile
from studio.ui.zone_chips import ZONE_NAMES


def name_tile(tile: Tile, place: int, *, count: int, is_chosen: bool) -> str:
    """Give what a screen reader says of a tile."""
    said = tr(
        "Picture {place} of {count}, seed {seed}",
        place=place + 1,
        count=count,
        seed=seed_text(tile.recipe),
    )
    if tile.is_kept:
        said = tr("{picture}, kept", picture=said)
    return tr("{picture}, chosen", picture=said) if is_chosen else said


def say_seeds(recipe: Recipe) -> str:
    """Give the seeds of a recipe, with gaps between the thousands."""
    known = [one.seed for one in recipe.sources if one.seed is not None]
    seeds = " + ".join(group_digits(seed) for seed in known)
    return tr("Seed {seed}", seed=seeds) if seeds else tr("Stored source")


def say_title(sheet: Sheet | None) -> str:
    """Give the heading of a sheet."""
    if sheet is None or sheet.kind == "fresh":
        return tr("New pictures")
    if sheet.kind == "nearby":
        return tr("Variations of this picture")
    return tr("Children of {n} pictures", n=len(sheet.parents))


def say_varied(sheet: Sheet) -> str:
    """Give which zones vary and which stay."""
    if sheet.zones == ZONES:
        return tr("All zones vary")
    names = ", ".join(tr(ZONE_NAMES[zone]) for zone in sheet.zones)
    return tr("{zones} varies, the rest stays", zones=names)


def say_breed(num_chosen: int) -> str:
    """Give what the button does."""
    if num_chosen > 1:
        return tr("Cross {n} pictures", n=num_chosen)
    return tr("Vary this one")
