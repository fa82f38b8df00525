"""Teaching a slider: two piles of pictures, the direction between them, and its strip."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient, OpenedModel, SmallPicture
from studio.app.latent_editor import LatentEditor
from studio.app.pile_store import NO_PILES, Pile, Piles, PileStore
from studio.app.side_answers import SideAnswers
from studio.app.small_pictures import SmallPictures, image_of
from studio.app.strips import POSITIONS, REST_MS, STRIP_PX
from studio.core.direction_book import TaughtDirection, taught_direction
from studio.core.errors import RecipeError, StudioError
from studio.core.recipe import (
    MAX_STRENGTH,
    ZONES,
    Recipe,
    Triple,
    floats_from_text,
    plain,
    strength_of,
    with_edit,
)
from studio.core.teaching import MAX_PILE, Learned, Lesson

_GROUP: Final = "lesson"
_SETTLE_MS: Final = 150  # several pictures dropped at once are one lesson
_PILE_PX: Final = 64


class TeachingDesk(QObject):
    """Holds the piles and asks for the direction whenever they change.

    Signals:
        changed: None; other piles, another direction, a problem.
        picture_ready: (place, QImage) of the direction's strip over the present picture.
    """

    changed = Signal(object)
    picture_ready = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        sliders: DirectionDesk,
        editor: LatentEditor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._engine = document, engine
        self._sliders, self._editor = sliders, editor
        self.pictures = SmallPictures(engine, "pile", size=_PILE_PX, parent=self)
        self._piles: Piles = NO_PILES
        self._store = PileStore(sliders.home, parent=self)
        self._kept: dict[str, tuple[str, Piles]] = {}
        self._model = ""
        self._is_apart = False
        self._learned: Learned | None = None
        self._asked: Lesson | None = None
        self._problem: StudioError | None = None
        self._tried, self._round = "", 0
        self._side = SideAnswers(engine, parent=self)
        self._settle = _timer(self, _SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self._rest = _timer(self, REST_MS)
        self._rest.timeout.connect(self._draw)
        self._side.learned.connect(self._take)
        self._side.not_learned.connect(self._refuse)
        self._store.failed.connect(self.refuse)
        editor.zones_changed.connect(self._again)
        document.recipe_changed.connect(self._drop_strip)
        engine.model_opened.connect(self._on_model)
        engine.small_ready.connect(self._take_picture)
        self._on_model(engine.opened)

    # ---------------------------------------------------------------- what there is

    def pile(self, which: Pile) -> tuple[Recipe, ...]:
        """Give the pictures of a pile in the order in which they came."""
        return self._piles[which]

    @property
    def learned(self) -> Learned | None:
        """The direction of the piles as they are, None until it is known."""
        return self._learned

    @property
    def number(self) -> float:
        """Where the present picture stands along the direction, in units of its slider."""
        taught, recipe = self._taught(""), self._document.recipe
        return 0.0 if taught is None or recipe is None else _number_of(recipe, taught)

    @property
    def problem(self) -> StudioError | None:
        """What was wrong with the last thing that was done, None when all was well."""
        return self._problem

    @property
    def is_apart(self) -> bool:
        """Whether starred sliders are left alone."""
        return self._is_apart

    @property
    def starred(self) -> tuple[str, ...]:
        """The starred sliders."""
        entries = self._sliders.entries
        return tuple(entry.id for entry in entries if self._sliders.note(entry.id).is_starred)

    # ---------------------------------------------------------------- what is done

    def add(self, recipes: Sequence[Recipe], which: Pile) -> None:
        """Put pictures on a pile; one that lies on the other goes over."""
        other: Pile = "less" if which == "more" else "more"
        self._problem = None
        for recipe in map(plain, recipes):
            if recipe.model != self._model:
                self.refuse(
                    RecipeError(
                        "This picture is of another model.",
                        "A slider is taught from pictures of one model: open that one first.",
                    )
                )
            elif len(self._piles[which]) < MAX_PILE and recipe not in self._piles[which]:
                there = tuple(one for one in self._piles[other] if one != recipe)
                self._piles = {which: (*self._piles[which], recipe), other: there}
        self._again()

    def add_present(self, which: Pile) -> None:
        """Put the picture on the canvas on a pile."""
        if self._document.recipe is not None:
            self.add([self._document.recipe], which)

    def refuse(self, error: StudioError) -> None:
        """Say why something cannot lie on a pile."""
        self._problem = error
        self.changed.emit(None)

    def remove(self, recipe: Recipe, which: Pile) -> None:
        """Take a picture off a pile."""
        left = tuple(one for one in self._piles[which] if one != recipe)
        self._piles = {**self._piles, which: left}
        self._problem = None
        self._again()

    def clear(self) -> None:
        """Empty both piles."""
        self._piles = NO_PILES
        self._problem, self._tried = None, ""
        self._again()

    def set_apart(self, is_apart: bool) -> None:
        """Leave starred sliders alone, or not."""
        if is_apart != self._is_apart:
            self._is_apart = is_apart
            self._again()

    def try_at(self, number: float) -> None:
        """Put the present picture somewhere along the direction."""
        taught, recipe = self._taught(""), self._document.recipe
        if taught is None or recipe is None:
            return
        if self._tried and self._tried != taught.id:
            recipe = with_edit(recipe, self._tried, strength=(0.0, 0.0, 0.0))
        self._tried = taught.id
        self._document.edit(_moved(recipe, taught, number=number))

    def keep(self, name: str) -> TaughtDirection | None:
        """Make the direction a slider of this model and empty the piles; None without one."""
        taught = self._taught(name)
        if taught is not None:
            self._sliders.add(taught)
            self._kept[taught.id] = (self._model, self._piles)
            self.clear()
        return taught

    def take_back(self, direction: str) -> None:
        """Undo `keep`: the slider goes, and its piles are there again when nothing else lies there."""
        self._sliders.remove(direction)
        model, piles = self._kept.pop(direction, ("", NO_PILES))
        if model == self._model and not any(self._piles.values()):
            self._piles = piles
            self._again()

    def finish(self) -> None:
        """Ask for nothing any more."""
        self._settle.stop()
        self._rest.stop()
        self._store.finish()

    # ---------------------------------------------------------------- inside

    def _taught(self, name: str) -> TaughtDirection | None:
        if self._learned is None or self._asked is None:
            return None
        return taught_direction(
            floats_from_text(self._learned.vector),
            name=name,
            zones=self._asked.zones,
            counts=(len(self._asked.more), len(self._asked.less)),
            unit=self._learned.unit,
        )

    @Slot(object)
    def _again(self, _cause: object = None) -> None:
        """The lesson is another one: forget the direction, ask a moment later."""
        self._learned = self._asked = None
        self._side.forget_lesson()
        self._drop_strip(None)
        self._store.keep(self._model, self._piles)
        if any(self._piles.values()):
            self._settle.start()
        else:
            self._settle.stop()
        self.changed.emit(None)

    @Slot()
    def _ask(self) -> None:
        opened = self._engine.opened
        if opened is None or not any(self._piles.values()):
            return
        vectors = (self._sliders.vector(one) or one for one in self.starred)
        apart = tuple(vectors) if self._is_apart else ()
        more, less = self._piles["more"], self._piles["less"]
        self._asked = Lesson(more, less, zones=self._editor.zones, apart=apart)
        self._side.teach(self._asked)

    @Slot(object)
    def _take(self, learned: Learned) -> None:
        self._learned = learned
        self._rest.start()
        self.changed.emit(None)

    @Slot(object)
    def _refuse(self, error: StudioError) -> None:
        self._asked = None
        self.refuse(error)

    @Slot(object)
    def _on_model(self, opened: OpenedModel | None) -> None:
        if opened is None:
            return
        if opened.card.model != self._model:
            self._model = opened.card.model
            self._piles = self._store.read(self._model)
            self._problem, self._tried = None, ""
            self._again()
        elif any(self._piles.values()):
            self._again()  # the engine came back and knows nothing of it

    # ---------------------------------------------------------------- the strip

    @Slot(object)
    def _drop_strip(self, _cause: object) -> None:
        self._round += 1
        self._engine.cancel_small((_GROUP,))
        if self._learned is not None:
            self._rest.start()
            self.changed.emit(None)

    @Slot()
    def _draw(self) -> None:
        taught, recipe = self._taught(""), self._document.recipe
        if taught is None or recipe is None or recipe.model != self._model:
            return
        if self._document.is_in_gesture:
            self._rest.start()
            return
        recipe = plain(recipe)
        for place, position in enumerate(POSITIONS):
            key = (_GROUP, self._round, place)
            moved = _moved(recipe, taught, number=position)
            self._engine.request_small(key, moved, size=STRIP_PX)

    @Slot(object)
    def _take_picture(self, small: SmallPicture) -> None:
        if small.key[0] == _GROUP and small.key[1] == self._round:
            picture: tuple[int, QImage] = (int(small.key[2]), image_of(small.picture))
            self.picture_ready.emit(picture)


def _number_of(recipe: Recipe, taught: TaughtDirection) -> float:
    """Give where a recipe stands along a taught direction, in units of its slider."""
    strengths = zip(ZONES, strength_of(recipe, taught.id), strict=True)
    strength = next(value for zone, value in strengths if zone in taught.zones)
    return round(strength / taught.unit, 3)


def _moved(recipe: Recipe, taught: TaughtDirection, *, number: float) -> Recipe:
    """Give a recipe with a taught direction at a number of its slider."""
    strength = min(max(round(number * taught.unit, 4), -MAX_STRENGTH), MAX_STRENGTH)
    before: Triple = strength_of(recipe, taught.id)
    coarse, medium, fine = (
        strength if zone in taught.zones else before[place] for place, zone in enumerate(ZONES)
    )
    return with_edit(recipe, taught.id, strength=(coarse, medium, fine), vector=taught.vector)


def _timer(parent: QObject, interval_ms: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    return timer
