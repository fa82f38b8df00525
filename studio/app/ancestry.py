"""Who a picture comes from, found in the history and among what was kept."""

from collections.abc import Sequence

from studio.core.changes import describe_change
from studio.core.history import History
from studio.core.lineage import Lineage
from studio.core.recipe import Recipe
from studio.library.kept import Kept


def find_lineage(history: History, items: Sequence[Kept]) -> Lineage:
    """Give the lineage of the present state.

    The way back ends at the first state that was bred or kept, and where another seed or model
    began: a new picture comes from nobody.
    """
    node = history.current
    passed: list[Recipe] = []
    made_from: tuple[Recipe, ...] = ()
    while node is not None and not made_from:
        before = history.node(node.parent) if node.parent is not None else None
        change = describe_change(before.recipe if before else None, node.recipe)
        made_from = node.made_from
        if before is None or (change is not None and change.kind in ("seed", "model")):
            break
        if not made_from:
            passed.append(before.recipe)
        node = before
    id_by_recipe = {kept.recipe: kept.id for kept in reversed(items) if not kept.painted_in}
    for recipe in passed:
        if recipe in id_by_recipe:
            return Lineage(id_by_recipe[recipe])
    return Lineage(id_by_recipe.get(made_from[0]) if made_from else None, made_from)


def find_kept_id(recipes: Sequence[Recipe], items: Sequence[Kept]) -> str | None:
    """Give the id of the newest kept picture of one of some recipes."""
    made = (kept for kept in items if not kept.painted_in)
    return next((kept.id for kept in made if kept.recipe in recipes), None)
