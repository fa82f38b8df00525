"""The boards of `studio gallery`: listed, filled, and exported as a set."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from studio.cli.output import answer, answer_json, count_of, note, table
from studio.cli.parsers import CommandParser, Subparsers, add_command, add_json, whole_number
from studio.cli.pictures_out import FORMAT_BY_SUFFIX
from studio.core.errors import StorageError
from studio.export.file_names import DEFAULT_TEMPLATE
from studio.files.home_lock import HomeLock
from studio.files.places import studio_home
from studio.library.boards import BoardList, all_boards, board_name, is_same_board
from studio.library.gallery import Gallery, Kept

_MIN_ID: Final = 6


def add_board_parsers(actions: Subparsers) -> None:
    """Add `gallery boards`, `gallery board` and `gallery export`."""
    listing = add_command(
        actions,
        "boards",
        purpose="list the boards",
        examples="  studio gallery boards --json\n",
    )
    add_json(listing)
    board = add_command(
        actions,
        "board",
        purpose="put kept pictures on a board or take them off; a new name makes a new board",
        examples='  studio gallery board "Sea" --add 1f3a9c20\n',
    )
    board.add_argument("board", metavar="NAME", help="the board")
    for word, purpose in (("--add", "put on"), ("--take", "take off")):
        board.add_argument(
            word,
            action="append",
            default=[],
            metavar="ID",
            help=f"a kept picture to {purpose}; several times",
        )
    add_json(board)
    export = add_command(
        actions,
        "export",
        purpose="write the pictures of a board into a folder",
        examples='  studio gallery export --board "Sea" --out sea --template "{n} {name}"\n',
    )
    export.add_argument("--board", required=True, metavar="NAME", help="the board")
    export.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where to")
    export.add_argument(
        "--template",
        default=DEFAULT_TEMPLATE,
        metavar="TEXT",
        help="names from {name}, {seed}, {model}, {date} and {n}",
    )
    export.add_argument(
        "--format", choices=tuple(sorted(set(FORMAT_BY_SUFFIX.values()))), default="png"
    )
    export.add_argument("--size", type=whole_number(16, 8192), metavar="PX", help="longer side")
    add_json(export)


def on_board(items: Sequence[Kept], name: str | None) -> Sequence[Kept]:
    """Give the pictures on a board; all without a name."""
    if name is None:
        return items
    return [kept for kept in items if any(is_same_board(name, board) for board in kept.boards)]


def list_boards(args: argparse.Namespace) -> int:
    """Run `gallery boards`."""
    with Gallery(studio_home()) as gallery:
        items = gallery.items()
    used = tuple(board for kept in items for board in kept.boards)
    names = all_boards(BoardList(studio_home()).read(), used)
    rows = [(name, len(on_board(items, name))) for name in names]
    if args.json:
        fields = [{"name": name, "num_pictures": count} for name, count in rows]
        answer_json({"schema": 1, "boards": fields})
    elif rows:
        answer(table(("board", "pictures"), [(name, str(count)) for name, count in rows]))
    else:
        note("There is no board yet.")
    return 0


def change_board(args: argparse.Namespace) -> int:
    """Run `gallery board`."""
    wished = board_name(args.board)
    if not wished:
        CommandParser(prog="studio gallery board").error("a board needs a name")
    with HomeLock(studio_home()), Gallery(studio_home()) as gallery:
        items = gallery.items()
        used = tuple(board for kept in items for board in kept.boards)
        boards = BoardList(studio_home())
        names = all_boards(boards.read(), used)
        name = next((one for one in names if is_same_board(one, wished)), wished)
        changes = [(find_kept(items, text), True) for text in args.add]
        changes += [(find_kept(items, text), False) for text in args.take]
        if name not in names:
            boards.write((*names, name))
        for kept, is_on in changes:
            others = [one for one in gallery.get(kept.id).boards if not is_same_board(one, name)]
            gallery.set_boards(kept.id, [*others, name] if is_on else others)
        count = len(on_board(gallery.items(), name))
    if args.json:
        answer_json({"schema": 1, "name": name, "num_pictures": count})
    else:
        answer(f"{name}: {count_of(count, 'picture')}")
    return 0


def find_kept(items: Sequence[Kept], text: str) -> Kept:
    """Give the kept picture whose id begins with this text.

    Raises:
        StorageError: There is none, or several.
    """
    found = [kept for kept in items if len(text) >= _MIN_ID and kept.id.startswith(text.lower())]
    if len(found) == 1:
        return found[0]
    raise StorageError(
        f"“{text}” is the id of no kept picture, or of several.",
        "`studio gallery list` shows the ids.",
    )
