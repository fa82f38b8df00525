"""The sliders of the open model as the artist left them: names, stars, order, taught ones, units."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.document import Document
from studio.app.engine_client import EngineClient, OpenedModel
from studio.app.preferences import DirectionPreference
from studio.app.slider_units import SliderUnits
from studio.core import direction_book as books
from studio.core.direction_book import DirectionBook, DirectionNote, TaughtDirection
from studio.core.directions import DirectionEntry
from studio.core.recipe import ZONES, Recipe
from studio.files.direction_books import read_book, update_book

_MAX_GUESTS: Final = 40
_GUEST_NAME: Final = "taught elsewhere"
Change = Callable[[DirectionBook], DirectionBook]


class DirectionDesk(QObject):
    """Holds the book of the open model and writes every change at once, on a thread.

    Attributes:
        home: Where the books lie.
        units: How many σ one unit of each of the model's own sliders is.

    Signals:
        changed: None; other sliders, names, order or units.
        failed: `StorageError`: the book was damaged, or a change could not be written.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        home: Path,
        document: Document,
        *,
        engine: EngineClient,
        parent: QObject | None = None,
    ) -> None:
        """Follow the model that is open.

        Args:
            home: Where the books lie.
            document: Whose recipes may bring sliders of their own along.
            engine: Which model is open.
            parent: Its owner.
        """
        super().__init__(parent)
        self.home, self._document, self._engine = home, document, engine
        self._old_notes: dict[str, DirectionPreference] = {}
        self._book = DirectionBook(model="")
        self._own: tuple[DirectionEntry, ...] = ()
        self._guest_by_id: dict[str, TaughtDirection] = {}
        self._entries: tuple[DirectionEntry, ...] = ()
        self._entry_by_id: dict[str, DirectionEntry] = {}
        self._num_writing = 0
        self._worker = Background(self)
        self.units = SliderUnits(home, document, engine=engine, parent=self)
        self.units.changed.connect(self.changed)
        engine.model_opened.connect(self._on_model)
        document.recipe_changed.connect(self._on_recipe)
        self._on_model(engine.opened)

    def take_over(self, old_notes: Mapping[str, DirectionPreference]) -> None:
        """Take what the settings of an older program remembered into books that are still empty."""
        self._old_notes = dict(old_notes)
        self._change(self._with_old_notes)

    # ---------------------------------------------------------------- what there is

    @property
    def entries(self) -> tuple[DirectionEntry, ...]:
        """All sliders in the order in which they are shown, hidden ones among them."""
        return self._entries

    @property
    def shown(self) -> tuple[DirectionEntry, ...]:
        """The sliders that are not hidden."""
        return tuple(entry for entry in self._entries if not self.note(entry.id).is_hidden)

    @property
    def names(self) -> dict[str, str]:
        """The name of each slider, in English where it is the model's own."""
        return {entry.id: entry.name for entry in self._entries}

    def note(self, direction: str) -> DirectionNote:
        """Give what the artist did to a slider."""
        return self._book.note(direction)

    def own_name(self, direction: str) -> str:
        """Give the name that a slider had before the artist gave it one."""
        taught = self.taught(direction)
        names = {entry.id: entry.name for entry in self._own}
        return names.get(direction, taught.name if taught else "")

    def taught(self, direction: str) -> TaughtDirection | None:
        """Give a slider that does not come with the model: taught here, or come with a recipe."""
        entry = self._entry_by_id.get(direction)
        if entry is None or entry.source not in (books.TAUGHT_SOURCE, books.GUEST_SOURCE):
            return None
        mine = next((one for one in self._book.taught if one.id == direction), None)
        return mine or self._guest_by_id.get(direction)

    def is_guest(self, direction: str) -> bool:
        """Say whether a slider came with a recipe and is not one of the artist's own yet."""
        entry = self._entry_by_id.get(direction)
        return entry is not None and entry.source == books.GUEST_SOURCE

    def unit(self, direction: str) -> float:
        """Give how many σ of the recipe one unit of a slider is."""
        taught = self.taught(direction)
        return taught.unit if taught else self.units.of(direction)

    def zones(self, direction: str) -> tuple[str, ...]:
        """Give the zones that a slider acts on, all of them for one that is not known."""
        entry = self._entry_by_id.get(direction)
        return entry.zones if entry else ZONES

    def vector(self, direction: str) -> str | None:
        """Give what `Edit.vector` must hold; None for the model's own directions."""
        taught = self.taught(direction)
        return taught.vector if taught else None

    # ---------------------------------------------------------------- what is done to them

    def rename(self, direction: str, name: str) -> None:
        """Give a slider a name; an empty one gives its own back."""
        name = books.clean_name(name)
        name = "" if name == self.own_name(direction) else name
        self._change(partial(books.with_note, direction=direction, name=name))

    def star(self, direction: str, is_starred: bool) -> None:
        """Give or take the star."""
        self._change(partial(books.with_note, direction=direction, is_starred=is_starred))

    def hide(self, direction: str, is_hidden: bool) -> None:
        """Hide a slider, or show it again."""
        self._change(partial(books.with_note, direction=direction, is_hidden=is_hidden))

    def move(self, direction: str, to: int) -> None:
        """Put a slider at another place among all entries."""
        shown = tuple(entry.id for entry in self._entries)

        def change(book: DirectionBook) -> DirectionBook:
            return books.moved(book, direction, to=to, shown=shown)

        self._change(change)

    def add(self, taught: TaughtDirection) -> None:
        """Make a taught slider one of this model's."""
        self._change(partial(books.with_taught, taught=taught))

    def adopt(self, direction: str) -> None:
        """Keep a slider that came with a recipe."""
        guest = self._guest_by_id.get(direction)
        if guest is not None:
            self.add(guest)

    def remove(self, direction: str) -> None:
        """Take a taught slider out; pictures that use it keep it inside."""
        self._change(partial(books.without_taught, direction=direction))

    def finish(self) -> None:
        """Wait until everything is written, before the window closes."""
        self.units.finish()
        self._worker.finish()

    # ---------------------------------------------------------------- inside

    def _change(self, change: Change) -> None:
        """Show a change now and write it; the book on disk may hold more than ours."""
        model, before = self._book.model, self._book
        after = change(before)
        if not model or after == before:
            return
        self._book = after
        self._arrange()
        self._num_writing += 1
        self._worker.run(
            lambda: update_book(self.home, model, change=change),
            self._take_written,
            failed=self._take_failure,
        )

    def _take_written(self, book: DirectionBook) -> None:
        self._num_writing -= 1
        if self._num_writing == 0 and book.model == self._book.model and book != self._book:
            self._book = book  # with what the command line did meanwhile
            self._arrange()

    def _take_failure(self, error: Exception) -> None:
        self._num_writing -= 1
        self.failed.emit(error)

    @Slot(object)
    def _on_model(self, opened: OpenedModel | None) -> None:
        if opened is None:
            return
        self._own = opened.directions
        if opened.card.model != self._book.model:
            found = read_book(self.home, opened.card.model)
            self._book = found.book
            self._guest_by_id.clear()
            if found.note is not None:
                self.failed.emit(found.note)
            self._change(self._with_old_notes)
        self._take_guests(self._document.recipe)
        self._arrange()

    def _with_old_notes(self, book: DirectionBook) -> DirectionBook:
        """Give an empty book with the old notes in it, any other as it is."""
        if book != DirectionBook(model=book.model):
            return book
        for entry in self._own:
            old = self._old_notes.get(entry.id)
            if old is not None:
                book = books.with_note(
                    book,
                    entry.id,
                    name=old.name,
                    is_starred=old.is_starred,
                    is_hidden=old.is_hidden,
                )
        return book

    @Slot(object)
    def _on_recipe(self, recipe: Recipe | None) -> None:
        if self._take_guests(recipe):
            self._arrange()

    def _take_guests(self, recipe: Recipe | None) -> bool:
        """Note the sliders that a recipe brings along; True when there is a new one."""
        if recipe is None or recipe.model != self._book.model:
            return False
        known = {entry.id for entry in self._own} | self._guest_by_id.keys()
        known |= {one.id for one in self._book.taught}
        new = [g for g in books.guests_in(recipe, name=_GUEST_NAME) if g.id not in known]
        for guest in new[: _MAX_GUESTS - len(self._guest_by_id)]:
            self._guest_by_id[guest.id] = guest
        return bool(new)

    def _arrange(self) -> None:
        arranged = books.arranged(self._own, self._book)
        known = {entry.id for entry in arranged}
        guests = tuple(
            msgspec.structs.replace(
                one.entry,
                name=self._book.note(one.id).name or one.name,
                source=books.GUEST_SOURCE,
            )
            for one in self._guest_by_id.values()
            if one.id not in known
        )
        self._entries = guests + arranged
        self._entry_by_id = {entry.id: entry for entry in self._entries}
        self.changed.emit(None)
