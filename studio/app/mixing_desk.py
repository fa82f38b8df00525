"""The mixing sheet as the window works with it: four rows, four columns, and what they give."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.document import Document
from studio.app.engine_client import EngineClient, FullPicture, OpenedModel, RequestFailure
from studio.core.arrays import Picture
from studio.core.exploring import fresh_recipe
from studio.core.mixing import TooManySourcesError
from studio.core.mixing_sheet import COLUMN_ZONES, as_square, mix_cell
from studio.core.model_card import ModelCard
from studio.core.recipe import ZONES, Recipe, Zone
from studio.export.mixing_sheet import make_mixing_sheet
from studio.export.stills import StillSettings, save_still

SIDE: Final = 4
_KEY: Final = "mixing"
Head = Literal["row", "column"]


class MixingDesk(QObject):
    """Holds the recipes of the sheet.

    Signals:
        changed: None; heads, zones or cells are different.
        progress_changed: (done, total) of the pictures of an export.
        exported: `Path` of the sheet.
        failed: `StudioError`; the sheet was not exported.
    """

    changed = Signal(object)
    progress_changed = Signal(object)
    exported = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        chance: random.Random | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._engine = document, engine
        self._chance = chance or random.Random()
        self._worker = Background(self)
        self._model = ""
        self._rows: list[Recipe] = []
        self._columns: list[Recipe] = []
        self._zones: tuple[Zone, ...] = COLUMN_ZONES
        self._export = _Export()
        engine.model_opened.connect(self._on_model)
        engine.full_ready.connect(self._on_full)
        engine.request_failed.connect(self._on_failed)

    @property
    def rows(self) -> tuple[Recipe, ...]:
        """What stands at the left, none before the sheet was filled."""
        return tuple(self._rows)

    @property
    def columns(self) -> tuple[Recipe, ...]:
        """What stands on top."""
        return tuple(self._columns)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """What the columns give; the rows give the rest."""
        return self._zones

    @property
    def is_exporting(self) -> bool:
        """Whether a sheet is being made."""
        return bool(self._export.wanted)

    def cell(self, row: int, column: int) -> Recipe | None:
        """Give a mix, None where it would need more than eight sources."""
        try:
            return mix_cell(self._rows[row], self._columns[column], zones=self._zones)
        except TooManySourcesError:
            return None

    def fill(self) -> None:
        """Fill an empty sheet: the picture on the canvas first, then random seeds."""
        opened = self._engine.opened
        if opened is None or (self._rows and self._model == opened.card.model):
            return
        self._model = opened.card.model
        self._rows, self._columns = self._fresh(), self._fresh()
        present = self._document.recipe
        if present is not None and present.model == self._model:
            self._rows[0] = as_square(present)
        self.changed.emit(None)

    def roll_all(self) -> None:
        """Take other seeds for all but the first row."""
        if self._rows:
            self._rows[1:], self._columns = self._fresh()[1:], self._fresh()
            self.changed.emit(None)

    def roll(self, head: Head, place: int) -> None:
        """Take another seed for one head."""
        self.put(head, place, recipe=self._random())

    def put(self, head: Head, place: int, *, recipe: Recipe) -> None:
        """Put a picture at a head.

        Raises:
            ValueError: It is of another model.
        """
        if recipe.model != self._model:
            raise ValueError("the recipe is of another model")
        side, recipe = self._rows if head == "row" else self._columns, as_square(recipe)
        if side[place] != recipe:
            side[place] = recipe
            self.changed.emit(None)

    def set_zones(self, zones: tuple[Zone, ...]) -> None:
        """Let the columns give other zones; at least one, and not all."""
        chosen = tuple(zone for zone in ZONES if zone in zones)
        if 0 < len(chosen) < len(ZONES) and chosen != self._zones:
            self._zones = chosen
            self.changed.emit(None)

    # ---------------------------------------------------------------- as one picture

    def export(self, folder: Path, card: ModelCard) -> None:
        """Make all pictures in full and write them as one; nothing happens while that goes on."""
        cells = [self.cell(row, column) for row in range(SIDE) for column in range(SIDE)]
        heads = (*self._rows, *self._columns)
        whole = [
            mix if mix is not None else self._rows[place // SIDE] for place, mix in enumerate(cells)
        ]
        if not self._rows or self.is_exporting:
            return
        self._export = _Export(folder, card, wanted=(*heads, *whole))
        self.progress_changed.emit((0, len(self._export.wanted)))
        for place, recipe in enumerate(self._export.wanted):
            self._engine.request_full((_KEY, self._export.number, place), recipe)

    def finish(self) -> None:
        """Wait for a sheet that is being written; before the window closes."""
        self._worker.finish()

    @Slot(object)
    def _on_full(self, full: FullPicture) -> None:
        export = self._export
        if full.key[:2] != (_KEY, export.number) or not export.wanted:
            return
        export.pictures[int(full.key[2])] = full.picture
        total = len(export.wanted)
        self.progress_changed.emit((len(export.pictures), total))
        if len(export.pictures) == total:
            self._worker.run(export.write, self._on_written, failed=self._on_unwritten)

    @Slot(object)
    def _on_failed(self, failure: RequestFailure) -> None:
        if failure.key is not None and failure.key[:2] == (_KEY, self._export.number):
            self._on_unwritten(failure.error)

    def _on_written(self, path: Path) -> None:
        self._export = _Export()
        self.exported.emit(path)

    def _on_unwritten(self, error: Exception) -> None:
        self._export = _Export()
        self.failed.emit(error)

    # ---------------------------------------------------------------- inside

    @Slot(object)
    def _on_model(self, opened: OpenedModel) -> None:
        if opened.card.model != self._model and self._rows:
            self._rows, self._columns = [], []
            self.changed.emit(None)

    def _fresh(self) -> list[Recipe]:
        return [self._random() for _ in range(SIDE)]

    def _random(self) -> Recipe:
        present = self._document.recipe
        psi = present.psi if present is not None else Recipe(model="", sources=()).psi
        return fresh_recipe(self._model, self._chance, psi=psi)


class _Export:
    """The sheet that is being made; one without pictures wanted is none."""

    _next = 0

    def __init__(
        self,
        folder: Path = Path(),
        card: ModelCard | None = None,
        *,
        wanted: Sequence[Recipe] = (),
    ) -> None:
        _Export._next += 1
        self.number = _Export._next
        self.wanted = tuple(wanted)
        self.pictures: dict[int, Picture] = {}
        self._folder, self._card = folder, card

    def write(self) -> Path:
        """Write the sheet; raises `StudioError`."""
        assert self._card is not None
        made = [self.pictures[place] for place in range(len(self.wanted))]
        sheet = make_mixing_sheet(made[:SIDE], made[SIDE : 2 * SIDE], cells=made[2 * SIDE :])
        path = self._folder / f"{self._card.id}-mixing-sheet.png"
        return save_still(path, sheet, recipe=None, card=self._card, settings=StillSettings())
