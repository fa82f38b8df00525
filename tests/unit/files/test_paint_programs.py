"""Programs that pictures are sent to: found where they lie, started by argument lists alone."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.errors import StorageError
from studio.files.paint_programs import (
    KNOWN,
    PaintProgram,
    argument_lists,
    find_programs,
    own_program,
)

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Give a maker of files below the test's folder; programs can be run."""

    def made(path: str, text: str = "", *, is_program: bool = False) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if is_program:
            file.chmod(0o755)
        return file

    return made


def _linux(tmp_path: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path / "home"),
        "PATH": str(tmp_path / "bin"),
        "XDG_DATA_DIRS": str(tmp_path / "share"),
    }


def _by_key(programs: tuple[PaintProgram, ...]) -> dict[str, tuple[str, ...]]:
    return {program.key: program.command for program in programs}


def test_desktop_entries_give_arguments_with_the_fields_filled(make: Make, tmp_path: Path) -> None:
    for name in ("krita", "gimp-2.10", "ink"):
        make(f"bin/{name}", is_program=True)
    make(
        "share/applications/org.kde.krita.desktop",
        "[Desktop Entry]\nExec=krita --nosplash %i %F\n[Desktop Action x]\nExec=evil\n",
    )
    make("share/applications/gimp.desktop", "[Desktop Entry]\nTryExec=gimp-2.10\nExec=gimp-2.10 %U")
    make(
        "home/.local/share/applications/inkscape.desktop",
        '[Desktop Entry]\nExec=ink "a b" "\\\\$HOME; rm" 100%% %f\n',
    )
    found = _by_key(find_programs(_linux(tmp_path), system="linux"))
    assert found == {
        "krita": ("krita", "--nosplash", "{files}"),
        "gimp": ("gimp-2.10", "{files}"),
        "inkscape": ("ink", "a b", "$HOME; rm", "100%", "{file}"),
    }


def test_flatpak_and_snap_are_found_by_their_entries(make: Make, tmp_path: Path) -> None:
    make("bin/flatpak", is_program=True)
    snap = make("snap/bin/gimp", is_program=True)
    make(
        "home/.local/share/flatpak/exports/share/applications/org.kde.krita.desktop",
        "[Desktop Entry]\nExec=flatpak run --file-forwarding org.kde.krita @@ %F @@\n",
    )
    make("share/applications/gimp_gimp.desktop", f"[Desktop Entry]\nExec=env A=b {snap} %U\n")
    make("bin/env", is_program=True)
    found = _by_key(find_programs(_linux(tmp_path), system="linux"))
    assert found["krita"][-3:] == ("@@", "{files}", "@@")
    assert found["gimp"] == ("env", "A=b", str(snap), "{files}")


@pytest.mark.parametrize(
    "entry",
    [
        "[Desktop Entry]\nExec=missing %F\n",
        "[Desktop Entry]\nHidden=true\nExec=there %F\n",
        "[Desktop Entry]\nTryExec=missing\nExec=there %F\n",
        '[Desktop Entry]\nExec=there "open\n',
        "[Desktop Entry]\nExec=\n",
        "Exec=there %F\n",
        "\0\udcff",
    ],
)
def test_an_entry_that_starts_nothing_is_no_program(entry: str, make: Make, tmp_path: Path) -> None:
    make("bin/there", is_program=True)
    path = make("share/applications/krita.desktop")
    path.write_bytes(entry.encode("utf-8", "surrogateescape"))
    assert find_programs(_linux(tmp_path), system="linux") == ()


def test_without_an_entry_the_path_is_looked_through(make: Make, tmp_path: Path) -> None:
    krita = make("bin/krita", is_program=True)
    found = _by_key(find_programs(_linux(tmp_path), system="linux"))
    assert found == {"krita": (str(krita), "{files}")}


def test_windows_programs_lie_in_their_usual_places_the_newest_first(
    make: Make, tmp_path: Path
) -> None:
    make("pf/Krita (x64)/bin/krita.exe")
    make("pf/GIMP 2/bin/gimp-2.8.exe")
    gimp = make("pf/GIMP 3/bin/gimp-3.0.exe")
    make("pf/GIMP 3/bin/gimp-console-3.0.exe")
    make("pf/Adobe/Adobe Photoshop 2023/Photoshop.exe")
    photoshop = make("pf/Adobe/Adobe Photoshop 2025/Photoshop.exe")
    make("local/Microsoft/WindowsApps/AffinityPhoto2.exe")
    make("pf/Blender Foundation/Blender 4.2/blender.exe")
    environ = {"ProgramFiles": str(tmp_path / "pf"), "LOCALAPPDATA": str(tmp_path / "local")}
    found = _by_key(find_programs(environ, system="win32"))
    assert set(found) == {"krita", "gimp", "photoshop", "affinity", "blender"}
    assert found["gimp"] == (str(gimp), "{files}")
    assert found["photoshop"][0] == str(photoshop)


def test_mac_programs_are_opened_by_open(make: Make, tmp_path: Path) -> None:
    make("Applications/krita.app/Contents/Info.plist")
    make("home/Applications/Adobe Photoshop 2025/Adobe Photoshop 2025.app/x")
    make("Applications/Blender.app/Contents/MacOS/Blender", is_program=True)
    environ = {"HOME": str(tmp_path / "home")}
    found = _by_key(find_programs(environ, system="darwin", root=tmp_path))
    krita = tmp_path / "Applications/krita.app"
    assert found["krita"] == ("/usr/bin/open", "-a", str(krita), "{files}")
    assert found["photoshop"][2].endswith("Adobe Photoshop 2025.app")
    assert found["blender"][0].endswith("Contents/MacOS/Blender")


def test_blender_loads_the_pictures_that_are_its_arguments(make: Make, tmp_path: Path) -> None:
    """A stand-in for Blender's Python runs the very code that the real one gets."""
    make("bin/blender", is_program=True)
    picture = tmp_path / 'it\'s "a" $(picture).png'
    make(
        "fake/bpy.py",
        "class Thing:\n"
        "    def __init__(self, **k): self.__dict__.update(k)\n"
        "def load(path):\n    print(path)\n    return Thing(path=path)\n"
        "space = Thing(image=None)\n"
        "area = Thing(width=9, height=9, type='VIEW_3D', spaces=Thing(active=space))\n"
        "small = Thing(width=1, height=1, type='OUTLINER', spaces=None)\n"
        "window = Thing(screen=Thing(areas=[small, area]))\n"
        "data = Thing(images=Thing(load=load), window_managers=[Thing(windows=[window])])\n",
    )
    command = _by_key(find_programs(_linux(tmp_path), system="linux"))["blender"]
    (words,) = argument_lists(command, [picture])
    code = words[words.index("--python-expr") + 1]
    checked = "\nassert bpy.area.type == 'IMAGE_EDITOR' and bpy.space.image.use_fake_user\n"
    done = subprocess.run(
        [sys.executable, "-c", code + checked, *words[words.index("--") :]],
        env={"PYTHONPATH": str(tmp_path / "fake"), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(picture)


def test_one_start_for_all_or_one_for_each() -> None:
    paths = [Path("/a b"), Path("/$(c)")]
    assert argument_lists(("p", "{files}", "-x"), paths) == [["p", "/a b", "/$(c)", "-x"]]
    assert argument_lists(("p", "--in={file}"), paths) == [["p", "--in=/a b"], ["p", "--in=/$(c)"]]


def test_ones_own_program_gets_the_file_even_when_it_was_forgotten(
    make: Make, tmp_path: Path
) -> None:
    place = make("bin/mine", is_program=True)
    environ = _linux(tmp_path)
    program = own_program("", "mine", arguments=["-n", " "], environ=environ)
    assert program == PaintProgram("own", "mine", (str(place), "-n", "{files}"))
    kept = own_program("Mine", str(place), arguments=["--f={file}; ls"], environ=environ)
    assert kept.command == (str(place), "--f={file}; ls")
    for name in ("", "not-there", str(tmp_path)):
        with pytest.raises(StorageError, match="no program"):
            own_program("", name, arguments=[], environ=environ)
    with pytest.raises(StorageError, match="too many"):
        own_program("", "mine", arguments=["a"] * 65, environ=environ)


def test_each_known_program_has_a_command_in_the_menu() -> None:
    from studio.ui.commands import COMMAND_BY_ID

    assert all(COMMAND_BY_ID[f"send_{known.key}"].text == known.name for known in KNOWN)
