"""`studio models strips` and `studio models label`: look at what a model's sliders do, then name it."""

import argparse
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from safetensors.numpy import save

from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, count_of
from studio.cli.parsers import CommandParser, Subparsers, add_command, add_json, whole_number
from studio.core.arrays import Picture, tile
from studio.core.directions import DirectionEntry, DirectionSet, to_tensors
from studio.core.errors import ModelError, StudioError
from studio.core.model_card import DIRECTIONS_FILE, ModelCard
from studio.core.named_style import (
    MAX_STYLES,
    STYLES_COLUMNS,
    STYLES_FILE,
    STYLES_SHEET_FILE,
    STYLES_TILE_PX,
    NamedStyle,
    NamedStyles,
)
from studio.core.recipe import DEFAULT_PSI, MAX_SEED, ZONES, Recipe, new_recipe, with_edit
from studio.engine.session import GeneratorModel
from studio.files.atomic import write_bytes_atomic
from studio.files.model_rewrite import rewrite_model_file
from studio.files.source_pictures import encode_picture, resize_picture
from studio.library.model_library import InstalledModel
from studio.library.model_styles import read_styles

STRENGTHS: Final = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
MAX_LABELS_BYTES: Final = 1 << 20
_LABELS_HELP: Final = (
    'JSON: {"directions": {id: name}, "hide": [id], "styles": [{"name", "seed", "psi"}]}; '
    "what is left out stays as it is"
)


class StyleLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named style as a person writes it: a seed, or a whole recipe of this model."""

    name: str
    seed: int | None = None
    psi: float = DEFAULT_PSI
    recipe: Recipe | None = None


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be called how.

    Attributes:
        directions: Direction id → name, in the order of the sliders; others follow.
        hide: Ids of directions that are taken out, because they show nothing.
        styles: The named styles; None leaves them.
    """

    directions: dict[str, str] = {}
    hide: tuple[str, ...] = ()
    styles: tuple[StyleLabel, ...] | None = None


def add_parsers(actions: Subparsers) -> None:
    """Add `strips` and `label` to `models`."""
    strips = add_command(
        actions,
        "strips",
        purpose="draw what each direction does, from −3 to +3",
        examples="  studio models strips landscapes --out strips\n",
    )
    _add_model(strips)
    strips.add_argument("--out", type=Path, required=True, help="folder for the strips")
    strips.add_argument(
        "--seed", type=whole_number(0, MAX_SEED), action="append", help="may be given several times"
    )
    label = add_command(
        actions,
        "label",
        purpose="name a model's directions and styles",
        detail="Pictures that were kept stay what they are: a direction's id does not change.",
        examples="  studio models label my-model labels.json\n",
    )
    _add_model(label)
    label.add_argument("labels", type=Path, help=_LABELS_HELP)


def _add_model(parser: CommandParser) -> None:
    parser.add_argument("model", help="id, name or hash of the model, or its folder")
    add_json(parser)


def run_strips(args: argparse.Namespace) -> int:
    """Run `models strips`: a picture a direction, a row a seed."""
    model = choose_model(open_library(), args.model)
    directions = open_library().read_directions(model)
    engine = GeneratorModel.open(model.folder)
    files = []
    for place, entry in enumerate(directions.entries):
        rows = [direction_strip(engine, entry, seed=seed) for seed in args.seed or (3, 5, 8)]
        path = args.out / f"{place:02d}-{entry.id}.webp"
        write_bytes_atomic(path, encode_picture(np.concatenate(rows), "WEBP"))
        files.append(path)
    if args.json:
        answer_json({"schema": 1, "files": [str(path) for path in files]})
    else:
        answer("\n".join(str(path) for path in files))
    return 0


def direction_strip(engine: GeneratorModel, entry: DirectionEntry, *, seed: int) -> Picture:
    """Give seven pictures side by side: the direction from −3 to +3 in the zones it acts on."""
    recipe = new_recipe(engine.card.model, seed)
    pictures = []
    for strength in STRENGTHS:
        coarse, medium, fine = (strength if zone in entry.zones else 0.0 for zone in ZONES)
        pictures.append(engine.render(with_edit(recipe, entry.id, strength=(coarse, medium, fine))))
    return np.concatenate(pictures, axis=1)


def run_label(args: argparse.Namespace) -> int:
    """Run `models label`: rewrite the names, the styles and the card's hash of them."""
    model = choose_model(open_library(), args.model)
    labels = read_labels(args.labels)
    directions = open_library().read_directions(model)
    named = relabel(directions, labels)
    styles = named_styles(model.card, labels)
    if styles is not None:
        write_styles(model.folder, model.card, styles=styles)
    tensors, metadata = to_tensors(named)
    content = save(tensors, metadata)
    card = rewrite_model_file(model.folder, model.card, name=DIRECTIONS_FILE, content=content)
    _tell(args, model, named=named, styles=read_styles(model.folder, card))
    return 0


def read_labels(path: Path) -> Labels:
    """Give the labels of a file.

    Raises:
        StudioError: It cannot be read, or is not one.
    """
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_LABELS_BYTES), type=Labels)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StudioError(f"“{path.name}” cannot be used ({error}).", f"{_LABELS_HELP}.") from error


def relabel(directions: DirectionSet, labels: Labels) -> DirectionSet:
    """Give the directions with new names, the named ones first, without the hidden ones.

    Raises:
        StudioError: An id that this model does not have, or an empty name.
    """
    known = {entry.id: place for place, entry in enumerate(directions.entries)}
    for key in (*labels.directions, *labels.hide):
        if key not in known:
            raise StudioError(
                f"The model has no direction {key!r}.", "`studio models show` lists their ids."
            )
    if not all(name.strip() and name.isprintable() for name in labels.directions.values()):
        raise StudioError("A direction needs a name that can be shown.", "Write one.")
    rest = [key for key in known if key not in labels.directions]
    order = [known[key] for key in (*labels.directions, *rest) if key not in labels.hide]
    entries = [directions.entries[place] for place in order]
    return msgspec.structs.replace(
        directions,
        entries=tuple(
            msgspec.structs.replace(entry, name=labels.directions.get(entry.id, entry.name))
            for entry in entries
        ),
        steps_MD=np.ascontiguousarray(directions.steps_MD[order]),
    )


def named_styles(card: ModelCard, labels: Labels) -> tuple[NamedStyle, ...] | None:
    """Give the styles that labels mean; None when they say nothing about styles.

    Raises:
        StudioError: Too many, or one with neither seed nor recipe.
    """
    if labels.styles is None:
        return None
    if len(labels.styles) > MAX_STYLES:
        raise StudioError(f"A model has at most {MAX_STYLES} styles.", "Leave some out.")
    styles = []
    for label in labels.styles:
        if (label.seed is None) == (label.recipe is None):
            raise StudioError(
                f"The style “{label.name}” needs either a seed or a recipe.", f"{_LABELS_HELP}."
            )
        made = label.recipe or new_recipe(card.model, label.seed or 0, psi=label.psi)
        styles.append(NamedStyle(name=label.name, recipe=made))
    return tuple(styles)


def write_styles(folder: Path, card: ModelCard, *, styles: tuple[NamedStyle, ...]) -> None:
    """Write `styles.webp`, drawn by the engine, then `styles.json`.

    Raises:
        ModelError: A style's recipe is of another model.
        RecipeError: One cannot be made.
    """
    if any(style.recipe.model != card.model for style in styles):
        raise ModelError("A style belongs to another model.", "Use recipes of this model.")
    engine = GeneratorModel.open(folder)
    pictures = [resize_picture(engine.render(s.recipe), STYLES_TILE_PX) for s in styles]
    if pictures:
        pictures += [np.zeros_like(pictures[0])] * (-len(pictures) % STYLES_COLUMNS)
        sheet = tile(np.stack(pictures), STYLES_COLUMNS)
        write_bytes_atomic(folder / STYLES_SHEET_FILE, encode_picture(sheet, "WEBP"))
    listing = msgspec.json.format(msgspec.json.encode(NamedStyles(styles=styles)), indent=1)
    write_bytes_atomic(folder / STYLES_FILE, listing + b"\n")


def _tell(
    args: argparse.Namespace,
    model: InstalledModel,
    *,
    named: DirectionSet,
    styles: tuple[NamedStyle, ...],
) -> None:
    if args.json:
        answer_json(
            {
                "schema": 1,
                "model": model.card.id,
                "directions": [entry.name for entry in named.entries],
                "styles": [style.name for style in styles],
            }
        )
        return
    answer(
        f"{model.card.name}: {count_of(len(named.entries), 'direction')}, "
        f"{count_of(len(styles), 'style')}"
    )
