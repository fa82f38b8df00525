"""Previews of sheets and sets, made on a thread; only the newest wish is answered."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.app.background import Background
from studio.core.arrays import Picture
from studio.core.errors import StudioError
from studio.export.set_files import SetPicture
from studio.export.set_settings import SetKind, SetSettings
from studio.export.stills import StillSettings


class SetPreviewed(msgspec.Struct, frozen=True):
    """What a set will look like.

    Attributes:
        picture: uint8 [H, W, 3], None for a palette or where there is none.
        colours: Of a palette, each as "#rrggbb".
    """

    picture: Picture | None = None
    colours: tuple[str, ...] = ()


class SetPreviews(QObject):
    """Makes them.

    Signals:
        ready: `SetPreviewed`; not for a wish that another one followed.
    """

    ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Background(self)
        self._number = 0

    def request(
        self,
        pictures: Sequence[SetPicture],
        kind: SetKind,
        *,
        settings: SetSettings,
        still: StillSettings,
    ) -> None:
        """Ask for the preview of some small pictures."""
        self._number += 1
        number, shown = self._number, tuple(pictures)

        def make() -> SetPreviewed:
            if number != self._number or not shown:
                return SetPreviewed()
            if kind == "palette":
                from studio.export.palette import palette_of  # noqa: PLC0415

                found = palette_of([one.picture for one in shown], settings.palette.num_colours)
                return SetPreviewed(colours=tuple(one.hex for one in found))
            from studio.export.set_sample import sample_of  # noqa: PLC0415

            return SetPreviewed(sample_of(shown, kind, settings=settings, still=still))

        self._worker.run(
            make,
            lambda made: self._tell(number, made),
            failed=lambda error: self._refuse(number, error),
        )

    def finish(self) -> None:
        """Wait until nothing is made any more."""
        self._worker.finish()

    def _tell(self, number: int, made: SetPreviewed) -> None:
        if number == self._number:
            self.ready.emit(made)

    def _refuse(self, number: int, _error: StudioError) -> None:
        self._tell(number, SetPreviewed())
