"""Says in a line how pictures come to the size that is chosen for export."""

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QWidget

from studio.core.enlargement import factor_for
from studio.ui.texts import tr
from studio.ui.theme import mark


class SizeNote(QLabel):
    """One line under the sizes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        mark(self, "second")
        self.hide()

    def show_sizes(self, longer_px: Sequence[int], wanted_px: int | None) -> None:
        """Say how pictures of these longer sides come to the wished one; nothing without pictures."""
        self.setText(say_sizes(longer_px, wanted_px))
        self.setVisible(bool(longer_px))


def say_sizes(longer_px: Sequence[int], wanted_px: int | None) -> str:
    """Give the line; "" without pictures."""
    if not longer_px:
        return ""
    least, most = min(longer_px), max(longer_px)
    if wanted_px is None:
        if least == most:
            return tr("{size} px, as it was made.", size=most)
        return tr("{least} to {most} px, as they were made.", least=least, most=most)
    factor = factor_for(least, wanted_px)
    if factor == 1:
        if least == most == wanted_px:
            return tr("{size} px, as it was made.", size=most)
        return tr("Made smaller, from {size} px.", size=most)
    said = {
        True: tr("From {size} px: enlarged {factor}× by the studio.", size=least, factor=factor),
        False: tr("From {size} px: enlarged {factor}× by the studio, then made to fit.",
                  size=least, factor=factor),
    }  # fmt: skip
    if least != most:
        return tr("Enlarged up to {factor}× by the studio.", factor=factor)
    return said[factor * least == wanted_px]
