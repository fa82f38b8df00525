"""The programs on this computer that a picture can be sent to, and how each is started."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from studio.core.errors import StorageError
from studio.files.desktop_entry import (
    FILE,
    FILES,
    application_folders,
    find_executable,
    read_command,
)

DEFAULT_KEY: Final = "default"
OWN_KEY: Final = "own"
# What a picture with painted regions goes out as, so that its layers can be painted on.
LAYERED_BY_KEY: Final[dict[str, Literal["ora", "psd"]]] = {
    "krita": "ora",
    "gimp": "ora",
    "photoshop": "psd",
    "affinity": "psd",
}
MAX_ARGUMENTS: Final = 64
MAX_ARGUMENT: Final = 1000

# Blender takes no picture on its command line: this puts them into its image list, and into the
# largest editor. The paths come as arguments, never inside the code.
_BLENDER_CODE: Final = (
    "import bpy, sys\n"
    "pictures = [bpy.data.images.load(path) for path in sys.argv[sys.argv.index('--') + 1:]]\n"
    "for picture in pictures:\n"
    "    picture.use_fake_user = True\n"
    "for window in bpy.data.window_managers[0].windows[:1]:\n"
    "    area = max(window.screen.areas, key=lambda one: one.width * one.height)\n"
    "    area.type = 'IMAGE_EDITOR'\n"
    "    area.spaces.active.image = pictures[0]\n"
)
_BLENDER: Final = ("--python-expr", _BLENDER_CODE, "--", FILES)


class PaintProgram(msgspec.Struct, frozen=True):
    """A program that takes pictures.

    Attributes:
        key: What the window remembers it by.
        name: For people.
        command: Program and arguments; `{file}` in one stands for a picture, `{files}` alone for
            all of them. Empty for the system's usual program, which only the system knows.
    """

    key: str
    name: str
    command: tuple[str, ...] = ()


class _Known(msgspec.Struct, frozen=True):
    """A program that is looked for: its desktop entries, its names in PATH, its usual places."""

    key: str
    name: str
    entries: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    mac: tuple[str, ...] = ()


KNOWN: Final = (
    _Known(
        "krita",
        "Krita",
        entries=("org.kde.krita", "krita", "krita_krita"),
        names=("krita",),
        windows=("Krita*/bin/krita.exe",),
        mac=("krita.app", "Krita.app"),
    ),
    _Known(
        "gimp",
        "GIMP",
        entries=("org.gimp.GIMP", "gimp", "gimp_gimp"),
        names=("gimp", "gimp-3.0", "gimp-2.10"),
        windows=("GIMP*/bin/gimp-[0-9]*.exe",),
        mac=("GIMP*.app",),
    ),
    _Known(
        "photoshop",
        "Photoshop",
        windows=("Adobe/Adobe Photoshop*/Photoshop.exe",),
        mac=("Adobe Photoshop*/Adobe Photoshop*.app",),
    ),
    _Known(
        "affinity",
        "Affinity",
        windows=(
            "Affinity/Photo*/Photo.exe",
            "Affinity/Affinity/Affinity.exe",
            "Microsoft/WindowsApps/AffinityPhoto2.exe",
        ),
        mac=("Affinity Photo*.app", "Affinity.app"),
    ),
    _Known(
        "inkscape",
        "Inkscape",
        entries=("org.inkscape.Inkscape", "inkscape", "inkscape_inkscape"),
        names=("inkscape",),
        windows=("Inkscape/bin/inkscape.exe",),
        mac=("Inkscape.app",),
    ),
    _Known(
        "blender",
        "Blender",
        entries=("blender", "org.blender.Blender", "blender_blender"),
        names=("blender",),
        windows=("Blender Foundation/Blender*/blender.exe",),
        mac=("Blender.app",),
    ),
)


def find_programs(
    environ: Mapping[str, str], *, system: str = sys.platform, root: Path = Path("/")
) -> tuple[PaintProgram, ...]:
    """Give the programs that are installed, in the order of menus.

    Args:
        environ: The environment: PATH, and where programs lie.
        system: As `sys.platform`.
        root: What stands for the file system's root, for tests.
    """
    found = []
    for known in KNOWN:
        if system == "win32":
            command = _on_windows(known, environ)
        elif system == "darwin":
            command = _on_mac(known, environ, root=root)
        else:
            command = _on_linux(known, environ)
        if command is not None:
            found.append(PaintProgram(known.key, known.name, command))
    return tuple(found)


def argument_lists(command: Sequence[str], paths: Sequence[Path]) -> list[list[str]]:
    """Give what is to be started: once for all pictures, or once for each."""
    if FILES in command:
        whole: list[str] = []
        for word in command:
            whole += [str(path) for path in paths] if word == FILES else [word]
        return [whole]
    return [[word.replace(FILE, str(path)) for word in command] for path in paths]


def own_program(
    name: str, program: str, *, arguments: Sequence[str], environ: Mapping[str, str]
) -> PaintProgram:
    """Give the artist's own program, checked; a command that names no file gets it at its end.

    Raises:
        StorageError: There is no such program, or the arguments cannot be passed on.
    """
    place = find_executable(program.strip(), environ)
    if not program.strip() or place is None:
        raise StorageError(
            f"There is no program “{program.strip()}”.",
            "Choose its file, or type the name that starts it.",
        )
    words = tuple(word for word in arguments if word.strip())
    if len(words) > MAX_ARGUMENTS or any(len(w) > MAX_ARGUMENT or "\0" in w for w in words):
        raise StorageError("The arguments are too many or too long.", "Leave some out.")
    if not any(FILE in word or word == FILES for word in words):
        words = (*words, FILES)
    return PaintProgram(OWN_KEY, name.strip() or Path(place).stem, (place, *words))


def _on_linux(known: _Known, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    for entry in known.entries:
        for folder in application_folders(environ):
            command = read_command(folder / f"{entry}.desktop", environ)
            if command is not None:
                return _for_blender(known, command)
    for name in known.names:
        place = find_executable(name, environ)
        if place is not None:
            return _for_blender(known, (place, FILES))
    return None


def _on_windows(known: _Known, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    names = ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA")
    roots = [Path(environ[name]) for name in names if environ.get(name)]
    roots += [root / "Programs" for root in roots if root.name.casefold() == "local"]
    place = next(_newest(roots, known.windows), None)
    return None if place is None else _for_blender(known, (str(place), FILES))


def _on_mac(known: _Known, environ: Mapping[str, str], *, root: Path) -> tuple[str, ...] | None:
    roots = [root / "Applications"]
    if environ.get("HOME"):
        roots.append(Path(environ["HOME"]) / "Applications")
    place = next(_newest(roots, known.mac), None)
    if place is None:
        return None
    if known.key == "blender":
        return _for_blender(known, (str(place / "Contents/MacOS/Blender"), FILES))
    return ("/usr/bin/open", "-a", str(place), FILES)


def _newest(roots: Sequence[Path], patterns: Sequence[str]) -> Iterator[Path]:
    """Give what fits, the highest version first: names are compared with their numbers."""
    for pattern in patterns:
        for root in roots:
            yield from sorted(root.glob(pattern), key=_version_of, reverse=True)


def _version_of(path: Path) -> tuple[tuple[int, ...], str]:
    digits = "".join(char if char.isdigit() else " " for char in f"{path.parent.name} {path.name}")
    return tuple(map(int, digits.split())), path.name


def _for_blender(known: _Known, command: tuple[str, ...]) -> tuple[str, ...]:
    if known.key != "blender":
        return command
    return (*(word for word in command if word not in (FILE, FILES)), *_BLENDER)
