"""`studio score --check`: damage to real pictures must move the figures the right way."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.cli.output import answer, answer_json, table
from studio.cli.progress import Progress
from studio.core.errors import StudioError
from studio.core.scores import Pictures, add_noise, blur
from studio.engine.closeness import slight_copy
from studio.engine.scoring import RealPictures, Scoring
from studio.files.images import decode_picture, encode_jpeg

CASES: Final = ("real", "blur", "noise", "JPEG", "collapsed", "copied")
_NUM_PICTURES: Final = 200
_KINDS_SHARE: Final = 25  # a collapsed generator makes one picture in so many
_JPEG_QUALITY: Final = 5


class Verdict(msgspec.Struct, frozen=True):
    """Whether one expectation was met."""

    what: str
    is_met: bool


def damaged(case: str, other_NRR3: Pictures, *, training_NRR3: Pictures) -> Pictures:
    """Give what a generator with this fault would make.

    Args:
        case: One of `CASES`.
        other_NRR3: Real pictures that are not in the training set.
        training_NRR3: The training set.
    """
    match case:
        case "real":
            return other_NRR3
        case "blur":
            return blur(other_NRR3, sigma_px=other_NRR3.shape[1] / 64)
        case "noise":
            return add_noise(other_NRR3, deviation=20)
        case "JPEG":
            rows = [decode_picture(encode_jpeg(row, quality=_JPEG_QUALITY)) for row in other_NRR3]
            return np.stack(rows)
        case "collapsed":
            kinds = max(2, len(other_NRR3) // _KINDS_SHARE)
            return np.stack([other_NRR3[row % kinds] for row in range(len(other_NRR3))])
        case "copied":
            count = len(other_NRR3)
            chosen = training_NRR3[np.arange(count) * len(training_NRR3) // count]
            # Other changes than the ones that the limits were measured with.
            copies = [slight_copy(row, number=1_000_000 + n) for n, row in enumerate(chosen)]
            return np.stack(copies)
    raise ValueError(f"no case {case!r}")


def split(files: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give rows for training (two thirds of the pictures) and the others, spread evenly."""
    names = {file: number for number, file in enumerate(dict.fromkeys(files))}
    is_other = np.array([names[file] % 3 == 2 for file in files])
    return np.flatnonzero(~is_other), np.flatnonzero(is_other)


def measure(
    pictures_NRR3: Pictures, files: Sequence[str], *, bar: Progress | None = None
) -> dict[str, Scoring]:
    """Give the scoring of each case."""
    training, others = split(files)
    picked = others[np.unique(np.linspace(0, len(others) - 1, _NUM_PICTURES).astype(int))]
    real = RealPictures(
        pictures_NRR3[training], [files[row] for row in training], num_most=_NUM_PICTURES
    )
    found = {}
    for case in CASES:
        made = damaged(case, pictures_NRR3[picked], training_NRR3=pictures_NRR3[training])
        found[case] = real.score(made)
        if bar is not None:
            bar.advance()
    return found


def judge(found: dict[str, Scoring]) -> list[Verdict]:
    """Give what must hold, and whether it does."""
    value = {
        case: {name: figure.value for name, figure in scoring.figures.items()}
        for case, scoring in found.items()
    }
    real, finest = value["real"], next(name for name in value["real"] if name.startswith("sliced"))
    raised = [
        (case, name)
        for case in ("blur", "noise", "JPEG", "collapsed")
        for name in ("likeness", "likeness_random", *([finest] if case != "collapsed" else []))
    ]
    verdicts = [
        Verdict(f"{case} raises {name}", value[case][name] > real[name]) for case, name in raised
    ]
    lowered = value["collapsed"]["variety"] < 0.5 * real["variety"]
    verdicts.append(Verdict("a collapsed generator halves variety", lowered))
    verdicts.append(Verdict("a copied training set is seen", value["copied"]["copies"] >= 0.9))
    verdicts.append(Verdict("real pictures are no copies", real["copies"] <= 0.05))
    blurred = found["real"].scale
    near = blurred is not None and blurred.value > 80
    verdicts.append(Verdict("real pictures score above 80 of 100", near))
    return verdicts


def check_folder(pictures_NRR3: Pictures, files: Sequence[str], *, as_json: bool) -> int:
    """Print the table of all cases; gives the exit status: 1 when an expectation is not met."""
    try:
        with Progress("cases", len(CASES), is_silent=as_json) as bar:
            found = measure(pictures_NRR3, files, bar=bar)
    except ValueError as error:
        raise StudioError(
            "The folder is too small to be split into three.", "Check with a larger folder."
        ) from error
    verdicts = judge(found)
    if as_json:
        answer_json(
            {
                "schema": 1,
                "cases": {case: msgspec.to_builtins(scoring) for case, scoring in found.items()},
                "verdicts": msgspec.to_builtins(verdicts),
            }
        )
    else:
        names = list(found["real"].figures)
        rows = [
            (name, *(f"{found[case].figures[name].value:.3f}" for case in CASES)) for name in names
        ]
        rows.append(("scale 0-100", *(_scale(found[case]) for case in CASES)))
        answer(table(("measure", *CASES), rows))
        answer("")
        for verdict in verdicts:
            answer(f"{'yes' if verdict.is_met else 'NO '}  {verdict.what}")
    return 0 if all(verdict.is_met for verdict in verdicts) else 1


def _scale(scoring: Scoring) -> str:
    return "–" if scoring.scale is None else f"{scoring.scale.value:.0f}"
