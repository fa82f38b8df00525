"""`studio import`: pictures that carry their recipe, made again and kept in the gallery."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.model_choice import open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import Subparsers, add_command, add_json, add_provider
from studio.core.arrays import Picture
from studio.core.enlargement import with_enlargement
from studio.core.errors import ModelError, PictureError, StudioError
from studio.core.inversion import middle_square
from studio.core.picture_match import compare_pictures
from studio.core.recipe import Recipe
from studio.engine.nearness import NearnessGauge
from studio.engine.session import GeneratorModel
from studio.files.home_lock import HomeLock
from studio.files.places import studio_home
from studio.library.gallery import Gallery
from studio.library.looks_shelf import LooksShelf
from studio.opener.client import OpenedPicture, open_recipe_picture

_EXAMPLES: Final = """  studio import picture.png
  studio import from-a-friend/*.png --json
"""


class _Brought(msgspec.Struct, frozen=True):
    """What became of one file; `status` is "kept", "there", "looks" or "refused"."""

    file: str
    status: str
    says: str
    id: str = ""
    way_out: str = ""


def add_parser(subparsers: Subparsers) -> None:
    """Add `import`."""
    parser = add_command(
        subparsers,
        "import",
        purpose="bring pictures with recipes into the gallery",
        examples=_EXAMPLES,
        detail="Each is made again by its model and kept; the files themselves stay untouched.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a picture")
    add_provider(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Bring them in; 1 when one of them could not be."""
    home = studio_home()
    with HomeLock(home), Gallery(home) as gallery:
        importer = _Importer(gallery, provider=args.provider)
        try:
            brought = [importer.bring(path) for path in _each_once(args.files)]
        finally:
            importer.close()
    if args.json:
        answer_json({"schema": 1, "files": [msgspec.to_builtins(one) for one in brought]})
    else:
        for one in brought:
            if one.status == "refused":
                note(f"{one.file}: {one.says} {one.way_out}")
            else:
                answer(f"{one.file}: {one.says}")
    return 1 if any(one.status == "refused" for one in brought) else 0


class _Importer:
    """Keeps pictures one after another; models stay open between them."""

    def __init__(self, gallery: Gallery, *, provider: Any) -> None:  # noqa: ANN401 - argparse
        self._gallery, self._wish = gallery, provider
        self._looks = LooksShelf(gallery)
        self._models: dict[str, tuple[GeneratorModel, NearnessGauge]] = {}

    def close(self) -> None:
        """Let go of the index of looks."""
        self._looks.close()

    def bring(self, path: Path) -> _Brought:
        """Bring one file in; never raises for what is in it."""
        try:
            return self._bring(path, open_recipe_picture(path))
        except StudioError as error:
            return _Brought(path.name, "refused", error.what, way_out=error.way_out)

    def _bring(self, path: Path, opened: OpenedPicture) -> _Brought:
        if opened.recipe is None:
            return self._look_for(path, opened)
        recipe = with_enlargement(opened.recipe.recipe, 1)
        known = next((kept for kept in self._gallery.items() if kept.recipe == recipe), None)
        if known is not None:
            return _Brought(path.name, "there", f"is kept already, as “{known.name}”.", known.id)
        model, gauge = self._model(recipe)
        picture = model.render(recipe)
        kept = self._gallery.keep(
            picture,
            recipe,
            card=model.card,
            name=path.stem,
            provider=model.provider,
            nearness=gauge.measure(middle_square(picture)),
        )
        return _Brought(path.name, "kept", f"kept. {_match(picture, opened)}", kept.id)

    def _look_for(self, path: Path, opened: OpenedPicture) -> _Brought:
        if opened.refused is not None or opened.picture is None:
            raise opened.refused or PictureError("This is no picture.", "Choose another picture.")
        self._looks.learn(self._looks.missing())
        found = self._looks.find(opened.picture)
        if found is None:
            raise PictureError(
                "It carries no recipe, and no kept picture looks like it.",
                "Look for it in a model with `studio invert`.",
            )
        says = f"found by its looks, as “{found.kept.name}”: not identical ({found.change})."
        return _Brought(path.name, "looks", says, found.kept.id)

    def _model(self, recipe: Recipe) -> tuple[GeneratorModel, NearnessGauge]:
        if recipe.model not in self._models:
            try:
                folder = open_library().find(recipe.model).folder
            except ModelError as error:
                raise ModelError(
                    f"Its model ({recipe.model[:10]}) is not on this computer.",
                    "Install the model, then import the picture again.",
                ) from error
            model = GeneratorModel.open(folder, wish=self._wish)
            self._models[recipe.model] = model, NearnessGauge(model.folder, model.card)
        return self._models[recipe.model]


def _match(picture: Picture, opened: OpenedPicture) -> str:
    """Say how the file's pixels lie to those that its recipe gives."""
    if opened.picture is None or not opened.is_whole:
        return "The file's pixels could not be compared."
    match = compare_pictures(opened.picture, picture)
    if match.is_identical:
        return "Every pixel is as in the file."
    if match.kind == "size":
        return f"The file has another size ({opened.width} × {opened.height})."
    return f"The file differs by up to {match.max_levels} of 255 levels."


def _each_once(paths: Sequence[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))
