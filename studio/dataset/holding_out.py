"""Which pictures are never learned from, so that there is something to measure with."""

import hashlib
from collections.abc import Sequence
from typing import Final

from studio.core.folder_report import FileReport

# With fewer, each picture is worth more to learn from than to measure with.
MIN_TO_HOLD_OUT: Final = 40


def choose_held_out(files: Sequence[FileReport], share: float) -> frozenset[str]:
    """Give the names of the files that are held out.

    The choice depends on what the pictures are and not on their names, so that the same
    pictures are held out wherever the folder lies; pictures that are near-duplicates of one
    another stay on one side, else a copy of what was learned would be measured with.

    Args:
        files: All that are used.
        share: How much of them, 0…0.5; nothing is held out of fewer than 40.
    """
    wanted = round(len(files) * min(max(share, 0.0), 0.5))
    if len(files) < MIN_TO_HOLD_OUT or wanted < 1:
        return frozenset()
    held: set[str] = set()
    for group in sorted(_groups(files), key=_order):
        # A large group of near-duplicates would be most of the measure.
        if len(held) + len(group) <= wanted:
            held |= {file.file for file in group}
    return frozenset(held)


def _groups(files: Sequence[FileReport]) -> list[list[FileReport]]:
    """Give the files in groups that belong together; most groups have one."""
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := first.get(name, name)) != name:
            name = above
        return name

    for file in files:
        if file.like is not None:
            one, other = sorted((root(file.file), root(file.like)))
            first[other] = one
    groups: dict[str, list[FileReport]] = {}
    for file in files:
        groups.setdefault(root(file.file), []).append(file)
    return list(groups.values())


def _order(group: Sequence[FileReport]) -> str:
    marks = min(file.mark for file in group)
    return hashlib.sha256(f"held out {marks}".encode()).hexdigest()
