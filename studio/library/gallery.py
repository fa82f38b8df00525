"""The gallery of kept pictures. What `keep` returned is never lost (reliability.md §3.1)."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec.structs import replace

from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import StorageError
from studio.core.lineage import NOBODY, Lineage
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.provenance import painted_over, provenance_of, seed_text
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.atomic import DISK, Disk, storage_error
from studio.files.home_lock import is_writable
from studio.files.images import decode_picture, encode_png, encode_thumbnail
from studio.library.boards import board_name
from studio.library.gallery_bin import GalleryBin
from studio.library.gallery_folder import GalleryFolder
from studio.library.gallery_shelf import GalleryShelf
from studio.library.kept import Entry, Kept
from studio.library.sidecar import SIDECAR_SCHEMA

__all__ = ["Gallery", "Kept", "RebuildReport", "VerifyReport"]

MAX_NAME: Final = 200
# Half of what a record may have (`sidecar.MAX_SIDECAR_BYTES`): the recipe itself needs the rest.
MAX_MADE_FROM_BYTES: Final = 1024 * 1024


class RebuildReport(msgspec.Struct, frozen=True):
    """What making the index anew found. `num_unclaimed` objects have no record: not acknowledged."""

    num_items: int
    num_damaged: int
    num_unclaimed: int
    seconds: float


class VerifyReport(msgspec.Struct, frozen=True):
    """What reading every object found."""

    num_checked: int
    damaged: tuple[Kept, ...]


class Gallery:
    """The kept pictures of one home.

    `new_boards` are the boards that what is kept from now on lies on.

    Threads: every method may be called from any thread. Those that only read (`items`, `get`,
    `picture_path`) never wait for the disk or for a writer; those that write take turns. So one
    worker thread keeps while the window reads.

    A home that cannot be written to is opened for reading: `read_only_reason` says why, and what
    would write raises `StorageError`. A home that cannot be read is an empty gallery with a reason.

    Args:
        home: STUDIO_HOME; made when missing.
        disk: What carries out the steps of storing.
    """

    def __init__(self, home: Path, *, disk: Disk = DISK) -> None:
        self.home = home
        self._folder = GalleryFolder(home, disk)
        self._turn = threading.RLock()
        self.new_boards: tuple[str, ...] = ()
        self.read_only_reason = ""
        if not is_writable(home):
            self.read_only_reason = (
                f"The folder “{home.name}” cannot be written to: nothing new can be kept."
            )
        self._shelf = GalleryShelf(home, self._folder, has_index=not self.read_only_reason)
        self._bin = GalleryBin(self._folder, self._shelf, disk=disk)
        try:
            self._shelf.open()
        except OSError as error:
            self.read_only_reason = f"The folder “{home.name}” cannot be read ({error.strerror})."

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be kept or changed."""
        return bool(self.read_only_reason)

    def close(self) -> None:
        """Let go of the index. The gallery must not be used after that."""
        with self._turn:
            self._shelf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def items(
        self, search: str = "", *, starred_only: bool = False, in_trash: bool = False
    ) -> tuple[Kept, ...]:
        """Give kept pictures, newest first.

        Args:
            search: Words that must all be in name, tags, boards, seeds or model; capitals do not matter.
            starred_only: Only those with a star.
            in_trash: What is in the bin instead.
        """
        return self._shelf.find(search, starred_only=starred_only, in_trash=in_trash)

    def get(self, item_id: str) -> Kept:
        """Give a kept picture, in the bin or not.

        Raises:
            StorageError: There is none with this id.
        """
        return self._shelf.entry(item_id).kept

    def find(self, item_id: str) -> Kept | None:
        """Give a kept picture, in the bin or not; None when there is none with this id."""
        try:
            return self.get(item_id)
        except StorageError:
            return None

    def picture_path(self, kept: Kept) -> Path:
        """Give the PNG of a kept picture; it must never be written to. It may be missing."""
        return self._folder.object_path(kept.object)

    def thumbnail_path(self, kept: Kept) -> Path:
        """Give a small JPEG of a kept picture, made now if need be. For a worker thread.

        Raises:
            StorageError: The picture is damaged; the gallery knows it from now on.
        """
        path = self._folder.thumbnail_path(kept.object)
        if path.is_file():
            return path
        content = self.read_picture_file(kept)
        if self.is_read_only:
            return self.picture_path(kept)
        return self._folder.write_thumbnail(kept.object, encode_thumbnail(decode_picture(content)))

    def read_picture_file(self, kept: Kept) -> bytes:
        """Give the bytes of a kept PNG, compared with its hash.

        Raises:
            StorageError: It is missing or not what was kept; the gallery knows it from now on.
        """
        content = self._folder.read_object(kept.object)
        if content is not None:
            return content
        entry = self._shelf.entry(kept.id)
        if not entry.damage:
            self._shelf.remember(entry.damaged("object"))
        raise StorageError(
            f"The kept picture “{kept.name}” is damaged.",
            "Its recipe is there: open it to make the picture again, then keep that.",
        )

    def keep(
        self,
        picture: Picture,
        recipe: Recipe,
        *,
        card: ModelCard,
        name: str,
        provider: str,
        lineage: Lineage = NOBODY,
        nearness: Nearness | None = None,
    ) -> Kept:
        """Store a picture with its recipe. When this returns, no kill and no power cut loses it.

        Args:
            picture: The full picture; read only.
            recipe: What made it, or the picture below the paint.
            card: The model that made it.
            name: For people; "" takes the seed's.
            provider: What rendered it.
            lineage: Who it comes from; parents that would make its record too large are left out.
            nearness: What it is nearest to among the pictures that the model learned from.

        Raises:
            StorageError: The disk is full, or cannot be written to. Nothing else has changed.
        """
        self._refuse_read_only()
        height, width = picture.shape[:2]
        pixels = pixel_hash(picture)
        provenance = provenance_of(recipe, card, size=(width, height), pixels=pixels)
        content = encode_png(picture, painted_over(provenance, lineage.painted_in))
        kept = _new_kept(recipe, card, name=name, provider=provider, lineage=lineage)
        kept = replace(kept, pixel_hash=pixels, width=width, height=height)
        kept = replace(kept, nearness=nearness, boards=self.new_boards)
        with self._turn:
            object_hash = self._folder.write_object(content)
            sequence = self._shelf.last_sequence + 1
            kept = replace(kept, sequence=sequence, object=object_hash)
            self._store(Entry(kept))
        return kept

    def set_starred(self, item_id: str, starred: bool) -> Kept:
        """Give or take a star; gives the picture as it is now. Raises `StorageError`."""
        return self._change(item_id, lambda kept: replace(kept, starred=starred))

    def rename(self, item_id: str, name: str) -> Kept:
        """Give another name; an empty one changes nothing. Raises `StorageError`."""
        clean = _clean(name)
        return self._change(item_id, lambda kept: replace(kept, name=clean or kept.name))

    def set_tags(self, item_id: str, tags: Iterable[str]) -> Kept:
        """Replace the tags; empty ones and repeats go. Raises `StorageError`."""
        return self._change(item_id, lambda kept: replace(kept, tags=_each_once(tags, _clean)))

    def set_boards(self, item_id: str, boards: Iterable[str]) -> Kept:
        """Lay a picture on these boards and on no other. Raises `StorageError`."""
        names = _each_once(boards, board_name)
        return self._change(item_id, lambda kept: replace(kept, boards=names))

    def move_to_trash(self, item_id: str) -> None:
        """Put a picture in the bin, from where it can come back. Raises `StorageError`."""
        self._refuse_read_only()
        with self._turn:
            entry = self._writable_entry(item_id)
            if entry.trashed_at is None:
                self._store(self._bin.entered(entry))

    def restore(self, item_id: str) -> Kept:
        """Take a picture out of the bin. Raises `StorageError`."""
        self._refuse_read_only()
        with self._turn:
            entry = self._writable_entry(item_id)
            if entry.trashed_at is not None:
                self._store(replace(entry, trashed_at=None, trashed_age_s=0.0))
        return self.get(item_id)

    def purge_old(self, now: float | None = None) -> int:
        """Remove for good what has been in the bin for 30 days of the bin's clock; gives how many.

        The window calls this once after its start, while it has the home's lock.

        Raises:
            StorageError: The disk cannot be written to.
        """
        self._refuse_read_only()
        with self._turn:
            self._folder.remove_parts()
            return self._bin.purge(time.time() if now is None else now)

    def rebuild_index(self) -> RebuildReport:
        """Make the index anew from objects and records; no picture is touched.

        Raises:
            StorageError: The home cannot be written to.
        """
        self._refuse_read_only()
        began = time.monotonic()
        with self._turn:
            try:
                scan = self._shelf.rebuild()
            except OSError as error:
                raise storage_error(error, self.home) from error
        num_damaged = sum(entry.kept.is_damaged for entry in scan.entries.values())
        seconds = time.monotonic() - began
        return RebuildReport(len(scan.entries), num_damaged, scan.num_unclaimed, seconds)

    def verify(self, told: Callable[[int, int], None] | None = None) -> VerifyReport:
        """Read every object and compare it with its hash; what is damaged is shown so from now on.

        Args:
            told: Called with how many were read, and how many there are.
        """
        checked = self._shelf.check_all(told)
        return VerifyReport(len(checked), tuple(one.kept for one in checked if one.damage))

    def _writable_entry(self, item_id: str) -> Entry:
        entry = self._shelf.entry(item_id)
        _refuse_unwritable(entry)
        return entry

    def _refuse_read_only(self) -> None:
        if self.read_only_reason:
            way_out = "Allow writing there, or start with another STUDIO_HOME."
            raise StorageError(self.read_only_reason, way_out)

    def _change(self, item_id: str, change: Callable[[Kept], Kept]) -> Kept:
        self._refuse_read_only()
        with self._turn:
            entry = self._writable_entry(item_id)
            kept = change(entry.kept)
            if kept != entry.kept:
                self._store(replace(entry, kept=kept))
        return kept

    def _store(self, entry: Entry) -> None:
        """Write the record, then the index, then show it: in this order, see DESIGN §6."""
        if entry.damage == "record":  # asked for by the artist: the record is written anew
            entry = entry.damaged("")
        self._shelf.remember(self._folder.write_entry(entry))


def _new_kept(
    recipe: Recipe, card: ModelCard, *, name: str, provider: str, lineage: Lineage
) -> Kept:
    """Give what is known before the picture is stored."""
    seeds = seed_text(recipe)
    made_from = lineage.made_from
    if sum(len(recipe_to_json(one)) for one in made_from) > MAX_MADE_FROM_BYTES:
        made_from = ()
    return Kept(
        id=uuid.uuid4().hex,
        sequence=0,
        kept_at=time.time(),
        name=_clean(name) or f"Seed {seeds}",
        object="",
        pixel_hash="",
        width=0,
        height=0,
        model=recipe.model,
        model_name=card.name,
        seed_text=seeds,
        recipe=recipe,
        provider=provider,
        credit=card.credit,
        parent=lineage.parent,
        made_from=made_from,
        painted_in=_clean(lineage.painted_in),
    )


def _refuse_unwritable(entry: Entry) -> None:
    if entry.schema > SIDECAR_SCHEMA:
        raise StorageError(
            f"“{entry.kept.name}” was kept by a newer version of the program.",
            "Update the program to change it; it can be opened and exported as it is.",
        )
    if entry.kept.width == 0:
        raise StorageError(
            "The record of this picture is damaged, so it cannot be changed.",
            "Open it to make the picture again, then keep that.",
        )


def _each_once(texts: Iterable[str], clean: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(clean, texts) if text))


def _clean(text: str) -> str:
    """Give a text on one line, without control characters, of bounded length."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:MAX_NAME]
