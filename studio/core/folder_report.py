"""What is told about an artist's picture folder, and what the artist decides about it.

Both are plain values in a run folder: `report.json` is written by the scan, `choices.json`
by whoever speaks for the artist. File names are relative to the folder, with `/`.
"""

from typing import Final, Literal

import msgspec

from studio.core.model_card import Right

REPORT_FILE: Final = "report.json"
CHOICES_FILE: Final = "choices.json"
THUMBNAILS_FOLDER: Final = "thumbnails"
DEFAULT_HELD_OUT: Final = 0.1
# Below this the model repeats itself (generators.md §4c): said, and then squares are mirrored.
FEW_PICTURES: Final = 200

Finding = Literal["good", "small", "damaged", "duplicate", "near_duplicate", "outlier", "refused"]
CropWay = Literal["several", "middle", "pad"]
Colour = Literal["coloured", "nearly_grey", "few_colours"]


class FileReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One file of the folder.

    Attributes:
        file: Its name inside the folder.
        finding: What it is; "refused" is what could not even be tried (a link out of the
            folder, a device, a name that cannot be read).
        reason: One short phrase for people; empty for a good one.
        width: Of the upright picture in px, 0 when it could not be read.
        height: The same.
        num_squares: How many squares the crops make of it.
        is_used: Whether it is used when the artist says nothing.
        like: The file that it repeats, for duplicates.
        thumbnail: Path of a small JPEG relative to the run folder, None when there is none.
        focus: Where the part worth showing lies on the longer side, 0…1; 0.5 is the middle.
        mark: A hash of its pixels, "" when it was not read: says later whether it has changed,
            and decides what is held out.
        num_bytes: Size of the file.
        changed_ns: When the file was last written, in ns since 1970.
    """

    file: str
    finding: Finding
    reason: str = ""
    width: int = 0
    height: int = 0
    num_squares: int = 0
    is_used: bool = True
    like: str | None = None
    thumbnail: str | None = None
    focus: float = 0.5
    mark: str = ""
    num_bytes: int = 0
    changed_ns: int = 0


class FolderReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a scan found.

    Attributes:
        name: The folder's own name.
        files: Every file, sorted by name.
        num_usable: Files that are used when the artist says nothing.
        num_squares: Squares these make.
        smallest_side: Shortest side of a usable picture in px, 0 when there is none.
        aspects: "wide", "square", "tall" → how many usable pictures.
        colour: What the pictures are like as a whole; decides about changes of colour.
        num_others: Files that are no pictures; they are not listed.
        is_whole: False when the folder holds more files than are looked at.
        seconds: How long it took.
    """

    schema: int = 1
    name: str
    files: tuple[FileReport, ...]
    num_usable: int
    num_squares: int
    smallest_side: int
    aspects: dict[str, int]
    colour: Colour
    num_others: int = 0
    is_whole: bool = True
    seconds: float = 0.0


class FolderChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the artist decided; the defaults are what is done when nothing was said.

    Attributes:
        overruled: File → True to use it, False to leave it out, against the report.
        crop: How squares are cut: several from a long picture, the middle one, or the whole
            picture on a ground of its own border colour.
        is_mirrored: Whether each square is also learned mirrored; None does so only when there
            are few pictures, because it also mirrors signatures.
        held_out: Share of the pictures that is never learned from, to measure with.
        right: The artist's statement of rights, None when nothing was stated.
    """

    schema: int = 1
    overruled: dict[str, bool] = {}
    crop: CropWay = "several"
    is_mirrored: bool | None = None
    held_out: float = DEFAULT_HELD_OUT
    right: Right | None = None


def is_used(file: FileReport, choices: FolderChoices) -> bool:
    """Give whether a file is learned from; one that could not be read never is."""
    if file.finding in ("damaged", "refused"):
        return False
    return choices.overruled.get(file.file, file.is_used)


def is_mirrored(choices: FolderChoices, num_used: int) -> bool:
    """Give whether squares are also learned mirrored, with so many pictures in use."""
    return num_used < FEW_PICTURES if choices.is_mirrored is None else choices.is_mirrored
