"""The application itself: name, fonts, Qt's own words, and what is said when there is no window."""

import os
import sys
from typing import Final

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication, QMessageBox

from studio.core.errors import StorageError
from studio.ui.texts import set_language, tr_sentence
from studio.ui.theme import apply_palette, apply_theme, load_fonts

_TOLD_FOR_MS: Final = 6000  # two short sentences, read slowly


def has_display() -> bool:
    """Say whether there is a display to open a window on."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_application() -> QApplication:
    """Give the application with our name and fonts; the theme comes with `compose_window`."""
    QApplication.setApplicationName("latent-studio")
    QApplication.setApplicationDisplayName("Latent Studio")
    QApplication.setDesktopFileName("latent-studio")
    app = QApplication(sys.argv[:1])
    load_fonts(app)
    return app


def tell_and_leave(error: StorageError, *, language: str) -> None:
    """Say why there is no window, also to those who started from the desktop; goes by itself."""
    sys.stderr.write(f"{error.what} {error.way_out}\n")
    sys.stderr.flush()
    app = make_application()
    set_language(language)
    apply_theme(app, "dark")
    box = QMessageBox(QMessageBox.Icon.Information, "Latent Studio", tr_sentence(error.what))
    box.setInformativeText(tr_sentence(error.way_out))
    QTimer.singleShot(_TOLD_FOR_MS, box.accept)
    box.exec()


def application() -> QApplication:
    """Give the application that was made."""
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    return found


def dress(theme: str, language: str) -> None:
    """Take colours and language for all that is built from now on; the style sheet comes last."""
    apply_palette(application(), theme)
    _translate_qt(application(), set_language(language))


def _translate_qt(app: QApplication, language: str) -> None:
    """Load the words of Qt's own dialogs."""
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator = QTranslator(app)
    if language != "en" and translator.load(QLocale(language), "qtbase", "_", folder):
        app.installTranslator(translator)
