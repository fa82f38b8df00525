"""Counts what a scan found."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from studio.core.folder_report import Colour, FileReport, FolderReport

# A picture this much longer than wide is no longer square.
_LONG: Final = 1.1
# Deviation of colour in levels below which a picture has one hue: sepia, pencil, ink.
GREY_SPREAD: Final = 6.0
# Coarse colours that cover a picture of flat areas: a print, a pixel drawing.
FEW_COLOURS: Final = 6
_MOST: Final = 0.8


def make_report(
    name: str,
    files: Sequence[FileReport],
    *,
    colours: Mapping[str, tuple[float, int]],
    num_others: int,
    is_whole: bool,
    seconds: float,
) -> FolderReport:
    """Give the report of a folder.

    Args:
        name: The folder's own name.
        files: All that were found, sorted.
        colours: File → deviation of colour and number of coarse colours.
        num_others: Files that are no pictures.
        is_whole: Whether these are all of the folder's files.
        seconds: How long it took.
    """
    used = [file for file in files if file.is_used]
    aspects = {"wide": 0, "square": 0, "tall": 0}
    for file in used:
        aspects[aspect_of(file)] += 1
    return FolderReport(
        name=name,
        files=tuple(files),
        num_usable=len(used),
        num_squares=sum(file.num_squares for file in used),
        smallest_side=min((min(file.width, file.height) for file in used), default=0),
        aspects=aspects,
        colour=colour_of([colours[file.file] for file in used]),
        num_others=num_others,
        is_whole=is_whole,
        seconds=round(seconds, 3),
    )


def aspect_of(file: FileReport) -> str:
    """Give "wide", "square" or "tall"."""
    if file.width > _LONG * file.height:
        return "wide"
    return "tall" if file.height > _LONG * file.width else "square"


def colour_of(seen: Sequence[tuple[float, int]]) -> Colour:
    """Give what most pictures are like; strange colours must not be learned from grey ones.

    Args:
        seen: Of each picture its deviation of colour and number of coarse colours (`Look`).
    """
    if not seen:
        return "coloured"
    values = np.array(seen)
    if np.mean(values[:, 0] < GREY_SPREAD) >= _MOST:
        return "nearly_grey"
    return "few_colours" if np.mean(values[:, 1] <= FEW_COLOURS) >= _MOST else "coloured"
