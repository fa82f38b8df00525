"""What the files of an export will be called, in a line."""

from collections.abc import Sequence

import msgspec

from studio.app.exporting import ExportItem, ExportPlan, name_of_file
from studio.core.model_card import ModelCard
from studio.export.stills import SUFFIX_BY_FORMAT
from studio.ui.texts import tr


def say_names(items: Sequence[ExportItem], plan: ExportPlan, *, card: ModelCard | None) -> str:
    """Give the first name, and the last one where there are more; "" without pictures.

    Args:
        items: What would be exported.
        plan: How; its template may be half typed.
        card: Of the open model, for the names of what is not kept; None when none is open.
    """
    if not items:
        return ""
    suffix = SUFFIX_BY_FORMAT[plan.settings.format]

    def name(place: int) -> str:
        named = _card_for(items[place], card)
        return name_of_file(items[place], plan, card=named, number=place + 1) + suffix

    first, last = name(0), name(len(items) - 1)
    if len(items) == 1 or plan.settings.is_one_file:
        return first
    if first == last:  # every file of a taken name gets a number
        stem = first.removesuffix(suffix)
        return tr("{first}, {second} …", first=first, second=f"{stem}-2{suffix}")
    return tr("{first} … {last}", first=first, last=last)


def _card_for(item: ExportItem, card: ModelCard | None) -> ModelCard:
    kept = item.kept
    if card is not None and (kept is None or card.model == kept.model):
        return card
    name = kept.model_name if kept is not None else ""
    blank = card or ModelCard(
        id="", name="", family="gan", model="", resolution=1, z=1, w=1, layers=1, zones=(1, 1),
        graphs={}, credit="",
    )  # fmt: skip
    return msgspec.structs.replace(blank, name=name)
