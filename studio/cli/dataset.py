"""`studio dataset check`: what a folder of pictures is good for, before anything is trained."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from studio.cli.output import answer, answer_json, count_of, note, table
from studio.cli.parsers import Subparsers, add_command, add_json, whole_number
from studio.cli.progress import Progress, time_text
from studio.core.errors import EngineError, StudioError
from studio.core.folder_report import (
    FEW_PICTURES,
    FileReport,
    Finding,
    FolderChoices,
    FolderReport,
    is_mirrored,
)
from studio.core.training_spec import MAX_RESOLUTION, MIN_RESOLUTION
from studio.dataset.packed import folder_of
from studio.dataset.prepare import MIN_PICTURES
from studio.dataset.scan import Embed, scan_folder
from studio.engine.features import FeatureNetwork
from studio.files.places import studio_home

_EXAMPLES: Final = """  studio dataset check ~/pictures
  studio dataset check ~/pictures --resolution 256 --all
  studio dataset check ~/pictures --json > report.json
  studio dataset check ~/pictures --out ~/report
  studio dataset check faces-64.zip
"""
_FINDINGS: Final[dict[Finding, str]] = {
    "good": "good",
    "near_duplicate": "nearly the same as another",
    "outlier": "unlike the others",
    "duplicate": "the same as another",
    "small": "too small",
    "damaged": "damaged",
    "refused": "not opened",
}
_NUM_EXAMPLES: Final = 3
_STATUS_TOO_FEW: Final = 1


def add_parser(subparsers: Subparsers) -> None:
    """Add `dataset`."""
    parser = add_command(
        subparsers,
        "dataset",
        purpose="look at a folder of pictures before training on it",
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="check")
    check = add_command(
        actions,
        "check",
        purpose="say what is good, too small, damaged, repeated or unlike the rest",
        detail="The folder is only read. Status 1 when there are too few pictures to train on.",
        examples=_EXAMPLES,
    )
    check.add_argument(
        "folder", type=Path, help="the pictures (folders inside count), or a zip of them"
    )
    check.add_argument(
        "--resolution",
        type=whole_number(MIN_RESOLUTION, MAX_RESOLUTION),
        default=128,
        metavar="R",
        help="side of the finished picture; below half of it a picture is too small (128)",
    )
    check.add_argument("--all", action="store_true", help="name every file that is not simply good")
    check.add_argument(
        "--out", type=Path, metavar="DIR", help="write report.json and small pictures there"
    )
    add_json(check)


def run(args: argparse.Namespace) -> int:
    """Run `dataset check`."""
    folder = folder_of(args.folder.expanduser(), studio_home())
    target = args.out and args.out.expanduser()
    if target is not None and target.resolve().is_relative_to(folder.resolve()):
        raise StudioError(
            "The report would lie inside the folder of pictures, which is only read.",
            "Choose another place for --out.",
        )
    with _Bar(is_silent=args.json) as bar:
        report = scan_folder(
            folder, target, resolution=args.resolution, embed=_embed(), tell=bar.show
        )
    if args.json:
        fields: dict[str, Any] = msgspec.to_builtins(report)
        answer_json(fields)
    else:
        _tell(report, names_all=args.all)
    if report.num_usable < MIN_PICTURES:
        note(
            f"A generator needs at least {MIN_PICTURES} pictures. "
            "Add pictures to the folder, or choose another one."
        )
        return _STATUS_TOO_FEW
    return 0


def _embed() -> Embed | None:
    try:
        return FeatureNetwork("phi-1").embed
    except EngineError as error:
        note(f"{error.what} Pictures that are unlike the others are not looked for.")
        return None


class _Bar:
    """How far the look is; how many files there are is known once two tellings agree."""

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent
        self._bar: Progress | None = None
        self._num_found = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, num_found: int, num_read: int) -> None:
        """Show it."""
        if self._bar is None and num_found == self._num_found > 0:
            self._bar = Progress("files looked at", num_found, is_silent=self._is_silent)
        self._num_found = num_found
        if self._bar is not None and num_read > self._bar.num_done:
            self._bar.advance(num_read - self._bar.num_done)


def _tell(report: FolderReport, *, names_all: bool) -> None:
    rows = []
    files_by_finding = {
        finding: [file for file in report.files if file.finding == finding] for finding in _FINDINGS
    }
    for finding, words in _FINDINGS.items():
        files = files_by_finding[finding]
        used = sum(file.is_used for file in files)
        if files or finding == "good":
            rows.append((words, f"{len(files):,}", f"{used:,}"))
    answer(table(("files", "found", "used"), rows))
    for finding in list(_FINDINGS)[1:]:
        files = files_by_finding[finding]
        if files:
            _tell_files(_FINDINGS[finding], files, limit=len(files) if names_all else _NUM_EXAMPLES)
    answer("")
    for sentence in _facts(report):
        answer(sentence)
    for sentence in advice(report):
        answer(sentence)


def _tell_files(words: str, files: Sequence[FileReport], *, limit: int) -> None:
    answer(f"\n{words[0].upper()}{words[1:]}:")
    for file in files[:limit]:
        answer(f"  {plain(file.file)}: {plain(file.reason)}")
    if len(files) > limit:
        answer(f"  … and {len(files) - limit:,} more (--all names them)")


def _facts(report: FolderReport) -> list[str]:
    shapes = ", ".join(f"{count:,} {name}" for name, count in report.aspects.items() if count)
    facts = [
        f"{count_of(report.num_usable, 'picture')} can be used"
        + (f": {shapes}; the smallest side is {report.smallest_side} px." if shapes else ".")
    ]
    if report.num_squares:
        facts.append(f"They are cut into {count_of(report.num_squares, 'square')}.")
    if report.num_others:
        facts.append(f"{count_of(report.num_others, 'other file')} are no pictures.")
    if not report.is_whole:
        facts.append("The folder holds more files than are looked at.")
    return [*facts, f"Looked at in {time_text(report.seconds)}."]


def advice(report: FolderReport) -> list[str]:
    """Give what is worth doing about a folder, a sentence each."""
    said = []
    counts = dict.fromkeys(_FINDINGS, 0)
    for file in report.files:
        counts[file.finding] += file.is_used
    if report.num_usable < FEW_PICTURES:
        said.append(f"Few pictures. Below about {FEW_PICTURES} the model repeats itself.")
    if report.num_usable and is_mirrored(FolderChoices(), report.num_usable):
        said.append("Mirroring doubles them; it also mirrors signatures and writing.")
    if count := counts["near_duplicate"]:
        verb = "looks like another" if count == 1 else "look like others"
        said.append(f"{count:,} {verb}. Nearly the same picture twice teaches copying.")
    if count := counts["outlier"]:
        what = "1 is" if count == 1 else f"{count:,} are"
        them = "It pulls" if count == 1 else "They pull"
        said.append(f"{what} unlike the others. {them} the model away from your style.")
    if report.colour != "coloured":
        what = "nearly grey" if report.colour == "nearly_grey" else "in few colours"
        said.append(f"The pictures are {what}: colours are not varied while training.")
    return said


def plain(text: str) -> str:
    """Give a text for one line of a terminal: what moves the cursor or turns letters is written out."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
