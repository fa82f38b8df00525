"""Folders of pictures for tests: painted from a seed, and every kind of bad file."""

import os
import socket
from pathlib import Path

import numpy as np
from PIL import Image

from tests.fakes.strange_pictures import pixel_bomb


def painting(seed: int, width: int = 60, height: int = 40) -> Image.Image:
    """Give a picture with coarse forms and fine detail of its own."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 200, (5, 7, 3), dtype=np.uint8)
    fine = random.integers(0, 256, (24, 24, 3), dtype=np.uint8)
    forms = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    detail = Image.fromarray(fine).resize((width, height), Image.Resampling.BICUBIC)
    return Image.blend(forms, detail, 0.35)


def folder_of(place: Path, count: int) -> Path:
    """Make a folder with so many paintings."""
    place.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        painting(number).save(place / f"{number:03d}.png")
    return place


def put_bad_files(folder: Path) -> dict[str, str]:
    """Put bad files into a folder; gives name → the finding that each must have."""
    (folder / "empty.png").write_bytes(b"")
    (folder / "words.jpg").write_text("no picture at all")
    whole = (folder / "000.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "bomb.png").write_bytes(pixel_bomb())
    (folder / "pickle.png").write_bytes(b"\x80\x04cos\nsystem\n(S'false'\ntR.")
    painting(70, 9, 9).save(folder / "tiny.png")
    (folder / "twin.png").write_bytes(whole)
    os.link(folder / "001.png", folder / "hard.png")
    os.mkfifo(folder / "pipe.jpg")
    # A socket's path may have 108 bytes only, so it is bound from inside.
    with socket.socket(socket.AF_UNIX) as one:
        here = os.open(".", os.O_RDONLY)
        os.chdir(folder)
        try:
            one.bind("socket.png")
        finally:
            os.fchdir(here)
            os.close(here)
    (folder / "out.png").symlink_to("/etc/hostname")
    (folder / "inside.png").symlink_to("002.png")
    (folder / "nowhere.png").symlink_to("nothing")
    (folder / "self.png").symlink_to("self.png")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png")).write_bytes(whole)
    damaged = ("empty.png", "words.jpg", "cut.png", "bomb.png", "pickle.png")
    links = ("out.png", "inside.png", "nowhere.png", "self.png", "loop")
    refused = (*links, "pipe.jpg", "socket.png", "phone.heic", "caf\\xe9.png")
    found = dict.fromkeys(damaged, "damaged") | dict.fromkeys(refused, "refused")
    return found | {"tiny.png": "small", "twin.png": "duplicate"}


def put_odd_pictures(folder: Path) -> tuple[str, ...]:
    """Put pictures of every odd but good kind into a folder; gives their names."""
    kinds: dict[str, tuple[Image.Image, dict[str, object]]] = {
        "grey.png": (painting(50).convert("L"), {}),
        "cmyk.jpg": (painting(51).convert("CMYK"), {}),
        "alpha.png": (painting(52).convert("RGBA"), {}),
        "palette.gif": (painting(53).convert("P"), {}),
        "deep.tif": (Image.fromarray(np.asarray(painting(54).convert("L"), np.uint16) * 257), {}),
        "film.gif": (painting(55), {"save_all": True, "append_images": [painting(56)]}),
        "new\nline.png": (painting(57), {}),
        "\u202egnp.exe.png": (painting(58), {}),
        f"{'n' * 251}.png": (painting(59), {}),
        "e\u0301 and \u00e9 图 🎨.webp": (painting(60), {}),
        "quote'\"$(x).bmp": (painting(61), {}),
    }
    for name, (image, options) in kinds.items():
        image.save(folder / name, **options)  # type: ignore[arg-type]
    turned = Image.Exif()
    turned[0x0112] = 6
    painting(62).save(folder / "turned.jpg", exif=turned, quality=95)
    return (*kinds, "turned.jpg")


def state_of(folder: Path) -> dict[str, tuple[int, ...]]:
    """Give of each file what a program that writes would change; reads nothing."""
    found: dict[str, tuple[int, ...]] = {}
    for place, folders, names in os.walk(folder):
        for name in (".", *folders, *names):
            status = os.lstat(Path(place) / name)
            found[f"{place}/{name}"] = (
                *(status.st_ino, status.st_mode, status.st_size),
                *(status.st_mtime_ns, status.st_ctime_ns),
            )
    return found
