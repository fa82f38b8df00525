"""What the bar over the Train place says in each state."""

from studio.app.training_desk import DeskState
from studio.core.errors import StudioError
from studio.ui.notice_bar import Notice
from studio.ui.texts import tr, tr_sentence
from studio.ui.train_words import say_bytes


def notice_of(desk: DeskState, *, has_model: bool) -> Notice | None:
    """Give what is to be said now, None when all goes its way.

    Args:
        desk: The state of the place.
        has_model: Whether the model that was made is in the library.
    """
    if desk.phase == "waiting" and desk.run is not None:
        return _disk_full(desk.run.view.need_bytes)
    if desk.error is not None:
        return _failed(desk, desk.error)
    if desk.phase == "planned" and desk.folder.plan is not None and desk.run is None:
        return _refused(desk)
    if desk.phase == "finished" and has_model:
        return Notice("ok", tr("The model “{name}” is ready.", name=desk.folder.name))
    return None


def _disk_full(need_bytes: int) -> Notice:
    return Notice(
        "warn",
        tr(
            "The disk is full. Training waits and goes on by itself when {size} are free.",
            size=say_bytes(need_bytes),
        ),
    )


def _failed(desk: DeskState, error: StudioError) -> Notice:
    what, way_out = tr_sentence(error.what), tr_sentence(error.way_out)
    if desk.phase == "failed":
        button, wish = tr("Go on"), "train_pause"
    elif desk.phase in ("finished", "making"):
        button, wish = tr("Make the model"), "train_model"
    elif desk.folder.summary is not None:
        button, wish = tr("Try again"), "plan"
    else:
        button, wish = tr("Choose a folder…"), "train_choose"
    return Notice("error", what, way_out, button=button, wish=wish, details=desk.log)


def _refused(desk: DeskState) -> Notice | None:
    plan = desk.folder.plan
    check = next((one for one in plan.checks if not one.is_fine), None) if plan else None
    if check is None:
        return None
    sentence = tr("Training cannot start: {why}", why=tr_sentence(check.said))
    return Notice(
        "error", sentence, tr_sentence(check.way_out), button=tr("Try again"), wish="plan"
    )
