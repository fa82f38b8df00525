"""GIMP, Krita and ImageMagick without a window: they open files and save what they see as PNG."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

# Reads each file, says its layers from the top, and saves what is visible as PNG.
_GIMP_SCRIPT = """
(letrec ((tell (lambda (layer depth)
    (gimp-message (string-append "layer " (number->string depth) " "
      (if (= TRUE (car (gimp-item-get-visible layer))) "visible" "hidden") " "
      (if (= -1 (car (gimp-layer-get-mask layer))) "bare" "masked") " "
      (car (gimp-item-get-name layer))))
    (if (= TRUE (car (gimp-item-is-group layer)))
      (for-each (lambda (inner) (tell inner (+ 1 depth)))
        (vector->list (cadr (gimp-item-get-children layer)))))))
  (go (lambda (in out)
    (let ((image (car (gimp-file-load RUN-NONINTERACTIVE in in))))
      (gimp-message (string-append "file " in))
      (for-each (lambda (layer) (tell layer 0))
        (vector->list (cadr (gimp-image-get-layers image))))
      (gimp-file-save RUN-NONINTERACTIVE image
        (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE)) out out)
      (gimp-image-delete image)))))
  (for-each (lambda (pair) (go (car pair) (cdr pair))) '(PAIRS)))
"""


def find(*names: str) -> str:
    """Give the program under one of these names; skips the test where none is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    pytest.skip(f"{names[0]} is not installed (packaging/test.sh --all installs it)")


def run_gimp(target_by_source: Mapping[Path, Path], home: Path) -> dict[str, list[str]]:
    """Save each file as PNG; gives file name → what GIMP says of its layers, from the top.

    A line is depth, visible or hidden, masked or bare, and the name.
    """
    program = find("gimp-console-2.10", "gimp-console")
    pairs = " ".join(f'("{source}" . "{target}")' for source, target in target_by_source.items())
    script = _GIMP_SCRIPT.replace("PAIRS", pairs).replace("\n", " ")
    ended = subprocess.run(
        [program, "-i", "-d", "-f", "--batch-interpreter=plug-in-script-fu-eval",
         "-b", script, "-b", "(gimp-quit 0)"],
        env={**os.environ, "GIMP2_DIRECTORY": str(home / "gimp")},
        capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    said: dict[str, list[str]] = {}
    for line in (ended.stdout + ended.stderr).splitlines():
        words = line.removeprefix("script-fu-Warning: ")
        if words.startswith("file "):
            said[Path(words[5:]).name] = []
        elif words.startswith("layer "):
            said[list(said)[-1]].append(words[6:])
    assert all(target.is_file() for target in target_by_source.values()), ended.stderr
    return said


def run_krita(source: Path, target: Path) -> None:
    """Save a file as another kind, by the target's suffix."""
    ended = subprocess.run(
        [find("xvfb-run"), "--auto-servernum", find("krita"),
         "--export", "--export-filename", str(target), str(source)],
        env={name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert target.is_file(), ended.stderr


def run_magick(*words: str) -> str:
    """Run ImageMagick's `convert`, or `identify` where that is the first word."""
    names = ("identify", "magick") if words[0] == "identify" else ("convert", "magick")
    given = words[1:] if words[0] == "identify" else words
    ended = subprocess.run(
        [find(*names), *given], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
