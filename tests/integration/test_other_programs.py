"""Our files, opened by GIMP, Krita and ImageMagick, look like our own render there.

`pytest -s` prints the table of studio/README.md: file, program, largest difference in levels.
"""

import io
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from studio.cli.export_settings import KINDS
from studio.core.arrays import Picture
from studio.core.enlargement import with_enlargement
from studio.core.layer_plan import pictures_of, plan_layers
from studio.core.model_card import ModelCard
from studio.core.recipe import Enlarge
from studio.engine.enlarging import Enlarger
from studio.engine.session import GeneratorModel
from studio.export.layers import LayeredPicture, layers_from, save_layered
from studio.export.stills import LAYERED_FORMATS, StillSettings, save_still
from studio.files.deep_images import DeepPicture, decode_png16, decode_tiff
from studio.files.images import decode_picture
from studio.files.places import shipped_models
from tests.conftest import IS_FULL
from tests.fakes.other_programs import run_gimp, run_krita, run_magick
from tests.fakes.painted_recipes import painted

pytestmark = pytest.mark.slow

# What a kind may lose: nothing, a level of rounding between layers, or what its codec takes.
LIMITS = {"jpeg": 40, "webp": 60, "avif": 40, "ora": 1, "psd": 1}
# Up from the lowest, as said by GIMP: depth, visible or hidden, masked or bare, name.
LAYERS = [
    "1 visible bare Base",
    "1 visible masked Sky 天空",
    '1 visible masked Rock <"&',
    "1 hidden masked Kept 3",
    "1 visible masked Mixed in 4",
    "0 visible bare Hill & dale",
]
NAMES = [line.split(" ", 3)[3] for line in LAYERS]


class Files:
    """One picture in every kind of file, and the render to compare with."""

    def __init__(self, folder: Path) -> None:
        engine = GeneratorModel.open(shipped_models() / "landscapes", wish="cpu")
        factor: Enlarge = 8 if IS_FULL else 2
        enlarger = Enlarger()
        recipe = painted(engine.card.model)
        parts = {
            made: enlarger.enlarge(engine.render(made), factor)
            for made in pictures_of(plan_layers(recipe))
        }
        told = with_enlargement(recipe, factor)
        layered = layers_from(
            "Hill & dale", parts, recipe=told, card=engine.card, settings=StillSettings()
        )
        self.render = layered.merged
        # Every level of 16 bits, not only those that 8 bits have.
        self.deep = self.render.astype(np.uint16) * 257 ^ np.arange(256, dtype=np.uint16)[None, :1]
        self.deep[:, :, 0] ^= 0x5A
        self.path = {kind: self._save(kind, folder, layered, engine.card) for kind in KINDS}

    def _save(self, kind: str, folder: Path, layered: LayeredPicture, card: ModelCard) -> Path:
        file_format, bits = KINDS[kind]
        settings = StillSettings(format=file_format, bits=bits)
        if file_format in LAYERED_FORMATS:
            return save_layered(folder / kind, [layered], settings=settings)
        picture: Picture | DeepPicture = self.deep if bits == 16 else self.render
        recipe = layered.recipe
        return save_still(folder / kind, picture, recipe=recipe, card=card, settings=settings)

    def difference(self, kind: str, seen: NDArray[Any]) -> int:
        """Give the largest difference, in levels of the kind's own depth."""
        wanted = self.deep if seen.dtype == np.uint16 else self.render
        assert seen.shape == wanted.shape
        return int(np.abs(seen.astype(np.int32) - wanted).max())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("files"))


def target_for(kind: str, folder: Path) -> Path:
    """Give where a program shall save what it sees: PNG, for 16 bits TIFF."""
    return folder / (f"{kind}-seen.tif" if kind.endswith("16") else f"{kind}-seen.png")


def read(path: Path) -> NDArray[Any]:
    """Read what a program saved."""
    if path.suffix == ".tif":
        return np.asarray(tifffile.imread(path))[:, :, :3]
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def compare(files: Files, program: str, kind: str, seen: NDArray[Any]) -> None:
    levels = files.difference(kind, seen)
    print(f"\n| {kind} | {program} | {levels} |")
    assert levels <= LIMITS.get(kind, 0), f"{program} shows a {kind} {levels} levels off"


@pytest.mark.parametrize("kind", KINDS)
def test_pillow_sees_the_render(files: Files, kind: str) -> None:
    path = files.path[kind]
    content = path.read_bytes()
    if kind == "ora":
        with zipfile.ZipFile(path) as archive:
            content = archive.read("mergedimage.png")
    if kind.endswith("16"):
        seen: NDArray[Any] = decode_png16(content) if kind == "png16" else decode_tiff(content)
    else:
        seen = decode_picture(content)
    compare(files, "Pillow", kind, seen)


def test_gimp_sees_the_render_and_the_layers(files: Files, tmp_path: Path) -> None:
    # GIMP 2.10 of Debian has no OpenRaster: its plug-in was written for Python 2.
    kinds = [kind for kind in KINDS if kind != "ora"]
    targets = {files.path[kind]: target_for(kind, tmp_path) for kind in kinds}
    said = run_gimp(targets, tmp_path)
    for kind in kinds:
        compare(files, "GIMP", kind, read(targets[files.path[kind]]))
    assert said["psd.psd"] == LAYERS[::-1]


def kra_names(archive: zipfile.ZipFile) -> list[str]:
    """Give the names in an OpenRaster file that Krita wrote, from the lowest."""
    root = ElementTree.fromstring(archive.read("stack.xml"))
    stack = root.find("stack")
    assert stack is not None
    return [one.attrib["name"] for one in reversed(list(stack.iter())) if "name" in one.attrib]


@pytest.mark.parametrize("kind", LAYERED_FORMATS)
def test_krita_sees_the_render_and_the_layers(files: Files, kind: str, tmp_path: Path) -> None:
    # Saved as OpenRaster, what it sees and what it calls the layers are in one file.
    target = tmp_path / "seen.ora"
    run_krita(files.path[kind], target)
    with zipfile.ZipFile(target) as archive:
        with Image.open(io.BytesIO(archive.read("mergedimage.png"))) as image:
            compare(files, "Krita", kind, np.asarray(image.convert("RGB")))
        names = kra_names(archive)
    assert [name for name in names if name in NAMES] == NAMES


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LAYERED_FORMATS])
def test_krita_sees_the_stills(files: Files, kind: str, tmp_path: Path) -> None:
    if not IS_FULL:
        pytest.skip("with --all: Krita takes some seconds for each file")
    if kind == "webp":
        pytest.skip("Krita 5.1 asks how to open a WebP, also without a window: tried by hand")
    target = target_for(kind, tmp_path)
    run_krita(files.path[kind], target)
    compare(files, "Krita", kind, read(target))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ora"])
def test_imagemagick_sees_the_render(files: Files, kind: str, tmp_path: Path) -> None:
    # ImageMagick 6 of Debian has no OpenRaster.
    target = target_for(kind, tmp_path)
    source = f"{files.path[kind]}[0]" if kind == "psd" else str(files.path[kind])
    run_magick(source, str(target))
    compare(files, "ImageMagick", kind, read(target))


def test_imagemagick_lays_the_layers_of_a_psd_on_one_another(files: Files, tmp_path: Path) -> None:
    path, target = files.path["psd"], tmp_path / "seen.png"
    names = run_magick("identify", "-format", "%[label]\n", f"{path}[1--1]").splitlines()
    # It reads the old names alone, which have no letters but those of the old Mac.
    assert names == [name if name.isascii() else "?" for name in NAMES[:-1]]
    visible = [str(number + 1) for number, name in enumerate(NAMES[:-1]) if name != "Kept 3"]
    run_magick(f"{path}[{','.join(visible)}]", "-background", "none", "-flatten", str(target))
    seen = read(target)
    assert files.difference("psd", seen) <= 2  # it cuts where others round
