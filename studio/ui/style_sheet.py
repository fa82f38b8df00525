"""What a palette cannot say: flat shapes, radii and measures, as one small style sheet."""

from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from studio.ui.theme import Tokens

_BARS: Final = Template("""
QMainWindow { background: $panel; }
QMainWindow::separator { background: $line; width: 2px; height: 2px; }
QMainWindow::separator:hover { background: $accent; }
QMainWindow > QTabBar { max-height: 0px; max-width: 0px; }
QMenuBar { background: $panel; padding: 0 4px; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $panel; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 28px; border-radius: 3px; }
QMenu::item:selected { background: $fill; color: #ffffff; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::icon { padding-left: 6px; }
QMenu::separator { height: 1px; background: $edge; margin: 4px 6px; }
QToolBar { background: $panel; border: none; spacing: 0; padding: 0; }
QStatusBar { background: $panel; min-height: 24px; max-height: 24px; }
QStatusBar::item { border: none; }
QToolTip { background: $base; color: $text; border: 1px solid $edge; padding: 3px 6px; }
*[role="panel"] { background: $panel; }
*[role="canvas"] { background: $canvas; }
*[role="well"] { background: $base; border-radius: 4px; }
*[role="popup"] { background: $panel; border: 1px solid $edge; border-radius: 6px; }
""")

_TEXT: Final = Template("""
QLabel[role="title"] { font-weight: 600; }
QLabel[role="second"] { color: $second; font-size: 12px; }
QLabel[role="figure"] { font-size: 20px; font-weight: 500; }
QLabel[role="error"] { color: $error; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="sentence"] { font-size: 14px; color: $sentence; }
QLabel[role="sentence-second"] { color: $sentence; }
QLabel[role="sentence-title"] { color: $sentence; font-size: 14px; font-weight: 600; }
QLabel[role="sentence-small"] { color: $sentence_small; font-size: 12px; }
""")

_BUTTONS: Final = Template("""
QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid transparent;
  border-radius: 4px; padding: 0 10px; min-height: 26px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $base; }
QPushButton:disabled, QToolButton:disabled { color: $disabled; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QToolButton { background: transparent; padding: 0; }
QToolButton:hover { background: $raised; }
QToolButton:checked { background: $raised; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: none; }
QPushButton[role="main"] { background: $fill; color: #ffffff; font-weight: 600; min-height: 30px;
  padding: 0 14px 0 10px; }
QPushButton[role="main"]:hover { border: 1px solid $accent; }
QPushButton[role="main"]:pressed { background: $base; }
QPushButton[role="main"]:disabled { background: $raised; color: $disabled; }
QPushButton[role="bar"] { min-height: 30px; padding: 0 14px 0 10px; }
QPushButton[role="flat"], QToolButton[role="flat"] { background: transparent; padding: 0 6px; }
QPushButton[role="flat"]:hover, QToolButton[role="flat"]:hover { background: $raised; }
QPushButton[role="quiet"] { background: transparent; color: $second; font-size: 12px; padding: 0 6px;
  min-height: 18px; }
QPushButton[role="quiet"]:hover { background: $raised; color: $text; }
QPushButton[role="tab"] { background: transparent; color: $second; padding: 0 2px; min-height: 24px; }
QPushButton[role="tab"]:hover { color: $text; }
QPushButton[role="tab"]:checked { color: $text; font-weight: 600; }
QPushButton[role="segment"] { background: transparent; color: $text; padding: 0 12px; min-height: 24px; }
QPushButton[role="segment"]:hover { background: $panel; }
QPushButton[role="segment"]:checked { background: $raised; font-weight: 600; }
QPushButton[role="segment"]:disabled { color: $disabled; }
QPushButton[role="search"] { background: $base; color: $second; text-align: left; min-height: 30px;
  padding: 0 10px; }
QPushButton[role="search"]:hover { background: $base; color: $text; border: 1px solid $edge; }
QPushButton[role="chip"] { background: $raised; border-radius: 13px; font-size: 12px; min-height: 24px;
  padding: 0 10px; }
QPushButton[role="chip"]:checked { background: $fill; color: #ffffff; }
""")

_FIELDS: Final = Template("""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit { background: $base; color: $text;
  border: 1px solid $base; border-radius: 4px; padding: 0 6px; selection-background-color: $fill;
  selection-color: #ffffff; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 26px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
  border: 1px solid $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: $disabled; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button {
  width: 0; border: none; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $edge; padding: 2px; }
QSlider:horizontal { min-height: 20px; }
QSlider::groove:horizontal { background: $groove; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: $groove; }
QSlider::handle:horizontal { background: $handle; width: 12px; height: 16px; margin: -6px 0;
  border-radius: 3px; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; width: 10px; height: 14px; margin: -7px -1px; }
QSlider::handle:horizontal:disabled { background: $disabled; }
QAbstractItemView { background: transparent; border: none; outline: none; }
QAbstractItemView::item:selected { background: $raised; color: $text; }
QAbstractItemView::item:hover:!selected { background: $base; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $disabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $edge; border-radius: 3px;
  background: $base; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border: 1px solid $accent; }
QCheckBox::indicator:checked { background: $fill; border: 1px solid $fill; image: url("$check"); }
QCheckBox::indicator:disabled { background: $panel; border: 1px solid $raised; }
QProgressBar { background: $groove; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
""")


def style_sheet(tokens: "Tokens", *, hover: str, on_canvas: tuple[str, str], pictures: Path) -> str:
    """Give the style sheet of a theme.

    Args:
        tokens: The theme's colours.
        hover: Ground of a raised button under the pointer.
        on_canvas: Colours of sentences that stand on the canvas itself, and of small ones there.
        pictures: Folder of what Qt must load itself.
    """
    colours = {
        **asdict(tokens),
        "hover": hover,
        "sentence": on_canvas[0],
        "sentence_small": on_canvas[1],
        "check": (pictures / "check.svg").as_posix(),
    }
    return "".join(part.substitute(colours) for part in (_BARS, _TEXT, _BUTTONS, _FIELDS))
