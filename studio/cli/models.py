"""`studio models`: what is installed, and everything about one model."""

import argparse
from typing import Any, Final

import msgspec

from studio.cli.model_blend import add_parser as add_blend_parser
from studio.cli.model_blend import run_blend
from studio.cli.model_choice import choose_model, open_library
from studio.cli.model_export import add_export_parser, run_export
from studio.cli.model_import import add_import_parser, run_import
from studio.cli.model_labels import add_parsers as add_label_parsers
from studio.cli.model_labels import run_label, run_strips
from studio.cli.output import answer, answer_json, count_of, note, table
from studio.cli.parsers import Subparsers, add_command, add_json
from studio.core.directions import DirectionSet
from studio.core.errors import ModelError
from studio.core.model_card import ModelCard
from studio.library.model_library import InstalledModel

_EXAMPLES: Final = """  studio models list
  studio models show landscapes
  studio models show landscapes --json
  studio models blend landscapes my-fjords --share 0.5 --name "Half way"
  studio models import generator.onnx --name Masks --credit "A. Maker"
  studio models export my-fjords --out fjords.studio.zip
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add `models`."""
    parser = add_command(
        subparsers,
        "models",
        purpose="list, show, label and blend models, take them in and pass them on",
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(
        dest="action",
        required=True,
        metavar="list | show | strips | label | blend | import | export",
    )
    listing = add_command(
        actions, "list", purpose="list every model", examples="  studio models list\n"
    )
    add_json(listing)
    show = add_command(
        actions,
        "show",
        purpose="show a model's card, its chain of rights and its directions",
        examples="  studio models show landscapes\n  studio models show ./my-model --verify\n",
    )
    show.add_argument("model", help="id, name or hash of the model, or its folder")
    show.add_argument(
        "--verify", action="store_true", help="read every file and compare it with the card"
    )
    add_json(show)
    add_label_parsers(actions)
    add_blend_parser(actions)
    add_import_parser(actions)
    add_export_parser(actions)


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    actions = {"list": _list, "show": _show, "strips": run_strips, "label": run_label}
    actions |= {"blend": run_blend, "import": run_import, "export": run_export}
    return actions[args.action](args)


def _list(args: argparse.Namespace) -> int:
    found = open_library().scan()
    good = [model for model in found if isinstance(model, InstalledModel)]
    broken = [model for model in found if not isinstance(model, InstalledModel)]
    if args.json:
        answer_json(
            {
                "schema": 1,
                "models": [{**_brief(model), "folder": str(model.folder)} for model in good],
                "broken": [
                    {
                        "folder": str(model.folder),
                        "what": model.error.what,
                        "way_out": model.error.way_out,
                    }
                    for model in broken
                ],
            }
        )
        return 0
    if good:
        headings = ("id", "name", "size", "family", "kimg", "sketch", "licence", "from")
        answer(table(headings, [_row(model) for model in good]))
    else:
        note("No model is installed; `studio doctor` says where models lie.")
    for model in broken:
        note(f"{model.folder.name} cannot be used: {model.error.what} {model.error.way_out}")
    return 0


def _row(model: InstalledModel) -> tuple[str, ...]:
    card = model.card
    return (
        card.id,
        card.name,
        f"{card.resolution} px",
        card.family,
        f"{card.training.kimg:,.0f}" if card.training else "–",
        "yes" if card.sketch else "no",
        licences(card) or "unknown",
        "the program" if model.is_shipped else "your library",
    )


def _brief(model: InstalledModel) -> dict[str, Any]:
    card = model.card
    return {
        "id": card.id,
        "name": card.name,
        "hash": card.model,
        "resolution": card.resolution,
        "family": card.family,
        "kimg": card.training.kimg if card.training else None,
        "sketch": card.sketch,
        "licence": licences(card),
        "is_shipped": model.is_shipped,
    }


def _show(args: argparse.Namespace) -> int:
    library = open_library()
    model = choose_model(library, args.model)
    if args.verify:
        library.verify(model)
    directions, problem = _read_directions(model)
    if args.json:
        entries = directions.entries if directions else ()
        answer_json(
            {
                "schema": 1,
                "folder": str(model.folder),
                "is_shipped": model.is_shipped,
                "is_verified": True if args.verify else None,
                "card": msgspec.to_builtins(model.card),
                "directions": msgspec.to_builtins(entries),
                "directions_error": problem.what if problem else None,
            }
        )
        return 0
    answer(_card_text(model, is_verified=args.verify))
    if directions is not None:
        answer(_directions_text(directions))
    if problem is not None:
        note(f"{problem.what} {problem.way_out}")
    return 0


def _read_directions(model: InstalledModel) -> tuple[DirectionSet | None, ModelError | None]:
    try:
        return open_library().read_directions(model), None
    except ModelError as error:
        return None, error


def _card_text(model: InstalledModel, *, is_verified: bool) -> str:
    card = model.card
    facts = [
        ("id", card.id),
        ("folder", str(model.folder)),
        ("hash", card.model),
        ("picture", f"{card.resolution} px, family {card.family}"),
        ("latents", f"z {card.z}, w {card.w}, {card.layers} layers, zones at {_zones(card)}"),
        ("classes", ", ".join(card.classes) or "none"),
        ("sketch", "yes, a small model that is honest about it" if card.sketch else "no"),
        ("trained", _training(card)),
        (
            "graph error",
            "not compared" if card.export_error is None else f"{card.export_error:.2g}",
        ),
        ("credit", card.credit or "none asked for"),
    ]
    if is_verified:
        facts.append(("files", "every file is what the card says"))
    facts += [
        (f"score {name}", f"{score.value:g}" + _floor(score.floor))
        for name, score in sorted(card.scores.items())
    ]
    lines = [card.name, *(f"  {name:<12} {value}" for name, value in facts), "", "Chain of rights"]
    lines += [f"  {right.source}\n    {right.licence} – {right.credit}" for right in card.rights]
    if not card.rights:
        lines.append("  The card names no source: ask its maker before you publish.")
    return "\n".join(lines)


def _directions_text(directions: DirectionSet) -> str:
    lines = ["", count_of(len(directions.entries), "direction").capitalize()]
    if directions.entries:
        rows = [
            (entry.id, entry.name, ", ".join(entry.zones), entry.source)
            for entry in directions.entries
        ]
        text = table(("id", "name", "zones", "found by"), rows)
        lines += [f"  {line}" for line in text.splitlines()]
    return "\n".join(lines)


def _training(card: ModelCard) -> str:
    record = card.training
    if record is None:
        return "elsewhere"
    hours = record.seconds / 3600
    return f"{record.kimg:,.1f} kimg in {hours:.1f} h on {record.device}"


def _zones(card: ModelCard) -> str:
    return f"{card.zones[0]} and {card.zones[1]}"


def _floor(floor: float | None) -> str:
    return "" if floor is None else f" (real pictures among themselves: {floor:g})"


def licences(card: ModelCard) -> str:
    """Give the licences of the chain of rights, each once."""
    return ", ".join(dict.fromkeys(right.licence for right in card.rights))
