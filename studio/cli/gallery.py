"""`studio gallery`: the kept pictures as a list, and their index made anew."""

import argparse
import datetime
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from studio.cli.gallery_boards import (
    add_board_parsers,
    change_board,
    list_boards,
    on_board,
)
from studio.cli.gallery_export import export_board
from studio.cli.output import answer, answer_json, count_of, note, table
from studio.cli.parsers import Subparsers, add_command, add_json, whole_number
from studio.cli.progress import Progress
from studio.files.home_lock import HomeLock
from studio.files.places import studio_home
from studio.library.gallery import Gallery, Kept

_EXAMPLES: Final = """  studio gallery list
  studio gallery list --search dawn --starred --json
  studio gallery boards
  studio gallery list --board "Sea"
  studio gallery board "Sea" --add 1f3a9c20 --add 88d01b7e
  studio gallery export --board "Sea" --out sea --template "{name}"
  studio gallery rebuild
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add `gallery`."""
    parser = add_command(
        subparsers,
        "gallery",
        purpose="list kept pictures and boards, or rebuild the index",
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="list | boards | board | export | rebuild"
    )
    listing = add_command(
        actions,
        "list",
        purpose="list the kept pictures, newest first",
        examples="  studio gallery list --search dawn\n  studio gallery list --bin\n",
    )
    listing.add_argument(
        "--search", default="", metavar="WORDS", help="only names, tags or models with these words"
    )
    listing.add_argument("--board", metavar="NAME", help="only pictures on this board")
    listing.add_argument("--starred", action="store_true", help="only pictures with a star")
    listing.add_argument("--bin", action="store_true", help="what lies in the bin instead")
    listing.add_argument(
        "--limit", type=whole_number(1, 1_000_000), metavar="N", help="at most N pictures"
    )
    add_json(listing)
    add_board_parsers(actions)
    rebuild = add_command(
        actions,
        "rebuild",
        purpose="make the index anew from the pictures themselves; no picture is touched",
        examples="  studio gallery rebuild\n",
    )
    rebuild.add_argument(
        "--verify", action="store_true", help="read every picture and compare it with its hash"
    )
    add_json(rebuild)


def run(args: argparse.Namespace) -> int:
    """Run the part of `gallery` that was called."""
    runs = {
        "list": _list,
        "boards": list_boards,
        "board": change_board,
        "export": export_board,
        "rebuild": _rebuild,
    }
    return runs[args.action](args)


def _list(args: argparse.Namespace) -> int:
    with Gallery(studio_home()) as gallery:
        found = gallery.items(args.search, starred_only=args.starred, in_trash=args.bin)
        items = on_board(found, args.board)[: args.limit]
        if args.json:
            answer_json({"schema": 1, "pictures": [_fields(gallery, kept) for kept in items]})
            return 0
    if not items:
        note(_nothing(args))
        return 0
    headings = ("kept", "name", "seed", "model", "size", "star", "id")
    answer(table(headings, [_row(kept) for kept in items]))
    _name_damaged(items)
    return 0


def _nothing(args: argparse.Namespace) -> str:
    if args.search or args.starred or args.board:
        return "No kept picture fits."
    return "The bin is empty." if args.bin else "No picture has been kept yet."


def _name_damaged(items: Sequence[Kept]) -> None:
    for kept in items:
        if kept.is_damaged:
            note(f"“{kept.name}” ({kept.id[:8]}) is damaged: its file is not what was kept.")


def _row(kept: Kept) -> tuple[str, ...]:
    return (
        _local_time(kept.kept_at),
        kept.name,
        kept.seed_text or "–",
        kept.model_name,
        f"{kept.width} × {kept.height}",
        "*" if kept.starred else "",
        kept.id[:8],
    )


def _fields(gallery: Gallery, kept: Kept) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(kept)
    return {**fields, "path": str(gallery.picture_path(kept))}


def _local_time(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M")


def _rebuild(args: argparse.Namespace) -> int:
    with HomeLock(studio_home()), Gallery(studio_home()) as gallery:
        report = gallery.rebuild_index()
        damaged = _verify(gallery, is_silent=args.json) if args.verify else _damaged(gallery)
    if args.json:
        fields: dict[str, Any] = {
            **msgspec.to_builtins(report),
            "num_damaged": len(damaged),
            "damaged": [{"id": kept.id, "name": kept.name} for kept in damaged],
        }
        answer_json({"schema": 1, **fields})
        return 0
    answer(
        f"The index was made anew in {report.seconds:.1f} s: "
        f"{count_of(report.num_items, 'picture')}, {len(damaged)} damaged."
    )
    if report.num_unclaimed:
        note(
            f"{count_of(report.num_unclaimed, 'file')} without a record: "
            "never shown as kept, and left alone."
        )
    _name_damaged(damaged)
    return 0


def _damaged(gallery: Gallery) -> Sequence[Kept]:
    everything = (*gallery.items(), *gallery.items(in_trash=True))
    return [kept for kept in everything if kept.is_damaged]


def _verify(gallery: Gallery, *, is_silent: bool) -> Sequence[Kept]:
    total = len(gallery.items()) + len(gallery.items(in_trash=True))
    with Progress("pictures read", total, is_silent=is_silent or not total) as progress:
        report = gallery.verify(lambda done, _: progress.advance(done - progress.num_done))
    return report.damaged
