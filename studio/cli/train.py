"""`studio train`: a generator from a folder of pictures, ready to use at the end."""

import argparse
import secrets
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.output import answer, answer_json, count_of, note
from studio.cli.parsers import (
    CommandParser,
    Subparsers,
    add_command,
    add_json,
    real_number,
    whole_number,
)
from studio.cli.progress import Progress, time_text
from studio.cli.trainer import TrainerRun, do_job, watch_run
from studio.core.errors import TrainingError
from studio.core.model_card import Right
from studio.core.training_spec import (
    CHANNELS,
    MAX_RESOLUTION,
    MIN_RESOLUTION,
    Precision,
    TrainingSpec,
    check_spec,
    make_spec,
)
from studio.dataset.prepare import Manifest, prepare
from studio.engine.proof import largest_difference
from studio.files.atomic import write_bytes_atomic
from studio.files.places import shipped_models, studio_home
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.training_messages import (
    JOB_FILE,
    SPEC_FILE,
    Exported,
    ExportJob,
    ModelWish,
    RunJob,
    SealJob,
)

_EXAMPLES: Final = """  studio train ~/pictures --resolution 128 --name "My garden" --minutes 90
  studio train ~/pictures --resolution 64 --name Study --config sketch --kimg 20
  studio train --resume 3f2a91c04b7d
  studio train ~/pictures --spec models/landscapes/spec.json --name "Landscapes again"
"""
_DEFAULT_KIMG: Final = 150.0
# What the graph may differ from the network: float32 sums in another order give some 1e-5.
_MAX_EXPORT_ERROR: Final = 1e-3


def add_parser(subparsers: Subparsers) -> None:
    """Add `train`."""
    parser = add_command(
        subparsers,
        "train",
        purpose="train a generator on a folder of pictures",
        detail="The folder is only read. Ctrl-C saves; --resume goes on.",
        examples=_EXAMPLES,
    )
    parser.add_argument("folder", nargs="?", type=Path, help="the pictures (folders inside count)")
    parser.add_argument("--name", help="what the model is called")
    parser.add_argument(
        "--resolution",
        type=int,
        metavar="R",
        help=f"side of the pictures, a power of two, {MIN_RESOLUTION} to {MAX_RESOLUTION}",
    )
    parser.add_argument(
        "--config",
        choices=tuple(CHANNELS),
        help="size of the network: s for a graphics card, xs, sketch for a processor (default)",
    )
    parser.add_argument("--spec", type=Path, metavar="FILE", help="take every number from a spec")
    _add_how_long(parser)
    _add_rights(parser)
    add_json(parser)


def _add_how_long(parser: CommandParser) -> None:
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--kimg",
        type=real_number(0.01, 1e6),
        metavar="N",
        help=f"thousand pictures to learn from (default {_DEFAULT_KIMG:g})",
    )
    length.add_argument(
        "--minutes", type=real_number(0.1, 1e6), metavar="M", help="how long it may take"
    )
    parser.add_argument("--resume", metavar="RUN", help="go on with a run: its id or its folder")
    parser.add_argument(
        "--threads", type=whole_number(1, 512), metavar="N", help="processor threads to use"
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        default="auto",
        help="bf16 is twice as fast where the processor has it",
    )
    parser.add_argument("--seed", type=whole_number(0, 2**31 - 1), default=1, metavar="N")


def _add_rights(parser: CommandParser) -> None:
    parser.add_argument(
        "--rights",
        type=Path,
        metavar="FILE",
        help='JSON list of {"source", "licence", "credit"}: where the pictures come from',
    )
    parser.add_argument(
        "--credit", default="", metavar="TEXT", help="the line that every export carries"
    )


def run(args: argparse.Namespace) -> int:
    """Run `train`; gives the exit status, 130 when it was stopped by hand."""
    place = _resumed(args) if args.resume else _begun(args)
    note(f"Run {place.name}")
    watched = watch_run(place, is_silent=args.json)
    if watched.reason == "stopped":
        note(f"Stopped and saved. To go on: studio train --resume {place.name}")
        return 130
    note("Making the model …")
    _answer(args, place, watched=watched, made=_deliver(place))
    return 0


# ------------------------------------------------------------------------------------ begin


def _begun(args: argparse.Namespace) -> Path:
    """Gives the folder of a new run, with everything in it that a trainer needs."""
    if args.folder is None or not args.name:
        raise TrainingError(
            "A new run needs a folder of pictures and a name.",
            "Write: studio train FOLDER --resolution 128 --name NAME",
        )
    spec = _spec(args)
    place = studio_home() / "runs" / secrets.token_hex(6)
    progress: Progress | None = None

    def count(done: int, total: int) -> None:
        nonlocal progress
        progress = progress or Progress("files read", total, is_silent=args.json)
        progress.advance(done - progress.num_done)

    folder = args.folder.expanduser()
    manifest = prepare(folder, place, resolution=spec.resolution, crops=spec.crops, progress=count)
    if progress is not None:
        progress.close()
    _tell_left_out(manifest)
    write_bytes_atomic(place / SPEC_FILE, msgspec.json.format(msgspec.json.encode(spec), indent=2))
    wish = ModelWish(
        name=args.name,
        rights=_rights(args.rights, folder),
        credit=args.credit,
        command=_command(args, spec),
    )
    job = RunJob(wish=wish, threads=args.threads, minutes=args.minutes)
    write_bytes_atomic(place / JOB_FILE, encode_line(job))
    return place


def _spec(args: argparse.Namespace) -> TrainingSpec:
    try:
        if args.spec is None:
            if args.resolution is None:
                raise ValueError("--resolution is missing")
            return make_spec(
                resolution=args.resolution,
                config=args.config or "sketch",
                kimg=args.kimg or _DEFAULT_KIMG,
                seed=args.seed,
                precision=choose_precision(args.precision),
            )
        spec = msgspec.json.decode(args.spec.read_bytes(), type=TrainingSpec)
        if args.kimg is not None:
            spec = msgspec.structs.replace(spec, kimg=args.kimg)
        check_spec(spec)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise TrainingError(
            f"This cannot be trained: {error}.",
            f"Choose a resolution of 16, 32, 64 … {MAX_RESOLUTION}, or another spec.",
        ) from error
    return spec


def choose_precision(wish: str) -> Precision:
    """Gives the precision of the large layers; "auto" takes bf16 where it is fast."""
    if wish == "auto":
        return "bf16" if _has_fast_bf16() else "fp32"
    return "bf16" if wish == "bf16" else "fp32"


def _has_fast_bf16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False  # not Linux: not tried, so the exact way
    return "avx512_bf16" in flags or "amx_bf16" in flags


def _tell_left_out(manifest: Manifest) -> None:
    note(
        f"{count_of(manifest.num_pictures, 'picture')}, "
        f"{count_of(len(manifest.squares), 'square')} of {manifest.resolution} px"
    )
    for one in manifest.left_out[:10]:
        note(f"  left out: {one.file}: {one.reason}")
    if len(manifest.left_out) > 10:
        note(f"  … and {len(manifest.left_out) - 10} more (manifest.json of the run)")


def _rights(path: Path | None, folder: Path) -> tuple[Right, ...]:
    if path is None:
        return (Right(source=f"folder “{folder.name}”", licence="not stated", credit=""),)
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Right, ...])
    except (OSError, msgspec.DecodeError) as error:
        raise TrainingError(
            f"The statement of rights cannot be read ({error}).",
            'Write a JSON list of {"source": …, "licence": …, "credit": …}.',
        ) from error


def _command(args: argparse.Namespace, spec: TrainingSpec) -> str:
    words = ["studio train FOLDER", f"--name “{args.name}”"]
    if args.spec is not None:
        words.append("--spec spec.json")
    else:
        words += [f"--resolution {spec.resolution}", f"--config {args.config or 'sketch'}"]
        words.append(f"--precision {spec.precision}")
    words.append(f"--minutes {args.minutes:g}" if args.minutes else f"--kimg {spec.kimg:g}")
    return " ".join(words)


def _resumed(args: argparse.Namespace) -> Path:
    """Gives the folder of a run that exists, its job brought up to date."""
    given = Path(args.resume)
    place = given if given.is_dir() else studio_home() / "runs" / args.resume
    if not (place / JOB_FILE).is_file():
        raise TrainingError(
            f"There is no run called “{args.resume}”.",
            "`studio train FOLDER …` begins one and says its id.",
        )
    job = _read_run_job(place)
    changes: dict[str, Any] = {}
    if args.threads is not None:
        changes["threads"] = args.threads
    if args.minutes is not None or args.kimg is not None:
        changes["minutes"] = args.minutes
    if changes:
        job = msgspec.structs.replace(job, **changes)
        write_bytes_atomic(place / JOB_FILE, encode_line(job))
    return place


def _read_run_job(place: Path) -> RunJob:
    decoder: LineDecoder[RunJob] = LineDecoder(RunJob)
    try:
        return decoder.decode((place / JOB_FILE).read_bytes())
    except (OSError, ProtocolError) as error:
        raise TrainingError(
            f"The run “{place.name}” cannot be read.", "Start the training again."
        ) from error


# --------------------------------------------------------------------------------------- end


def _deliver(place: Path) -> tuple[Path, float]:
    """Makes the model, proves it by running it, seals its card; gives folder and error."""
    models = studio_home() / "models"
    shipped = shipped_models()
    taken = tuple(path.name for path in shipped.iterdir()) if shipped.is_dir() else ()
    wish = _read_run_job(place).wish
    made = do_job(place, ExportJob(wish=wish, models=str(models), taken=taken), name="export")
    if not isinstance(made, Exported):
        raise TrainingError("The model was not made.", f"Resume the run “{place.name}”.")
    folder = Path(made.folder)
    error = largest_difference(folder, Path(made.reference).read_bytes())
    if not error <= _MAX_EXPORT_ERROR:
        raise TrainingError(
            f"The model in “{folder.name}” differs from what was trained by {error:.2g}.",
            "Do not use it; tell the makers of the program.",
        )
    do_job(place, SealJob(folder=str(folder), export_error=error), name="seal")
    return folder, error


def _answer(
    args: argparse.Namespace, place: Path, *, watched: TrainerRun, made: tuple[Path, float]
) -> None:
    path, error = made
    if args.json:
        answer_json(
            {
                "schema": 1,
                "run": place.name,
                "model": path.name,
                "folder": str(path),
                "kimg": watched.kimg,
                "seconds": watched.seconds,
                "export_error": error,
            }
        )
        return
    note(
        f"{watched.kimg:g} thousand pictures in {time_text(watched.seconds)}; "
        f"graph and network differ by at most {error:.1e}"
    )
    answer(str(path))
