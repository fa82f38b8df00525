"""`studio score`: how good a model's pictures are beside a folder of real ones."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.cli.arguments import read_psi
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note, table
from studio.cli.parsers import CommandParser, Subparsers, add_command, add_json, whole_number
from studio.cli.progress import Progress
from studio.cli.score_check import check_folder
from studio.core.errors import StudioError
from studio.core.latent import FloatArray
from studio.core.model_card import CARD_FILE, SPEC_FILE, ModelCard, Score, encode_card
from studio.core.recipe import new_recipe
from studio.core.scores import STAIRS_GINI, step_gini
from studio.core.training_spec import CropSpec, TrainingSpec
from studio.dataset.packed import folder_of
from studio.dataset.prepare import ARRAY_NAME, MANIFEST_NAME, Manifest, prepare
from studio.dataset.scan import find_pictures
from studio.engine.scoring import Figure, RealPictures, Scoring
from studio.engine.session import GeneratorModel
from studio.files.atomic import write_bytes_atomic
from studio.files.places import studio_home

_EXAMPLES: Final = """  studio score landscapes ~/pictures
  studio score my-garden ~/garden --n 1000 --json
  studio score my-garden ~/garden --card
  studio score --check ~/pictures
"""
_DEFAULT_N: Final = 500
_NUM_PATHS: Final = 4
_PATH_STEPS: Final = 32
CHECK_PX: Final = 128
_MIN_PICTURES: Final = 16  # eight in each of two halves
NAMES: Final = {
    "likeness": "kernel distance ×10³",
    "likeness_random": "kernel distance ×10³, random features",
    "density": "density",
    "variety": "coverage",
    "copies": "share of near copies",
    "stairs": "steps of interpolation (Gini)",
}


def add_parser(subparsers: Subparsers) -> None:
    """Add `score`."""
    parser = add_command(
        subparsers,
        "score",
        purpose="measure a model's pictures against a folder of real ones",
        detail="Every figure stands beside what real pictures score against real ones.",
        examples=_EXAMPLES,
    )
    parser.add_argument("model", nargs="?", help="id, name or hash of the model, or its folder")
    parser.add_argument("folder", nargs="?", type=Path, help="the real pictures")
    parser.add_argument(
        "--n",
        type=whole_number(16, 20_000),
        default=_DEFAULT_N,
        metavar="N",
        help=f"how many pictures to make (default {_DEFAULT_N})",
    )
    parser.add_argument(
        "--psi", type=read_psi, default=1.0, metavar="P", help="truncation (default 1: none)"
    )
    parser.add_argument("--card", action="store_true", help="write the scores on the model's card")
    parser.add_argument(
        "--check",
        type=Path,
        metavar="FOLDER",
        help="no model: see on real pictures that damage moves the figures as it should",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Score a model, or check the figures themselves."""
    if args.check is not None:
        if args.model is not None or args.card:
            CommandParser(prog="studio score").error("--check takes a folder alone")
        pictures, manifest = read_squares(
            args.check, resolution=CHECK_PX, crops=CropSpec(), is_silent=args.json
        )
        _check_enough(args.check, manifest)
        return check_folder(
            pictures, [square.file for square in manifest.squares], as_json=args.json
        )
    if args.model is None or args.folder is None:
        CommandParser(prog="studio score").error(
            "a model and a folder of real pictures are needed: studio score MODEL FOLDER"
        )
    return _score(args)


def _score(args: argparse.Namespace) -> int:
    chosen = choose_model(open_library(), args.model)
    args.folder = folder_of(args.folder.expanduser(), studio_home())
    model = GeneratorModel.open(chosen.folder, wish="auto")
    card = model.card
    pictures, manifest = read_squares(
        args.folder,
        resolution=card.resolution,
        crops=_crops(chosen.folder, pictures=args.folder),
        is_silent=args.json,
    )
    _check_enough(args.folder, manifest)
    num_real = len(pictures)
    # Portions of sixteen, and copies one by one; the last step is the end itself.
    total = 30 + args.n + (3 * num_real + 5 * args.n) // 16
    with Progress("steps", total, is_silent=args.json) as bar:

        def step() -> None:
            if bar.num_done < total - 1:
                bar.advance()

        real = RealPictures(
            pictures,
            [square.file for square in manifest.squares],
            num_most=args.n,
            between=step,
        )
        made = make_pictures(model, args.n, psi=args.psi, between=step)
        scoring = real.score(made)
        stairs = _stairs(model, real, psi=args.psi)
    figures = scoring.figures | {
        "stairs": Figure(value=stairs, n=_NUM_PATHS, phi=real.networks[0].version)
    }
    if args.card:
        write_scores(chosen.folder, card, figures=figures)
    if args.json:
        answer_json(_document(card, scoring, figures=figures, num_real=num_real, psi=args.psi))
    else:
        answer(_text(card, scoring, figures=figures, num_real=num_real))
    return 0


def read_squares(
    folder: Path, *, resolution: int, crops: CropSpec, is_silent: bool
) -> tuple[NDArray[np.uint8], Manifest]:
    """Give the squares of a folder [N, R, R, 3] and what they are cut from.

    Raises:
        StudioError: No such folder, or too few pictures in it.
    """
    bar: Progress | None = None

    def count(done: int, total: int) -> None:
        nonlocal bar
        bar = bar or Progress("files read", total, is_silent=is_silent)
        bar.advance(done - bar.num_done)

    with tempfile.TemporaryDirectory(prefix="studio-score-") as target:
        prepare(
            folder.expanduser(), Path(target), resolution=resolution, crops=crops, progress=count
        )
        pictures = np.load(Path(target) / ARRAY_NAME)
        manifest = msgspec.json.decode((Path(target) / MANIFEST_NAME).read_bytes(), type=Manifest)
    if bar is not None:
        bar.close()
    return pictures, manifest


def _check_enough(folder: Path, manifest: Manifest) -> None:
    num_pictures = len({square.file for square in manifest.squares})
    if num_pictures < _MIN_PICTURES:
        raise StudioError(
            f"“{folder.name}” has {num_pictures} usable pictures; two halves of it are compared, "
            f"which takes at least {_MIN_PICTURES}.",
            "Score against a larger folder.",
        )


def _crops(folder: Path, *, pictures: Path) -> CropSpec:
    """Give the crops that the model in `folder` learned from, or the usual ones.

    A model that learned from some files of a folder is scored against the same files; against
    a folder that has none of them, against all.
    """
    try:
        spec = msgspec.json.decode((folder / SPEC_FILE).read_bytes(), type=TrainingSpec)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return CropSpec()
    if spec.crops.include and not find_pictures(pictures, spec.crops.include):
        return msgspec.structs.replace(spec.crops, include=())
    return spec.crops


def make_pictures(
    model: GeneratorModel, count: int, *, psi: float, between: Callable[[], None]
) -> NDArray[np.uint8]:
    """Give the pictures of seeds 0, 1, 2, …, [N, R, R, 3]."""
    rows = []
    for seed in range(count):
        recipe = new_recipe(model.card.model, seed=seed, psi=psi)
        rows.append(model.render(recipe))
        if seed % 16 == 15:
            between()
    return np.stack(rows)


def _stairs(model: GeneratorModel, real: RealPictures, *, psi: float) -> float:
    """Give the mean Gini of the steps in φ along straight lines between two seeds' latents."""
    found = []
    side = model.card.resolution
    for path in range(_NUM_PATHS):
        ends = [
            model.generator.w_of(new_recipe(model.card.model, seed=seed, psi=psi))
            for seed in (2 * path, 2 * path + 1)
        ]
        shares = np.linspace(0, 1, _PATH_STEPS + 1, dtype=np.float32)
        rows = []
        for share in shares:
            w_LD: FloatArray = (1 - share) * ends[0] + share * ends[1]
            rows += model.generator.render(w_LD[None], side)
        found.append(step_gini(real.networks[0].embed(np.stack(rows))))
    return float(np.mean(found))


def write_scores(folder: Path, card: ModelCard, *, figures: dict[str, Figure]) -> None:
    """Write the figures on the model's card; nothing else of it changes.

    Raises:
        StorageError: The card cannot be written where it lies.
    """
    scores = {
        name: Score(
            value=_rounded(figure.value),
            floor=None if figure.floor is None else _rounded(figure.floor),
            n=figure.n,
            phi=figure.phi or None,
        )
        for name, figure in figures.items()
    }
    changed = msgspec.structs.replace(card, scores=scores)
    write_bytes_atomic(folder / CARD_FILE, encode_card(changed), name="the model's card")
    note(f"Written on the card of “{card.name}”.")


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _document(
    card: ModelCard, scoring: Scoring, *, figures: dict[str, Figure], num_real: int, psi: float
) -> dict[str, Any]:
    return {
        "schema": 1,
        "model": card.model,
        "name": card.name,
        "psi": psi,
        "num_real": num_real,
        "figures": msgspec.to_builtins(figures),
        "scale": msgspec.to_builtins(scoring.scale),
        "copies": {
            "count": scoring.copies[0],
            "of": scoring.copies[1],
            "interval": list(scoring.copies_interval),
        },
    }


def _text(card: ModelCard, scoring: Scoring, *, figures: dict[str, Figure], num_real: int) -> str:
    rows = [figure_row(name, figure) for name, figure in figures.items()]
    lines = [
        f"{card.name}, {card.resolution} px, against {num_real:,} real squares",
        "",
        table(("measure", "made", "±", "real against real", "±", "n", "network"), rows),
        "",
    ]
    low, high = scoring.copies_interval
    hits, total = scoring.copies
    lines.append(f"Near copies: {hits} of {total}, 95 % interval {low:.1%} to {high:.1%}.")
    if scoring.scale is None:
        lines.append(
            "Scale 0-100: none; with so few pictures blurred ones cannot be told from sharp ones."
        )
    else:
        scale = scoring.scale
        lines.append(
            f"Scale 0-100: {scale.value:.0f}  (100 = real against real, {scale.at_100:.2f}; "
            f"0 = real pictures blurred by 1/64 of their side, {scale.at_0:.2f})"
        )
    if figures["stairs"].value > STAIRS_GINI:
        lines.append("Interpolation runs in stairs: take an earlier snapshot, or more pictures.")
    lines.append("Compare only figures of the same network, n and size. None of them is an FID.")
    return "\n".join(lines)


def figure_row(name: str, figure: Figure) -> tuple[str, ...]:
    """Give a figure as cells of a table."""
    level = name.removeprefix("sliced_")
    shown = NAMES.get(name, f"sliced Wasserstein ×10³, {level} px" if level != name else name)
    has_floor = figure.floor is not None
    return (
        shown,
        f"{figure.value:.3f}",
        f"{figure.spread:.3f}" if has_floor else "–",
        f"{figure.floor:.3f}" if figure.floor is not None else "–",
        f"{figure.floor_spread:.3f}" if has_floor else "–",
        str(figure.n),
        figure.phi or "pixels",
    )
