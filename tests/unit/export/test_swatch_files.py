"""Palettes: the colours of a picture, and files that parsers of the formats' descriptions read."""

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from studio.export.palette import Swatch, lab_of, palette_of
from studio.export.set_settings import PaletteSettings
from studio.export.swatch_files import (
    encode_aco,
    encode_ase,
    encode_gpl,
    palette_files,
)
from tests.fakes.galleries import picture_of
from tests.fakes.set_pictures import set_pictures

RGB = list[tuple[int, int, int]]
SWATCHES = (Swatch(255, 0, 0), Swatch(1, 128, 254), Swatch(0, 0, 0))
LEVELS: RGB = [(255, 0, 0), (1, 128, 254), (0, 0, 0)]


def read_ase(content: bytes) -> tuple[str, list[str], RGB]:
    """Read group name, names and colours, block by block, as the format is described."""
    assert content[:4] == b"ASEF"
    major, minor, count = struct.unpack_from(">HHI", content, 4)
    assert (major, minor) == (1, 0)
    position, group, names, colours, depth = 12, "", [], [], 0
    for _ in range(count):
        kind, length = struct.unpack_from(">HI", content, position)
        body = content[position + 6 : position + 6 + length]
        position += 6 + length
        if kind == 0xC002:
            assert not body
            depth -= 1
            continue
        (letters,) = struct.unpack_from(">H", body)
        text = body[2 : 2 + 2 * letters].decode("utf-16-be")
        assert text.endswith("\0")
        if kind == 0xC001:
            group, depth = text[:-1], depth + 1
            assert len(body) == 2 + 2 * letters
        else:
            assert (kind, depth) == (1, 1)
            model, *levels, colour_type = struct.unpack(">4s3fH", body[2 + 2 * letters :])
            assert (model, colour_type) == (b"RGB ", 2)
            red, green, blue = (round(255 * level) for level in levels)
            names.append(text[:-1])
            colours.append((red, green, blue))
    assert (position, depth) == (len(content), 0)
    return group, names, colours


def read_aco(content: bytes) -> tuple[RGB, RGB, list[str]]:
    """Read the colours of version 1, those of version 2, and their names."""
    version, count = struct.unpack_from(">HH", content)
    assert version == 1
    position, found, names = 4, [], []
    for part in (1, 2):
        colours = []
        if part == 2:
            assert struct.unpack_from(">HH", content, position) == (2, count)
            position += 4
        for _ in range(count):
            space, red, green, blue, rest = struct.unpack_from(">5H", content, position)
            assert (space, rest) == (0, 0)
            position += 10
            colours.append((red // 257, green // 257, blue // 257))
            if part == 2:
                (letters,) = struct.unpack_from(">I", content, position)
                position += 4
                text = content[position : position + 2 * letters].decode("utf-16-be")
                position += 2 * letters
                assert text[-1] == "\0"
                names.append(text[:-1])
        found.append(colours)
    assert position == len(content)
    return found[0], found[1], names


def test_gimps_palette() -> None:
    lines = encode_gpl(SWATCHES, name="山 Dawn\n", credit="By\nA.").decode().splitlines()
    assert lines[:3] == ["GIMP Palette", "Name: 山 Dawn", "Columns: 3"]
    assert "# By A." in lines
    rows = [line.split() for line in lines[3:] if not line.startswith("#")]
    assert [tuple(map(int, row[:3])) for row in rows] == LEVELS
    assert [row[3] for row in rows] == ["#ff0000", "#0180fe", "#000000"]


def test_adobes_two() -> None:
    group, names, colours = read_ase(encode_ase(SWATCHES, name="山 Dawn"))
    assert (group, names[1], colours) == ("山 Dawn", "#0180fe", LEVELS)
    first, second, words = read_aco(encode_aco(SWATCHES))
    assert first == second == LEVELS
    assert words == ["#ff0000", "#0180fe", "#000000"]


def test_a_file_for_each_wished_program() -> None:
    choice = PaletteSettings(num_colours=4, formats=("gpl", "aco"))
    files = palette_files(set_pictures(3), choice, stem="sea")
    assert [file.name for file in files] == ["sea.gpl", "sea.aco"]
    assert b"Made from public pictures." in files[0].content


def test_few_colours_are_found_exactly_dark_to_light_with_their_shares() -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:4] = (10, 20, 200)
    picture[4:6] = (250, 240, 20)
    swatches = palette_of([picture], 16)
    assert [(one.hex, one.share) for one in swatches] == [
        ("#000000", 0.25), ("#0a14c8", 0.5), ("#faf014", 0.25),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [4, 17, 64])
def test_as_many_colours_as_wished_and_the_same_each_time(count: int) -> None:
    picture = picture_of(3, 64)
    swatches = palette_of([picture], count)
    assert len(swatches) == count
    assert swatches == palette_of([picture], count)
    assert sum(one.share for one in swatches) == pytest.approx(1)
    lightness = [
        lab_of(np.array([[one.red, one.green, one.blue]], np.uint8))[0, 0] for one in swatches
    ]
    assert lightness == sorted(lightness) or max(np.diff(lightness) * -1) < 1


def test_lab_is_that_of_the_standard() -> None:
    # Source: white, and sRGB red under D65 (53.24, 80.09, 67.20), as published.
    lab = lab_of(np.array([[255, 255, 255], [255, 0, 0]], np.uint8))
    assert np.abs(lab - np.array([[100, 0, 0], [53.24, 80.09, 67.20]])).max() < 0.02


@pytest.mark.skipif(shutil.which("gimp-console-2.10") is None, reason="GIMP is not installed")
def test_gimp_reads_the_palette(tmp_path: Path) -> None:
    palettes = tmp_path / "palettes"
    palettes.mkdir()
    (palettes / "Dawn.gpl").write_bytes(encode_gpl(SWATCHES, name="Dawn", credit="By A."))
    others = ("brush", "dynamics", "pattern", "gradient", "tool-preset", "font")
    empty = "\n".join(f'({kind}-path "")' for kind in others)
    rc = tmp_path / "gimprc"
    rc.write_text(f'(palette-path "{palettes}")\n{empty}\n')
    count = '(gimp-message (number->string (car (gimp-palette-get-colors "Dawn"))))'
    second = (
        '(let ((c (car (gimp-palette-entry-get-color "Dawn" 1)))) (gimp-message (string-append'
        ' (number->string (car c)) " " (number->string (cadr c)) " " (number->string (caddr c)))))'
    )
    words = ["gimp-console-2.10", "--no-fonts", "--gimprc", str(rc), "-i"]
    for batch in (count, second, "(gimp-quit 0)"):
        words += ["-b", batch]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Warning: 3\n" in said, said
    assert "Warning: 1 128 254\n" in said, said
