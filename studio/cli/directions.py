"""`studio directions`: a model's sliders as the artist left them, and new ones taught from pictures."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from studio.cli.arguments import read_seed, read_zones
from studio.cli.direction_pictures import run_strip, run_teach
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note, table
from studio.cli.parsers import CommandParser, Subparsers, add_command, add_json
from studio.cli.slider_choice import Sliders, change_book, read_sliders
from studio.core.direction_book import (
    TAUGHT_SOURCE,
    DirectionBook,
    clean_name,
    with_note,
    without_taught,
)
from studio.core.directions import DirectionEntry
from studio.core.errors import RecipeError
from studio.core.recipe import ZONES

_EXAMPLES: Final = """  studio directions list landscapes
  studio directions name landscapes 606e32c24c34ebd7 "closed ↔ open"
  studio directions star landscapes "closed ↔ open"
  studio directions hide landscapes "form 24"
  studio directions strip landscapes --seed 7 --out strips.png
  studio directions teach landscapes --more 3 8 kept.png --less 12 20 --name "calm ↔ storm"
"""
_DETAIL: Final = (
    "What is done here is kept in the studio's own folder, not in the model; the window shows it "
    "when it opens the model."
)


def add_parser(subparsers: Subparsers) -> None:
    """Add `directions`."""
    parser = add_command(
        subparsers,
        "directions",
        purpose="list, name, star, hide, draw and teach a model's sliders",
        detail=_DETAIL,
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="list | name | star | hide | remove | strip | teach"
    )
    _add_list(actions)
    _add_changes(actions)
    _add_strip(actions)
    _add_teach(actions)


def _add_model(parser: CommandParser) -> None:
    parser.add_argument("model", help="id, name or hash of the model, or its folder")
    add_json(parser)


def _add_list(actions: Subparsers) -> None:
    listing = add_command(
        actions,
        "list",
        purpose="list the sliders in their order",
        examples="  studio directions list landscapes\n  studio directions list cats --json\n",
    )
    _add_model(listing)


def _add_changes(actions: Subparsers) -> None:
    name = add_command(
        actions,
        "name",
        purpose="give a slider a name",
        examples='  studio directions name landscapes "form 17" "gate ↔ wall"\n',
    )
    _add_model(name)
    name.add_argument("direction", help="its id, its name, or letters that only its name holds")
    name.add_argument("name", help='the new name; "" gives its own back')
    for word, purpose, off in (
        ("star", "put sliders first", "take the star away"),
        ("hide", "hide sliders in the window", "show them again"),
    ):
        action = add_command(
            actions, word, purpose=purpose, examples=f'  studio directions {word} cats "cool"\n'
        )
        _add_model(action)
        action.add_argument("direction", nargs="+", help="ids or names")
        action.add_argument("--off", action="store_true", help=off)
    remove = add_command(
        actions,
        "remove",
        purpose="take a taught slider out",
        detail="Pictures that use it keep it inside.",
        examples='  studio directions remove landscapes "calm ↔ storm"\n',
    )
    _add_model(remove)
    remove.add_argument("direction", help="id or name of a taught slider")


def _add_strip(actions: Subparsers) -> None:
    strip = add_command(
        actions,
        "strip",
        purpose="draw what sliders do to one picture, −3 to +3, a row each",
        examples="  studio directions strip landscapes --seed 7 --out strips.png\n"
        '  studio directions strip landscapes "open" --recipe kept.png --out strip.png\n',
    )
    _add_model(strip)
    strip.add_argument("direction", nargs="*", help="which ones (default: all that are not hidden)")
    strip.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="a PNG, JPEG or WebP"
    )
    strip.add_argument("--seed", type=read_seed, metavar="N", help="the picture of this seed")
    strip.add_argument(
        "--recipe", type=Path, metavar="FILE", help="a picture that was kept or exported instead"
    )
    strip.add_argument("--force", action="store_true", help="replace a file that is there")


def _add_teach(actions: Subparsers) -> None:
    teach = add_command(
        actions,
        "teach",
        purpose="make a slider from pictures that have something and pictures that lack it",
        detail="A picture is a seed, or a file that was kept or exported with its recipe. With only "
        "one pile the model's average picture is the other.",
        examples="  studio directions teach landscapes --more 3 8 14 --less 12 20 kept.png "
        '--name "calm ↔ storm" --out strip.png\n',
    )
    _add_model(teach)
    for word, gives in (("more", "have it"), ("less", "lack it")):
        teach.add_argument(
            f"--{word}", nargs="+", default=[], metavar="PICTURE", help=f"pictures that {gives}"
        )
    teach.add_argument("--name", required=True, help="what the slider is called")
    teach.add_argument(
        "--zones",
        type=read_zones,
        default=ZONES,
        metavar="LIST",
        help="zones it acts on: coarse, medium, fine (default all of them)",
    )
    teach.add_argument(
        "--apart", nargs="+", default=[], metavar="SLIDER", help="sliders that it leaves alone"
    )
    teach.add_argument("--out", type=Path, metavar="FILE", help="draw its strip as well")
    teach.add_argument("--force", action="store_true", help="replace a file that is there")


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    runs: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "name": _name,
        "star": _mark,
        "hide": _mark,
        "remove": _remove,
        "strip": run_strip,
        "teach": run_teach,
    }
    return runs[args.action](args)


def _list(args: argparse.Namespace) -> int:
    sliders = read_sliders(choose_model(open_library(), args.model))
    if args.json:
        answer_json(
            {
                "schema": 1,
                "model": sliders.model.card.id,
                "hash": sliders.model.card.model,
                "directions": [_fields(sliders, entry) for entry in sliders.entries],
            }
        )
    elif sliders.entries:
        headings = ("id", "name", "zones", "from", "unit", "star", "hidden")
        answer(table(headings, [_row(sliders, entry) for entry in sliders.entries]))
    else:
        note(
            f"“{sliders.model.card.name}” brings no sliders; `studio directions teach` makes one "
            "from pictures."
        )
    return 0


def _row(sliders: Sliders, entry: DirectionEntry) -> tuple[str, ...]:
    mark = sliders.book.note(entry.id)
    unit = sliders.units.get(entry.id)
    return (
        entry.id,
        entry.name,
        ", ".join(entry.zones),
        entry.source,
        "–" if unit is None else f"{unit:.2f}",
        "yes" if mark.is_starred else "",
        "yes" if mark.is_hidden else "",
    )


def _fields(sliders: Sliders, entry: DirectionEntry) -> dict[str, Any]:
    mark, taught = sliders.book.note(entry.id), sliders.taught(entry.id)
    return {
        "id": entry.id,
        "name": entry.name,
        "zones": list(entry.zones),
        "source": entry.source,
        "unit": sliders.units.get(entry.id),
        "is_starred": mark.is_starred,
        "is_hidden": mark.is_hidden,
        "taught_from": [taught.num_more, taught.num_less] if taught else None,
    }


def _name(args: argparse.Namespace) -> int:
    sliders = read_sliders(choose_model(open_library(), args.model))
    entry = sliders.find(args.direction)
    change_book(sliders.model, partial(with_note, direction=entry.id, name=clean_name(args.name)))
    return _tell(args, sliders, entries=[entry])


def _mark(args: argparse.Namespace) -> int:
    sliders = read_sliders(choose_model(open_library(), args.model))
    entries = [sliders.find(name) for name in args.direction]
    is_on = not args.off

    def change(book: DirectionBook) -> DirectionBook:
        for entry in entries:
            if args.action == "star":
                book = with_note(book, entry.id, is_starred=is_on)
            else:
                book = with_note(book, entry.id, is_hidden=is_on)
        return book

    change_book(sliders.model, change)
    return _tell(args, sliders, entries=entries)


def _remove(args: argparse.Namespace) -> int:
    sliders = read_sliders(choose_model(open_library(), args.model))
    entry = sliders.find(args.direction)
    if entry.source != TAUGHT_SOURCE:
        raise RecipeError(
            f"“{entry.name}” comes with the model and cannot be removed.",
            "`studio directions hide` takes it out of sight.",
        )
    change_book(sliders.model, partial(without_taught, direction=entry.id))
    if args.json:
        answer_json({"schema": 1, "removed": entry.id})
    else:
        answer(f"“{entry.name}” was removed.")
    return 0


def _tell(args: argparse.Namespace, before: Sliders, *, entries: list[DirectionEntry]) -> int:
    """Give the sliders as they are now."""
    after = read_sliders(before.model)
    changed = [after.find(entry.id) for entry in entries]
    if args.json:
        answer_json({"schema": 1, "directions": [_fields(after, entry) for entry in changed]})
    else:
        headings = ("id", "name", "zones", "from", "unit", "star", "hidden")
        answer(table(headings, [_row(after, entry) for entry in changed]))
    return 0
