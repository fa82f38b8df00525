"""The lower part of the Latents panel: the sliders, or the page where one is taught."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from studio.app.direction_desk import DirectionDesk
from studio.app.latent_editor import LatentEditor
from studio.app.teaching_desk import TeachingDesk
from studio.ui.direction_list import DirectionList
from studio.ui.icon_button import IconButton
from studio.ui.search_field import SearchField
from studio.ui.teach_page import TeachPage
from studio.ui.texts import tr
from studio.ui.theme import mark


class DirectionPlace(QStackedWidget):
    """Shows one of two pages.

    Attributes:
        directions: The sliders.
        teach_page: Where one is taught.
        search: The field that narrows the sliders down.
    """

    def __init__(
        self,
        editor: LatentEditor,
        desk: DirectionDesk,
        *,
        teaching: TeachingDesk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self.directions = DirectionList(editor, desk)
        self.teach_page = TeachPage(teaching)
        self.search = SearchField(tr("Search directions"))
        self._search_button = IconButton("search", tr("Search directions"), checkable=True, size=24)
        self.teach_button = IconButton("plus", tr("Teach a slider"), size=24)
        self._more_button = IconButton("more", tr("More"), size=24)
        self._lay_out()
        self.search.textChanged.connect(self.directions.set_wanted)
        self._search_button.toggled.connect(self._on_search)
        self._more_button.clicked.connect(self._on_more)
        self.teach_button.clicked.connect(self.open_teaching)
        self.directions.teach_requested.connect(self.open_teaching)
        self.teach_page.closed.connect(self.close_teaching)
        self.teach_page.kept.connect(self.close_teaching)

    @property
    def is_teaching(self) -> bool:
        """Whether the page where a slider is taught is shown."""
        return self.currentWidget() is self.teach_page

    @Slot()
    def open_teaching(self) -> None:
        """Show the piles and go there with the keyboard."""
        self.show_teaching()
        self.teach_page.boxes["more"].add_present.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_teaching(self) -> None:
        """Show the piles; the focus stays where it is, unless it would be hidden."""
        if not self.is_teaching:
            is_inside = self.isAncestorOf(self.window().focusWidget())
            self.setCurrentWidget(self.teach_page)
            if is_inside:
                self.teach_page.boxes["more"].add_present.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def close_teaching(self) -> None:
        """Show the sliders; the piles stay as they are."""
        if self.is_teaching:
            self.setCurrentIndex(0)
            self.directions.focus_row(0)

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setContentsMargins(12, 4, 12, 2)
        heading.setSpacing(4)
        heading.addWidget(mark(QLabel(tr("Directions")), "second"))
        heading.addStretch(1)
        for button in (self.teach_button, self._search_button, self._more_button):
            heading.addWidget(button)
        self.search.hide()
        field = QHBoxLayout()
        field.setContentsMargins(12, 0, 12, 4)
        field.addWidget(self.search)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(heading)
        column.addLayout(field)
        column.addWidget(self.directions, 1)
        self.addWidget(page)
        self.addWidget(self.teach_page)

    @Slot(bool)
    def _on_search(self, is_open: bool) -> None:
        self.search.setVisible(is_open)
        if is_open:
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.search.clear()

    @Slot()
    def _on_more(self) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Teach a slider"), self.open_teaching)
        menu.addAction(tr("Reset all"), self._editor.reset_all)
        hidden = menu.addAction(tr("Show hidden ({n})", n=self.directions.num_hidden))
        hidden.setCheckable(True)
        hidden.setChecked(self.directions.shows_hidden)
        hidden.setEnabled(self.directions.num_hidden > 0)
        hidden.toggled.connect(self.directions.set_shows_hidden)
        menu.exec(self._more_button.mapToGlobal(self._more_button.rect().bottomLeft()))
        menu.deleteLater()
