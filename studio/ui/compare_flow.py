"""Comparing two states of the history on a page of the canvas."""

import time

from PySide6.QtCore import QObject, Slot

from studio.app.small_pictures import SmallPictures
from studio.core.changes import Change, describe_change
from studio.core.history import Node
from studio.ui.change_words import say_ago, say_change
from studio.ui.compare_page import ComparedState, ComparePage
from studio.ui.difference_words import say_differences
from studio.ui.history_panel import HistoryPanel
from studio.ui.parts import Parts
from studio.ui.texts import tr

PAGE = "compare"
_FULL_PX = 4096  # larger than any model's pictures: always in full


class CompareFlow(QObject):
    """Builds the page and connects it; `follow` after the window was built."""

    def __init__(self, parts: Parts, panel: HistoryPanel) -> None:
        super().__init__(parts.window)
        self._parts, self._panel = parts, panel
        pictures = SmallPictures(parts.engine, PAGE, size=_FULL_PX, keeps_shape=True, parent=self)
        self.page = ComparePage(pictures)
        parts.window.actions_table.connect_command("compare_states", self._compare_last)

    def follow(self) -> None:
        """Take the page into the window and connect it."""
        window = self._parts.window
        window.add_page(PAGE, self.page)
        self._panel.compare_requested.connect(self._on_requested)
        self.page.state_chosen.connect(self._on_chosen)
        self.page.close_requested.connect(self._close)
        window.page_changed.connect(self._on_page)
        self._parts.document.history_changed.connect(self._on_history)

    @Slot()
    def _compare_last(self) -> None:
        """Compare the present state with the one before."""
        window, history = self._parts.window, self._parts.document.history
        if window.page == PAGE:
            self._close()
        elif history.current is not None and history.current.parent is not None:
            window.show_place("explore")
            self._panel.clear_marks()
            self._panel.compare_with_present(history.current.parent)

    @Slot(object)
    def _on_requested(self, node_ids: tuple[int, ...]) -> None:
        history = self._parts.document.history
        nodes = [history.node(node_id) for node_id in node_ids]
        if len(nodes) != 2 or nodes[0] is None or nodes[1] is None:
            self._close()
            return
        names, units = self._panel.words
        one, other = nodes[0], nodes[1]
        lines = say_differences(one.recipe, other.recipe, names=names, units=units)
        self.page.show_states(self._state(one), self._state(other), differences=lines)
        self._parts.window.show_page(PAGE)

    def _state(self, node: Node) -> ComparedState:
        names, units = self._panel.words
        history = self._parts.document.history
        before = history.node(node.parent) if node.parent is not None else None
        change = describe_change(before.recipe if before else None, node.recipe)
        if node.made_from:
            change = Change("bred", value=len(node.made_from))
        when = say_ago(time.time() - node.made_at)
        is_present = history.current is not None and node.id == history.current.id
        said = tr("{when} · on the canvas", when=when) if is_present else when
        return ComparedState(node.id, node.recipe, say_change(change, names, units=units), said)

    @Slot(object)
    def _on_chosen(self, node_id: int) -> None:
        self._close()
        self._parts.document.jump(node_id)

    @Slot(object)
    def _on_history(self, _node: object) -> None:
        self._close()  # the canvas shows what was gone to

    @Slot()
    def _close(self) -> None:
        if self._parts.window.page == PAGE:
            self._parts.window.show_page("")

    @Slot(object)
    def _on_page(self, key: str) -> None:
        if key != PAGE:
            self._panel.clear_marks()
