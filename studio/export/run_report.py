"""The report of a training run: one page to read, to print, or to send with a model.

A single HTML file that needs nothing beside it and asks for nothing from a network.
"""

import base64
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from studio.core.folder_report import (
    CHOICES_FILE,
    REPORT_FILE,
    FolderChoices,
    FolderReport,
    is_used,
)
from studio.core.model_card import ModelCard, Right
from studio.core.run_plan import PLAN_FILE, RunPlan
from studio.core.snapshot import NEAREST_FILE, SHEET_FILE, SNAPSHOT_FILE, SNAPSHOTS_FOLDER, Snapshot
from studio.core.training_spec import TrainingSpec
from studio.export.line_chart import Line, line_chart
from studio.files.atomic import write_bytes_atomic
from studio.protocol.run_state import RunState as State
from studio.protocol.run_state import fold, read_events
from studio.protocol.training_messages import (
    JOB_FILE,
    SPEC_FILE,
    START_CARD_FILE,
    Adapted,
    Gauged,
    Progress,
    RolledBack,
    RunJob,
    TrainerEvent,
)

REPORT_PAGE: Final = "report.html"
_ENDS: Final = {
    None: "It is not at its end.",
    "done": "It came to its planned end.",
    "time": "It ended when its time was up.",
    "stopped": "It was stopped by hand.",
    "best": "It ended by itself: it would not have got better.",
}
_STYLE: Final = """
@page { size: A4; margin: 14mm }
body { font: 10pt/1.45 system-ui, "Noto Sans SC", sans-serif; color: #222; max-width: 180mm;
       margin: 8mm auto }
h1 { font-size: 17pt; font-weight: 600; margin: 0 0 1mm }
h2 { font-size: 11pt; font-weight: 600; margin: 6mm 0 1.5mm }
p { margin: 0 0 1.5mm } .quiet { color: #666 }
table { border-collapse: collapse } td { padding: .4mm 5mm .4mm 0; vertical-align: top }
td:first-child { color: #666; white-space: nowrap }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm }
.sheet { width: 100% } .pairs { width: 44mm; image-rendering: auto }
.beside { display: flex; gap: 6mm; align-items: flex-start }
figure { margin: 0; break-inside: avoid } figcaption { color: #666; font-size: 9pt }
"""
_T = TypeVar("_T")


def write_report(run: Path) -> Path:
    """Write `report.html` into a run folder, from what lies in it; gives its path.

    What is missing or damaged is left out; a run that has only begun has a short report.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    events = list(read_events(run))
    state = State()
    for event in events:
        state = fold(state, event)
    snapshots = _snapshots(run)
    best = next((one for one in snapshots if state.best and one.images == state.best.images), None)
    job = _read(run / JOB_FILE, RunJob)
    name = job.wish.name if job is not None else run.name
    parts = [
        f"<h1>{_text(name)}</h1>",
        f"<p class=quiet>Training report, run {_text(run.name)}. {_ENDS[state.reason]}</p>",
        _run_part(run, state),
        _folder_part(run),
        _curves_part(events, snapshots),
        _notes_part(events),
        _best_part(run, best or (snapshots[-1] if snapshots else None), is_best=best is not None),
        _rights_part(run, job),
    ]
    page = (
        f'<!doctype html><html lang=en><meta charset="utf-8"><title>{_text(name)}</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )
    path = run / REPORT_PAGE
    write_bytes_atomic(path, page.encode("utf-8"), name="the report")
    return path


# --------------------------------------------------------------------------------- sections


def _run_part(run: Path, state: State) -> str:
    plan = _read(run / PLAN_FILE, RunPlan)
    spec = _read(run / SPEC_FILE, TrainingSpec)
    rows = [("Learned from", f"{state.kimg:.1f} thousand pictures seen, in {_time(state.seconds)}")]
    if plan is not None:
        start = "nothing" if plan.start is None else f"“{plan.start.name}”"
        rows.append(("Started from", f"{start}. {plan.why}"))
        rows.append(
            (
                "Planned",
                (
                    f"{plan.kimg:g} thousand pictures in about {_time(plan.seconds)}, "
                    f"{plan.seconds_per_kimg:.0f} s per thousand"
                ),
            )
        )
    if spec is not None:
        rows.append(("Network", _network_words(spec)))
        rows.append(("Steps", _step_words(spec)))
    return "<h2>The run</h2>" + _table(rows)


def _network_words(spec: TrainingSpec) -> str:
    widest = max(spec.channels.values())
    return f"pictures of {spec.resolution} px, up to {widest} channels, {spec.precision}"


def _step_words(spec: TrainingSpec) -> str:
    words = f"{spec.batch} pictures a step, step size {spec.generator_lr:g}"
    if spec.tune is None:
        return words + ", from nothing"
    tune = spec.tune
    held = f", the critic's {tune.frozen_blocks} largest blocks held" if tune.frozen_blocks else ""
    return f"{words}{held}, scored every {tune.controls.evaluate_kimg:g} thousand"


def _folder_part(run: Path) -> str:
    report = _read(run / REPORT_FILE, FolderReport)
    if report is None:
        return ""
    choices = _read(run / CHOICES_FILE, FolderChoices) or FolderChoices()
    left_out = [one for one in report.files if not is_used(one, choices)]
    plan = _read(run / PLAN_FILE, RunPlan)
    rows = [("Folder", f"“{report.name}”, {len(report.files)} files")]
    if plan is not None:
        rows.append(
            (
                "Pictures",
                (
                    f"{plan.num_pictures} learned from, as {plan.num_squares} squares; "
                    f"{plan.num_held_out} pictures held out to measure with"
                ),
            )
        )
    shapes = ", ".join(f"{count} {kind}" for kind, count in report.aspects.items() if count)
    rows.append(("Shapes", shapes or "–"))
    rows.append(("Left out", _left_out_words([(one.file, one.reason) for one in left_out])))
    return "<h2>The folder</h2>" + _table(rows)


def _left_out_words(files: Sequence[tuple[str, str]]) -> str:
    if not files:
        return "none"
    named = "; ".join(f"{file} ({reason})" for file, reason in files[:8])
    return named if len(files) <= 8 else f"{named}; and {len(files) - 8} more"


def _curves_part(events: Sequence[TrainerEvent], snapshots: Sequence[Snapshot]) -> str:
    steps = [event for event in events if isinstance(event, Progress)]
    gauges = [event for event in events if isinstance(event, Gauged)]
    scored = [(one.images / 1000, one.scores) for one in snapshots if one.scores is not None]
    charts = [
        line_chart(
            "Likeness to pictures it never learned from (lower is nearer)",
            [
                Line("likeness", [(kimg, scores.likeness) for kimg, scores in scored]),
                Line("floor", [(kimg, scores.likeness_floor) for kimg, scores in scored]),
            ],
        ),
        line_chart(
            "Variety and near copies, share",
            [
                Line("variety", [(kimg, scores.variety) for kimg, scores in scored]),
                Line("near copies", [(kimg, scores.copies) for kimg, scores in scored]),
            ],
        ),
        line_chart(
            "Losses",
            [
                Line("critic", _points(steps, "critic_loss")),
                Line("generator", _points(steps, "generator_loss")),
            ],
        ),
        line_chart(
            "Learned by heart (0 not at all, 1 wholly)",
            [Line("gauge", [(one.kimg, one.overfit) for one in gauges if one.overfit is not None])],
        ),
    ]
    drawn = [f"<figure>{chart}</figure>" for chart in charts if chart]
    return f"<h2>Curves</h2><div class=charts>{''.join(drawn)}</div>" if drawn else ""


def _points(steps: Sequence[Progress], field: str) -> list[tuple[float, float]]:
    pairs = [(event.kimg, getattr(event, field)) for event in steps]
    return [(kimg, value) for kimg, value in pairs if value is not None]


def _notes_part(events: Sequence[TrainerEvent]) -> str:
    said = []
    for event in events:
        if isinstance(event, Adapted):
            said.append(f"At {event.kimg:.1f}: {event.what}")
        elif isinstance(event, RolledBack):
            said.append(f"At {event.from_kimg:.1f}: went back to {event.to_kimg:.1f}.")
    if not said:
        return ""
    lines = "".join(f"<p>{_text(line)}</p>" for line in said[-20:])
    return f"<h2>What was adapted</h2>{lines}"


def _best_part(run: Path, snapshot: Snapshot | None, *, is_best: bool) -> str:
    if snapshot is None:
        return ""
    head = "The best snapshot" if is_best else "The newest snapshot"
    caption = f"Snapshot {snapshot.number}, after {snapshot.images / 1000:.1f} thousand pictures"
    scores = snapshot.scores
    if scores is not None:
        caption += (
            f": likeness {scores.likeness:.1f} (floor {scores.likeness_floor:.1f}), variety "
            f"{scores.variety:.0%}, near copies {scores.copies:.0%} of {scores.num_made} "
            f"(at most {scores.copies_high:.0%})"
        )
    sheet = _picture(run / snapshot.folder / SHEET_FILE, kind="sheet")
    pairs = _picture(run / snapshot.folder / NEAREST_FILE, kind="pairs")
    copies = sum(one.is_copy for one in snapshot.nearest)
    beside = ""
    if pairs:
        words = f"Nearest pairs, made left and learned right; {copies} of them count as copies"
        beside = f"<figure>{pairs}<figcaption>{words}</figcaption></figure>"
    figure = f"<figure>{sheet}<figcaption>{_text(caption)}</figcaption></figure>"
    return f"<h2>{head}</h2><div class=beside>{figure}{beside}</div>"


def _rights_part(run: Path, job: RunJob | None) -> str:
    choices = _read(run / CHOICES_FILE, FolderChoices)
    start = _read(run / START_CARD_FILE, ModelCard)
    rights: list[Right] = list(job.wish.rights) if job is not None else []
    if not rights and choices is not None and choices.right is not None:
        rights = [choices.right]
    rows = [("This folder", _right_words(one)) for one in rights]
    if not rights:
        rows.append(("This folder", "Nothing was said about the rights in these pictures."))
    if start is not None:
        rows += [(f"From “{start.name}”", _right_words(one)) for one in start.rights]
    return "<h2>Rights</h2>" + _table(rows)


def _right_words(right: Right) -> str:
    return ", ".join(part for part in (right.source, right.licence, right.credit) if part)


# ------------------------------------------------------------------------------------ parts


def _snapshots(run: Path) -> list[Snapshot]:
    found = [_read(path, Snapshot) for path in (run / SNAPSHOTS_FOLDER).glob(f"*/{SNAPSHOT_FILE}")]
    return sorted((one for one in found if one is not None), key=lambda one: one.images)


def _read(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _table(rows: Sequence[tuple[str, str]]) -> str:
    lines = (f"<tr><td>{_text(name)}</td><td>{_text(words)}</td></tr>" for name, words in rows)
    return f"<table>{''.join(lines)}</table>"


def _picture(path: Path, *, kind: str) -> str:
    try:
        content = base64.b64encode(path.read_bytes()).decode("ascii")
    except OSError:
        return ""
    return f'<img class={kind} alt="{kind}" src="data:image/webp;base64,{content}">'


def _text(words: str) -> str:
    return html.escape(words)


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
