"""What an export still has to write, so that one that was cancelled or killed goes on.

`STUDIO_HOME/exports/window.json` holds the plan and the pictures; `window.lines` grows by a line
before each file gets its name: its place, its name and the SHA-256 of its bytes. A file that
bears the name and has the bytes is written and whole; everything else is written (again).
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from studio.core.errors import RecipeError, StorageError
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.export.plan import ExportPlan
from studio.export.stills import StillSettings
from studio.files.appended import AppendedFile
from studio.files.atomic import write_bytes_atomic

FOLDER: Final = "exports"
SCHEMA: Final = 1
MAX_BYTES: Final = 256 * 1024 * 1024
_NAME: Final = "the list of the export"
_log = logging.getLogger(__name__)


class Wanted(msgspec.Struct, frozen=True):
    """One picture of an export: its recipe, its name, and the id of the kept one, "" for none."""

    recipe: Recipe
    name: str
    kept: str = ""


class Unfinished(msgspec.Struct, frozen=True):
    """An export that was not finished.

    Attributes:
        plan: Where to and how.
        wanted: All its pictures, in order.
        noted: Place → name and SHA-256 of the file that was about to be written there.
    """

    plan: ExportPlan
    wanted: tuple[Wanted, ...]
    noted: dict[int, tuple[str, str]]

    def whole_paths(self) -> dict[int, Path]:
        """Give place → file for what is written and whole; reads those files."""
        whole = {}
        for place, (name, digest) in self.noted.items():
            path = self.plan.folder / name
            with contextlib.suppress(OSError):
                if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
                    whole[place] = path
        return whole


class _Head(msgspec.Struct):
    """The head as it is stored."""

    schema: int
    folder: str
    template: str
    settings: StillSettings
    wanted: list[tuple[str, str, str]]


class ExportRecord:
    """Writes down how far an export is. A record that cannot be written never stops an export."""

    def __init__(self, home: Path, *, whose: Literal["window", "command"] = "window") -> None:
        """Take the home, and who exports; nothing is read or written yet."""
        self._head = home / FOLDER / f"{whose}.json"
        self._lines_path = home / FOLDER / f"{whose}.lines"
        self._lines: AppendedFile | None = None

    def begin(self, wanted: Sequence[Wanted], plan: ExportPlan) -> None:
        """Begin anew; an older unfinished export is forgotten."""
        self.forget()
        head = _Head(
            SCHEMA,
            str(plan.folder),
            plan.template,
            plan.settings,
            [(recipe_to_json(one.recipe), one.name, one.kept) for one in wanted],
        )
        try:
            write_bytes_atomic(self._head, msgspec.json.encode(head), name=_NAME)
            self._lines = AppendedFile(self._lines_path)
        except StorageError as error:
            _log.warning("an export could not be noted: %s", error.what)

    def go_on(self) -> None:
        """Write on behind what is noted."""
        with contextlib.suppress(StorageError):
            self._lines = AppendedFile(self._lines_path)

    def note(self, place: int, path: Path, *, content: bytes) -> None:
        """Say what is about to get its name."""
        if self._lines is not None:
            line = json.dumps([place, path.name, hashlib.sha256(content).hexdigest()])
            with contextlib.suppress(StorageError):
                self._lines.append_whole(line.encode() + b"\n")

    def close(self) -> None:
        """Leave the record as it is, to go on later."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    def forget(self) -> None:
        """Remove the record: all is written, or nobody wants the rest."""
        self.close()
        for path in (self._head, self._lines_path):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def read(self) -> Unfinished | None:
        """Give the unfinished export, None when there is none or it cannot be read."""
        try:
            if self._head.stat().st_size > MAX_BYTES:
                return None
            head = msgspec.json.decode(self._head.read_bytes(), type=_Head)
            wanted = tuple(
                Wanted(recipe_from_json(recipe).recipe, name, kept)
                for recipe, name, kept in head.wanted
            )
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, RecipeError, RecursionError) as error:
            _log.warning("an unfinished export cannot be read (%s)", type(error).__name__)
            return None
        plan = ExportPlan(Path(head.folder), head.template, head.settings)
        return Unfinished(plan, wanted, self._read_lines(len(wanted)))

    def _read_lines(self, count: int) -> dict[int, tuple[str, str]]:
        noted: dict[int, tuple[str, str]] = {}
        try:
            lines = self._lines_path.read_bytes().splitlines()
        except OSError:
            return noted
        for line in lines:
            with contextlib.suppress(msgspec.DecodeError):  # the last one may be cut off
                place, name, digest = msgspec.json.decode(line, type=tuple[int, str, str])
                if 0 <= place < count and name == Path(name).name:
                    noted[place] = (name, digest)
        return noted
