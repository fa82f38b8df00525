"""What changed, in words: for history rows, undo texts and the names of kept pictures."""

from collections.abc import Mapping

import msgspec

from studio.core.changes import Change
from studio.core.recipe import ZONES
from studio.ui.seed_row import group_digits
from studio.ui.texts import tr
from studio.ui.zone_chips import ZONE_NAMES

_MINUS = "\N{MINUS SIGN}"


def signed(number: float) -> str:
    """Give a strength with its sign, "+1.0"."""
    text = f"{abs(number):.1f}"
    if abs(abs(number) - float(text)) > 0.004:
        text = f"{abs(number):.2f}"
    sign = "" if float(text) == 0 else "+" if number > 0 else _MINUS
    return sign + text


def say_change(
    change: Change | None,
    name_by_direction: Mapping[str, str],
    *,
    units: Mapping[str, float] | None = None,
) -> str:
    """Give one change in a few words.

    Args:
        change: What changed, None for nothing.
        name_by_direction: What each slider is called.
        units: How many σ one unit of a slider is, where it is not 1.
    """
    if change is None:
        return tr("No change")
    if change.kind == "direction" and units:
        value = change.value / units.get(change.key, 1.0)
        change = msgspec.structs.replace(change, value=round(value, 3))
    words = _say(change, name_by_direction)
    return tr("{change} and more", change=words) if change.num_more else words


def _say(change: Change, name_by_direction: Mapping[str, str]) -> str:
    match change.kind:
        case "start" | "seed":
            seed = group_digits(int(change.key)) if change.key else ""
            return tr("Seed {seed}", seed=seed) if seed else tr("New source")
        case "direction":
            name = name_by_direction.get(change.key) or tr("Direction")
            return f"{name} {signed(change.value)}"
        case "mix":
            return _say_mix(change)
        case "truncation":
            return tr("Truncation {value}", value=f"{change.value:.2f}")
        case "region":
            return _say_region(change)
        case "tile" | "size" | "enlarge" | "mirror":
            return _say_frame(change)
        case "bred" | "blend" | "pulled":
            return _say_count(change)
        case _:
            return _say_rest(change)


def _say_rest(change: Change) -> str:
    match change.kind:
        case "painted":
            return say_painted(change.key)
        case "bare":
            return tr("Paint taken off")
        case "zones":
            return tr("Zones moved")
        case _:
            return tr("Another model")


def _say_count(change: Change) -> str:
    count = round(change.value)
    if change.kind == "bred":
        return say_bred(count)
    if change.kind == "pulled":
        return tr("Pulled: {n} sliders", n=count)
    zone = next((tr(ZONE_NAMES[zone]) for zone in ZONES if zone == change.key), "")
    said = tr("Blend of {n} sources", n=count)
    return tr("{zone}: {what}", zone=zone, what=said) if zone else said


def say_bred(num_parents: int) -> str:
    """Give what a bred picture is."""
    return tr("Variation") if num_parents == 1 else tr("Child of {n} pictures", n=num_parents)


def say_painted(program: str) -> str:
    """Give what a picture is that came back from another program."""
    return tr("Painted over in {program}", program=program)


def _say_mix(change: Change) -> str:
    zone = next((tr(ZONE_NAMES[zone]) for zone in ZONES if zone == change.key), "")
    percent = round(change.value * 100)
    if not zone:
        return tr("{percent} % from B", percent=percent) if percent else tr("All from A")
    if percent in (0, 100):
        return tr("{zone} from {letter}", zone=zone, letter="B" if percent else "A")
    return tr("{zone} {percent} % from B", zone=zone, percent=percent)


def _say_region(change: Change) -> str:
    if change.key == "strength":
        return tr("Region {percent} %", percent=round(change.value * 100))
    words = {
        "keep": tr("Kept a part"),
        "mix": tr("Painted a mix"),
        "removed": tr("Region removed"),
        "order": tr("Regions reordered"),
        "source": tr("Region: another source"),
        "shown": tr("Region shown"),
        "hidden": tr("Region hidden"),
    }
    return words.get(change.key) or tr("Region renamed")


def _say_frame(change: Change) -> str:
    match change.kind:
        case "tile":
            return {
                "none": tr("No tiling"),
                "x": tr("Tile across"),
                "y": tr("Tile down"),
                "both": tr("Tile both ways"),
            }[change.key]
        case "size":
            return tr("Size {size} cells", size=change.key.replace("x", " × "))
        case "enlarge":
            return tr("Enlarged {n}×", n=round(change.value))
        case _:
            return tr("Mirrored") if change.value else tr("Mirrored back")


def say_ago(seconds: float) -> str:
    """Give how long ago something was, short."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return tr("now")
    if minutes < 60:
        return tr("{n} min", n=minutes)
    if minutes < 60 * 24:
        return tr("{n} h", n=minutes // 60)
    return tr("{n} d", n=minutes // (60 * 24))
