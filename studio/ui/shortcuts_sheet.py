"""The sheet of keyboard shortcuts: all of them, with a search, and each can be changed."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.actions import Actions, shown_keys
from studio.ui.commands import COMMAND_BY_ID, MENUS, Command
from studio.ui.fuzzy import match
from studio.ui.icon_button import IconButton
from studio.ui.texts import N_, tr
from studio.ui.theme import mark

_ALONE = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class KeyButton(QPushButton):
    """Shows a command's key; pressed, it takes the next key as the new one (Escape leaves it)."""

    def __init__(self, actions: Actions, command: Command, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._command = command
        self._is_listening = False
        self.setFixedWidth(150)
        self.setCheckable(True)
        self.clicked.connect(self._on_clicked)
        self.refresh()

    @property
    def command(self) -> Command:
        """Whose key it shows."""
        return self._command

    def refresh(self) -> None:
        """Show the key as it is now."""
        keys = shown_keys(self._actions.keys(self._command.id))
        self.setText(tr("Press a key") if self._is_listening else keys or tr("none"))
        self.setChecked(self._is_listening)
        name = tr(self._command.text, number=self._command.id.rpartition("_")[2])
        self.setAccessibleName(tr("{command}: {keys}", command=name, keys=keys or tr("none")))

    def event(self, event: QEvent) -> bool:
        """Take every key while listening, also those that are shortcuts or move the focus."""
        if self._is_listening:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                self._take(event)
                return True
            if event.type() == QEvent.Type.FocusOut:
                self._listen(False)
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _ALONE:
            return
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if not (event.key() == Qt.Key.Key_Escape and is_plain):
            is_clear = is_plain and event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
            key = QKeySequence(event.keyCombination()).toString(
                QKeySequence.SequenceFormat.PortableText
            )
            self._actions.set_keys(self._command.id, [] if is_clear else [key])
        self._listen(False)

    @Slot()
    def _on_clicked(self) -> None:
        self._listen(not self._is_listening)

    def _listen(self, is_listening: bool) -> None:
        self._is_listening = is_listening
        self.refresh()


class ShortcutsSheet(QDialog):
    """Lists every command with its key."""

    def __init__(self, actions: Actions, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(520, 620)
        self._actions = actions
        self._keys_before = {c.id: actions.keys(c.id) for c in actions.commands()}
        self._buttons: list[KeyButton] = []
        self._rows: list[tuple[QWidget, str]] = []
        self._headings: list[tuple[QLabel, list[QWidget]]] = []
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(tr("Search commands"))
        self._field.setAccessibleName(tr("Search commands"))
        self._field.textChanged.connect(self._filter)
        self._said = mark(
            QLabel(tr("Press a key’s button, then the new key. Delete clears it."), self), "second"
        )
        self._said.setWordWrap(True)
        self._reset = QPushButton(tr("All as usual"), self)
        self._reset.setAccessibleName(tr("All as usual"))
        self._reset.clicked.connect(actions.reset_keys)
        close = QPushButton(tr("Close"), self)
        close.setAccessibleName(tr("Close"))
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(self._said, 1)
        foot.addWidget(self._reset)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._field)
        column.addWidget(self._make_list(), 1)
        column.addLayout(foot)
        actions.keys_changed.connect(self._on_keys_changed)

    @property
    def said(self) -> str:
        """The sentence under the list."""
        return self._said.text()

    @property
    def field(self) -> QLineEdit:
        """The search field."""
        return self._field

    def button(self, command_id: str) -> KeyButton:
        """Give the button of a command."""
        return next(button for button in self._buttons if button.command.id == command_id)

    def num_shown(self) -> int:
        """Give how many commands the search leaves."""
        return sum(not row.isHidden() for row, _ in self._rows)

    def _make_list(self) -> QScrollArea:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(4)
        for menu, title in (*MENUS.items(), ("", N_("Keys only"))):
            commands = [c for c in self._actions.commands() if c.menu == menu]
            if not commands:
                continue
            heading = mark(QLabel(tr(title), inside), "title")
            heading.setContentsMargins(0, 10, 0, 2)
            column.addWidget(heading)
            rows = [self._make_row(command, inside) for command in commands]
            for row in rows:
                column.addWidget(row)
            self._headings.append((heading, rows))
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(tr("Commands"))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _make_row(self, command: Command, parent: QWidget) -> QWidget:
        row = QWidget(parent)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        text = tr(command.text, number=command.id.rpartition("_")[2])
        shown = f"{tr(command.submenu)} · {text}" if command.submenu else text
        button = KeyButton(self._actions, command, parent=row)
        back = IconButton("reset", tr("As usual: {command}", command=shown), parent=row, size=24)
        back.setProperty("command", command.id)
        back.clicked.connect(self._on_reset_one)
        line.addWidget(QLabel(shown, row), 1)
        line.addWidget(back)
        line.addWidget(button)
        back.setVisible(self._actions.has_changed_keys(command.id))
        button.setProperty("back", back)
        self._buttons.append(button)
        self._rows.append((row, f"{shown} {command.text} {' '.join(command.keys)}"))
        return row

    @Slot()
    def _filter(self) -> None:
        query = self._field.text()
        for row, text in self._rows:
            row.setVisible(not query.strip() or match(query, text) is not None)
        for heading, rows in self._headings:
            heading.setVisible(any(not row.isHidden() for row in rows))

    @Slot()
    def _on_reset_one(self) -> None:
        command_id = str(QObject.sender(self).property("command"))
        self._actions.set_keys(command_id, COMMAND_BY_ID[command_id].keys)

    @Slot(object)
    def _on_keys_changed(self, _keys: object) -> None:
        losers = []
        for button in self._buttons:
            name = button.command.id
            keys = self._actions.keys(name)
            lost = set(self._keys_before[name]) - set(keys)
            if lost and any(self._actions.users_of(key, other_than=name) for key in lost):
                losers.append(tr(button.command.text))
            self._keys_before[name] = keys
            button.refresh()
            back = button.property("back")
            back.setVisible(self._actions.has_changed_keys(name))
        self._said.setText(
            tr("The key was taken from: {commands}.", commands=", ".join(losers))
            if losers
            else tr("Changed.")
        )
