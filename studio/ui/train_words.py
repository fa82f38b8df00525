"""The words of the Train place: times, sizes, and a line for each thing found in a folder."""

from typing import Final, Literal

import msgspec

from studio.app.folder_desk import FolderState
from studio.app.training_folder import MIN_USED, FolderSummary
from studio.core.folder_report import FEW_PICTURES, Finding, is_mirrored
from studio.core.run_plan import Check, RunPlan
from studio.ui.seed_row import group_digits
from studio.ui.texts import N_, tr, tr_plural, tr_sentence

Tone = Literal["ok", "warn", "error", "info"]
TONE_ICONS: Final[dict[Tone, str]] = {
    "ok": "check",
    "warn": "warning",
    "error": "error",
    "info": "info",
}
TONE_NAMES: Final[dict[Tone, str]] = {
    "ok": N_("Good"),
    "warn": N_("Worth a look"),
    "error": N_("Must be changed"),
    "info": N_("Good to know"),
}
# The order in which findings are told: what the artist can do something about comes first.
FINDING_ORDER: Final[tuple[Finding, ...]] = (
    "near_duplicate", "outlier", "duplicate", "small", "damaged", "refused",
)  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One line of a list: a sign, a bold line, a grey sentence, and what can be pressed.

    Attributes:
        key: What it is about.
        tone: Which sign.
        title: One short bold line.
        text: One sentence, "" for none.
        buttons: (key, words) of each button.
        is_plain: Whether the title is no heading and not bold.
    """

    key: str
    tone: Tone
    title: str
    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    is_plain: bool = False


def lines_of(summary: FolderSummary, *, can_change: bool = True) -> tuple[Line, ...]:
    """Give a line for each thing found in a folder; without buttons once nothing can change."""
    lines = [_usable(summary)]
    if MIN_USED <= summary.num_used < FEW_PICTURES:
        lines.append(_few(summary))
    lines += [
        _found(finding, count, num_used=summary.num_used_by_finding.get(finding, 0))
        for finding in FINDING_ORDER
        if (count := len(summary.files_by_finding.get(finding, ())))
    ]
    if not summary.report.is_whole:
        lines.append(
            Line(
                "part",
                "warn",
                tr("Not all of the folder was looked at"),
                tr("The look at it was ended early."),
                (("look_again", tr("Look again")),),
            )
        )
    if summary.report.colour != "coloured":
        lines.append(
            Line(
                "colour",
                "info",
                tr("Few colours"),
                tr("Training leaves the colours as they are."),
            )
        )
    if not can_change:
        return tuple(msgspec.structs.replace(line, buttons=()) for line in lines)
    return tuple(lines)


def _usable(summary: FolderSummary) -> Line:
    shown = (("show", tr("Show them")),)
    title = tr_plural("{n} picture can be used", "{n} pictures can be used", n=summary.num_used)
    if not summary.is_enough:
        text = tr(
            "A model needs at least {least}. Add pictures to the folder, or choose another one.",
            least=MIN_USED,
        )
        return Line("good", "error", title, text, shown)
    num_damaged = len(summary.files_by_finding.get("damaged", ()))
    side = summary.report.smallest_side
    text = (
        tr_plural(
            "Smallest side {side} px, {n} damaged.",
            "Smallest side {side} px, {n} damaged.",
            n=num_damaged,
            side=side,
        )
        if num_damaged
        else tr("Smallest side {side} px, none damaged.", side=side)
    )
    return Line("good", "ok", title, text, shown)


def _few(summary: FolderSummary) -> Line:
    text = tr("Below about 200 the model repeats itself.")
    if is_mirrored(summary.choices, summary.num_used):
        text = f"{text} {tr('Mirroring doubles them.')}"
    return Line("few", "warn", tr("Few pictures"), text)


def _found(finding: Finding, count: int, *, num_used: int) -> Line:
    titles = {
        "near_duplicate": tr_plural("{n} looks like another", "{n} look like others", n=count),
        "outlier": tr_plural("{n} is unlike the others", "{n} are unlike the others", n=count),
        "duplicate": tr_plural("{n} is there twice", "{n} are there twice", n=count),
        "small": tr_plural("{n} is too small", "{n} are too small", n=count),
        "damaged": tr_plural("{n} cannot be read", "{n} cannot be read", n=count),
        "refused": tr_plural("{n} was not opened", "{n} were not opened", n=count),
    }
    texts = {
        "near_duplicate": tr("Nearly the same picture twice teaches copying."),
        "outlier": tr("They pull the model away from your style."),
        "duplicate": tr("One of each is used."),
        "small": tr("Enlarged pictures teach blur."),
        "damaged": tr("The files are damaged, or are no pictures."),
        "refused": tr("Links out of the folder and the like."),
    }
    buttons = [("show", tr("Show them"))]
    if finding not in ("damaged", "refused"):
        if num_used:
            buttons.append(("leave_out", tr("Leave out")))
        if num_used < count:
            buttons.append(("use", tr("Use anyway")))
    text = texts[finding]
    if finding not in ("damaged", "refused", "duplicate"):
        used = tr("All are left out.") if not num_used else tr("All are used.")
        if 0 < num_used < count:
            used = tr("{n} of them are used.", n=num_used)
        text = f"{text} {used}"
    tone: Tone = "warn" if num_used and finding != "small" else "info"
    return Line(finding, tone, titles[finding], text, tuple(buttons))


def lines_of_plan(plan: RunPlan) -> tuple[Line, ...]:
    """Give a line for each check of a plan, then for each advice."""
    checks = [_checked(check) for check in plan.checks]
    return (
        *checks,
        *(
            Line(f"advice{place}", "info", tr_sentence(said), is_plain=True)
            for place, said in enumerate(plan.advice)
        ),
    )  # fmt: skip


def _checked(check: Check) -> Line:
    if check.is_fine:
        return Line(check.subject, "ok", tr_sentence(check.said), is_plain=True)
    return Line(check.subject, "error", tr_sentence(check.said), tr_sentence(check.way_out))


def say_preparing(state: FolderState) -> str:
    """Give what is being done for the plan, and how far it is."""
    if state.preparing is None:
        return tr("Getting ready…")
    what = {
        "pictures": tr("Cutting the pictures"),
        "starts": tr("Looking for the nearest start"),
        "test_run": tr("Trying it out"),
    }[state.preparing.what]
    return tr("{what}: {percent} %", what=what, percent=round(100 * state.preparing.share))


def say_plan(plan: RunPlan) -> str:
    """Give how long a run would take, and how much it reads, in one line."""
    return tr(
        "About {time} for {n} thousand pictures seen, on this computer.",
        time=say_time(plan.seconds),
        n=f"{plan.kimg:g}",
    )


def say_left(seconds: float | None) -> str:
    """Give how much time is left, "26 min left"; "" when it is not known."""
    return "" if seconds is None else tr("{time} left", time=say_time(seconds))


def say_time(seconds: float) -> str:
    """Give a length of time, short."""
    minutes = max(1, round(seconds / 60))
    if seconds < 50:
        return tr("less than 1 min")
    if minutes < 60:
        return tr("{n} min", n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 10 and rest:
        return tr("{h} h {m} min", h=hours, m=rest)
    return tr("{n} h", n=hours)


def say_ago_exact(seconds: float) -> str:
    """Give how long ago something was, "40 s ago"."""
    if seconds < 90:
        return tr("{n} s ago", n=max(0, round(seconds)))
    return tr("{time} ago", time=say_time(seconds))


def say_bytes(num_bytes: float) -> str:
    """Give a size on the disk."""
    if num_bytes >= 950e6:
        return tr("{n} GB", n=f"{num_bytes / 1e9:.1f}".removesuffix(".0"))
    return tr("{n} MB", n=max(1, round(num_bytes / 1e6)))


def say_images(kimg: float) -> str:
    """Give a number of pictures seen, "36 000"."""
    return group_digits(round(1000 * kimg))
