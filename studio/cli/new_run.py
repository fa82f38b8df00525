"""A new run from nothing: the folder prepared, every number in a spec."""

import argparse
import secrets
from pathlib import Path
from typing import Final

import msgspec

from studio.cli.output import count_of, note
from studio.cli.progress import Progress
from studio.core.errors import TrainingError
from studio.core.model_card import Right
from studio.core.training_spec import (
    MAX_RESOLUTION,
    Precision,
    TrainingSpec,
    check_spec,
    make_spec,
    spec_json,
)
from studio.dataset.packed import folder_of
from studio.dataset.prepare import Manifest, prepare
from studio.files.atomic import write_bytes_atomic
from studio.files.places import shipped_models, studio_home
from studio.library.run_shelf import RUNS
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import JOB_FILE, SPEC_FILE, ModelWish, RunJob

_DEFAULT_KIMG: Final = 150.0


def begin_from_nothing(args: argparse.Namespace) -> Path:
    """Gives the folder of a new run that starts from nothing.

    Raises:
        StudioError: a folder, a spec or a statement that cannot be used.
    """
    spec = _spec(args)
    place = new_folder()
    progress: Progress | None = None

    def count(done: int, total: int) -> None:
        nonlocal progress
        progress = progress or Progress("files read", total, is_silent=args.json)
        progress.advance(done - progress.num_done)

    folder = folder_of(args.folder.expanduser(), studio_home())
    manifest = prepare(folder, place, resolution=spec.resolution, crops=spec.crops, progress=count)
    if progress is not None:
        progress.close()
    _tell_left_out(manifest)
    write_bytes_atomic(place / SPEC_FILE, msgspec.json.format(spec_json(spec), indent=2))
    wish = ModelWish(
        name=args.name,
        rights=read_rights(args.rights) or _unstated(folder),
        credit=args.credit,
        command=_command(args, spec),
    )
    write_job(place, wish, args=args)
    return place


def new_folder() -> Path:
    """Gives the path of a new run's folder; it is made with its first file."""
    return studio_home() / RUNS / secrets.token_hex(6)


def write_job(place: Path, wish: ModelWish, *, args: argparse.Namespace) -> None:
    """Writes the job of a run that makes its model at the end."""
    job = RunJob(
        wish=wish,
        threads=args.threads,
        minutes=args.minutes,
        is_detached=args.detach,
        models=str(studio_home() / "models"),
        taken=taken_ids(),
    )
    write_bytes_atomic(place / JOB_FILE, encode_line(job))


def taken_ids() -> tuple[str, ...]:
    """Gives the ids of the shipped models."""
    shipped = shipped_models()
    return tuple(sorted(path.name for path in shipped.iterdir())) if shipped.is_dir() else ()


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


def _unstated(folder: Path) -> tuple[Right, ...]:
    return (Right(source=f"folder “{folder.name}”", licence="not stated", credit=""),)


def read_rights(path: Path | None) -> tuple[Right, ...]:
    """Gives the statement of rights in a file, none without a file.

    Raises:
        TrainingError: the file cannot be read as one.
    """
    if path is None:
        return ()
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
