"""What stands in a journal file, and the history that comes out of it."""

import time
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StorageError
from studio.core.history import History, Node
from studio.core.recipe import Recipe, first_problem
from studio.files.frames import MAGIC, frame, read_frames

SUFFIX: Final = ".journal"
ASIDE: Final = ".unreadable"
_START_AFRESH: Final = "The window starts afresh; the file was set aside and nothing was deleted."


class NodeMade(msgspec.Struct, frozen=True, tag="node"):
    """A state was made and gone to (`is_restored`: put back, not gone to)."""

    node: Node
    is_restored: bool = False


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """Undo, redo or a jump went to a state."""

    node_id: int


class Pending(msgspec.Struct, frozen=True, tag="pending"):
    """The recipe on the canvas that is not a state yet; None when it is again."""

    recipe: Recipe | None


class Place(msgspec.Struct, frozen=True, tag="place"):
    """The end of a snapshot: where the history stands and where redo goes."""

    current: int | None
    visited: dict[int, int]


Record = NodeMade | Moved | Pending | Place


class Restored(msgspec.Struct, frozen=True):
    """What the last session left.

    Attributes:
        history: Its history, empty when there was none.
        pending: The recipe of the gesture that was running, None when none was.
        notes: Sentences about files that were set aside.
    """

    history: History
    pending: Recipe | None = None
    notes: tuple[StorageError, ...] = ()


def encode_record(record: Record) -> bytes:
    """Give the frame of one record."""
    return frame(msgspec.json.encode(record))


def encode_snapshot(history: History, pending: Recipe | None) -> bytes:
    """Give a whole journal file that holds a history as it is now."""
    current = history.current
    records: list[Record] = [NodeMade(node, is_restored=True) for node in history.nodes]
    records.append(Place(current.id if current else None, history.visited_children))
    if pending is not None:
        records.append(Pending(pending))
    return MAGIC + b"".join(encode_record(record) for record in records)


def decode_session(content: bytes) -> Restored | None:
    """Give what a journal file holds up to its first damage; None when it is no journal."""
    frames = read_frames(content)
    if frames is None:
        return None
    history, pending = History(), None
    for payload in frames.payloads:
        try:
            record = msgspec.json.decode(payload, type=Record)
            _replay(history, record)
        except (msgspec.DecodeError, ValueError):
            break
        if isinstance(record, Pending):
            pending = record.recipe
        elif isinstance(record, NodeMade | Moved):
            pending = None
    if history.current is None and history.nodes:
        history.jump(history.nodes[-1].id)
    return Restored(history, pending)


def _replay(history: History, record: Record) -> None:
    """Do again what a record says; ValueError when it does not fit what came before."""
    match record:
        case NodeMade(node, is_restored):
            if problem := first_problem(node.recipe):
                raise ValueError(problem)
            history.restore_node(node)
            if not is_restored:
                history.jump(node.id)
        case Moved(node_id):
            history.jump(node_id)
        case Place(current, visited):
            if current is not None:
                history.restore_place(current, visited)
        case Pending(recipe):
            if recipe is not None and (problem := first_problem(recipe)):
                raise ValueError(problem)


def list_sessions(folder: Path) -> list[Path]:
    """Give the journal files, newest first; an unreadable folder has none."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file()]
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name, reverse=True)


def new_session_path(folder: Path) -> Path:
    """Give the name of the next session's file, which sorts after all that are there."""
    newest = next(iter(list_sessions(folder)), None)
    number = time.time_ns() // 1000
    if newest is not None and newest.stem.isdecimal():
        number = max(number, int(newest.stem) + 1)
    return folder / f"{number:020d}{SUFFIX}"


def restore(folder: Path) -> Restored:
    """Give the newest session that can be read; never raises, files that cannot are set aside."""
    notes: list[StorageError] = []
    for path in list_sessions(folder):
        try:
            found = decode_session(path.read_bytes())
        except OSError:
            found = None
        if found is not None and (found.history.nodes or path.stat().st_size == 0):
            return msgspec.structs.replace(found, notes=tuple(notes))
        if found is None or not _is_empty_session(path):
            notes.append(_set_aside(path))
    return Restored(History(), notes=tuple(notes))


def _is_empty_session(path: Path) -> bool:
    """Say whether a session that holds no state is whole: nothing was made in it."""
    try:
        frames = read_frames(path.read_bytes())
    except OSError:
        return False
    return frames is not None and len(frames.payloads) > 0 and frames.num_torn_bytes == 0


def _set_aside(path: Path) -> StorageError:
    try:
        path.rename(path.with_suffix(ASIDE))
    except OSError:
        return StorageError(
            "The journal of an earlier session cannot be read.",
            "The window starts with what could be read; check the permissions of the folder.",
        )
    return StorageError("The journal of an earlier session is damaged.", _START_AFRESH)
