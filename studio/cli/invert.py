"""`studio invert`: finds pictures from outside in a model's latent space, and makes them anew."""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import (
    CommandParser,
    Subparsers,
    add_command,
    add_json,
    add_model,
    real_number,
)
from studio.cli.picture_writer import Made, PictureWriter
from studio.cli.pictures_out import is_folder, plan_file, plan_folder
from studio.cli.progress import Progress
from studio.cli.trainer import do_job
from studio.core.arrays import Picture
from studio.core.errors import PictureError, StudioError
from studio.core.inversion import FoundPicture, found_recipe, look_to_text, nearness_sentence
from studio.core.recipe_json import recipe_to_json
from studio.engine.encoding import PictureFinder
from studio.engine.session import GeneratorModel
from studio.export.stills import StillSettings
from studio.files.source_pictures import look_of
from studio.opener.client import open_recipe_picture
from studio.protocol.refine_messages import Refined, RefineJob
from studio.protocol.training_messages import TrainerEvent

MAX_SECONDS: Final = 600.0
_EXAMPLES: Final = """  studio invert sketch.jpg
  studio invert photo.png --model landscapes --refine 25 --out found.png
  studio invert a.jpg b.jpg c.jpg --out found --json
"""


class _Result(msgspec.Struct, frozen=True):
    """What became of one picture: made, or why not. `before` is as the encoder alone found it."""

    source: Path
    found: FoundPicture | None = None
    before: FoundPicture | None = None
    made: Made | None = None
    error: StudioError | None = None


def add_parser(subparsers: Subparsers) -> None:
    """Add `invert`."""
    parser = add_command(
        subparsers,
        "invert",
        purpose="find your own picture in a model's latent space",
        detail="Writes the model's version of it with its recipe, and says how near it came.",
        examples=_EXAMPLES,
    )
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE", help="any picture")
    add_model(parser)
    parser.add_argument(
        "--refine",
        type=real_number(1, MAX_SECONDS),
        metavar="SECONDS",
        help="come nearer for so long (20 to 30 are enough)",
    )
    parser.add_argument(
        "--out", metavar="PATH", help="a PNG file, or a folder for several (default: this folder)"
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Find the pictures; gives 1 when one of them could not be used."""
    paths = _plan(args)
    model = choose_model(open_library(), args.model)
    engine = GeneratorModel.open(model.folder, wish="cpu")
    finder = PictureFinder(engine)
    writer = PictureWriter(engine, settings=StillSettings(replaces=args.force), is_silent=args.json)
    results = []
    for source, path in zip(args.pictures, paths(engine.card.id), strict=True):
        try:
            results.append(_invert(args, source, finder=finder, writer=writer, path=path))
        except PictureError as error:
            results.append(_Result(source, error=error))
        if not args.json:
            _tell(results[-1])
    if args.json:
        answer_json(_fields(engine, results))
    return 1 if any(result.error is not None for result in results) else 0


def _plan(args: argparse.Namespace) -> Any:  # noqa: ANN401 - a function of the model's id
    out = Path(args.out) if args.out else None
    is_file = out is not None and out.suffix.lower() == ".png" and not is_folder(out)
    if is_file and len(args.pictures) > 1:
        CommandParser(prog="studio invert").error(
            f"--out names one file for {len(args.pictures)} pictures: name a folder"
        )
    if out is not None and out.suffix and out.suffix.lower() != ".png" and not is_folder(out):
        CommandParser(prog="studio invert").error("--out ends in .png, or names a folder")

    def paths(model: str) -> Sequence[Path]:
        if is_file:
            assert out is not None
            return [plan_file(out, force=args.force)]
        stems = [f"{source.stem}-in-{model}" for source in args.pictures]
        return plan_folder(out or Path(), stems, suffix=".png", force=args.force)

    return paths


def _invert(
    args: argparse.Namespace,
    source: Path,
    *,
    finder: PictureFinder,
    writer: PictureWriter,
    path: Path,
) -> _Result:
    opened = open_recipe_picture(source)
    if opened.picture is None:
        raise opened.refused or PictureError("This is no picture.", "Choose another picture.")
    look = look_of(opened.picture)
    before = found = finder.find(look)
    if args.refine is not None:
        found = _refine(args, look, finder=finder, before=before)
    recipe = found_recipe(finder.model.card.model, found)
    made = writer.write([recipe], [path], batch=1)[0]
    return _Result(source, found, before if args.refine is not None else None, made)


def _refine(
    args: argparse.Namespace, look: Picture, *, finder: PictureFinder, before: FoundPicture
) -> FoundPicture:
    """Give what the trainer made of it; Ctrl-C keeps the best so far."""
    begin_s = time.monotonic()
    best = before.w
    job = RefineJob(
        model=str(finder.model.folder.absolute()),
        look=look_to_text(look),
        w=before.w,
        seconds=args.refine,
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        Progress("percent", 100, is_silent=args.json) as progress,
    ):
        shown = 0

        def show(event: TrainerEvent) -> None:
            nonlocal best, shown
            if isinstance(event, Refined):
                best = event.w
                progress.advance(int(100 * event.share) - shown)
                shown = int(100 * event.share)

        try:
            do_job(Path(folder), job, name="refine", show=show)
        except KeyboardInterrupt:
            if best == before.w:
                raise
    found = finder.measure(look, best)
    return msgspec.structs.replace(found, seconds=round(time.monotonic() - begin_s, 3))


def _tell(result: _Result) -> None:
    if result.error is not None:
        note(f"{result.source.name}: {result.error.what} {result.error.way_out}")
        return
    assert result.found is not None
    assert result.made is not None
    answer(str(result.made.path))
    figures = f"{result.found.share:.2f} of the mean picture's distance"
    if result.before is not None:
        figures += f", {result.before.share:.2f} before refining"
    note(f"{result.source.name}: {nearness_sentence(result.found)} ({figures}; 0 is the same)")


def _fields(engine: GeneratorModel, results: Sequence[_Result]) -> dict[str, Any]:
    card = engine.card
    return {
        "schema": 1,
        "model": {"id": card.id, "name": card.name, "hash": card.model},
        "pictures": [_picture_fields(result) for result in results],
    }


def _picture_fields(result: _Result) -> dict[str, Any]:
    if result.error is not None:
        error = {"what": result.error.what, "way_out": result.error.way_out}
        return {"source": str(result.source), "error": error}
    assert result.found is not None
    assert result.made is not None
    return {
        "source": str(result.source),
        "path": str(result.made.path.absolute()),
        "share": result.found.share,
        "share_before_refining": result.before.share if result.before is not None else None,
        "met": list(result.found.met),
        "sentence": nearness_sentence(result.found),
        "seconds": result.found.seconds,
        "pixel_hash": result.made.pixel_hash,
        "recipe": json.loads(recipe_to_json(result.made.recipe)),
    }
