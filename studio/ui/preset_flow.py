"""Export presets: read once, chosen, saved, renamed and removed from either Export panel."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, Slot

from studio.app.background import Background
from studio.app.preferences import ExportPreferences
from studio.export.presets import (
    SHIPPED,
    ExportPreset,
    read_presets,
    remove_preset,
    rename_preset,
    save_preset,
)
from studio.export.stills import DEEP_FORMATS, LOSSY_FORMATS
from studio.ui.export_panel import ExportPanel
from studio.ui.parts import Parts
from studio.ui.texts import tr


class PresetFlow(QObject):
    """Keeps both panels' rows of presets right; disk work is done on a thread."""

    def __init__(self, parts: Parts, panels: Sequence[ExportPanel]) -> None:
        super().__init__(parts.window)
        self._parts, self._panels = parts, tuple(panels)
        home = self._home = parts.preferences.home
        self._own: tuple[ExportPreset, ...] = ()
        self._worker = Background(self)
        for panel in panels:
            row = panel.still_form.presets
            row.preset_chosen.connect(self._choose)
            row.save_requested.connect(self._save)
            row.rename_requested.connect(self._rename)
            row.remove_requested.connect(self._remove)
        parts.preferences.changed.connect(self._show_chosen)
        self._do(lambda: read_presets(home))

    def finish(self) -> None:
        """Wait for what is being stored."""
        self._worker.finish()

    @Slot(object)
    def _choose(self, preset: ExportPreset) -> None:
        chosen, settings = self._parts.preferences.values.export, preset.settings
        changed = msgspec.structs.replace(
            chosen,
            format=settings.format,
            bits=settings.bits,
            quality=settings.quality,
            size=settings.size,
            is_power_of_two=settings.is_power_of_two,
            with_recipe=settings.with_recipe,
            template=preset.template,
            folder=preset.folder or chosen.folder,
        )
        self._parts.preferences.change(export=changed)
        self._show_chosen(None)

    @Slot(str)
    def _save(self, name: str) -> None:
        plan = self._panels[0].plan
        folder = self._parts.preferences.values.export.folder
        preset = ExportPreset(
            name=name, settings=plan.settings, template=plan.template, folder=folder
        )
        self._do(lambda: save_preset(self._home, preset), said=tr("Saved as “{name}”.", name=name))

    @Slot(str, str)
    def _rename(self, old: str, new: str) -> None:
        self._do(lambda: rename_preset(self._home, old, new=new))

    @Slot(str)
    def _remove(self, name: str) -> None:
        gone = next((one for one in self._own if one.name == name), None)
        if gone is not None:
            self._do(
                lambda: remove_preset(self._home, name),
                said=tr("“{name}” was removed.", name=name),
                undo=lambda: self._do(lambda: save_preset(self._home, gone)),
            )

    def _do(
        self,
        work: Callable[[], tuple[ExportPreset, ...]],
        *,
        said: str = "",
        undo: Callable[[], None] | None = None,
    ) -> None:
        def done(own: tuple[ExportPreset, ...]) -> None:
            self._own = own
            self._show()
            if said:
                button = tr("Undo") if undo is not None else ""
                self._parts.window.toast.say(said, button=button, do=undo)

        self._worker.run(work, done, failed=self._parts.keeping.refused.emit)

    def _show(self) -> None:
        for panel in self._panels:
            panel.still_form.presets.show_presets(self._own, self._chosen())

    @Slot(object)
    def _show_chosen(self, _values: object) -> None:
        for panel in self._panels:
            panel.still_form.presets.show_chosen(self._chosen())

    def _chosen(self) -> str | None:
        """Give the name of the preset that says what is chosen now, None when none does."""
        chosen = self._parts.preferences.values.export
        known = (*self._own, *SHIPPED)
        return next((one.name for one in known if _says(one, chosen)), None)


def _says(preset: ExportPreset, chosen: ExportPreferences) -> bool:
    settings = preset.settings
    is_lossy, may_be_deep = settings.format in LOSSY_FORMATS, settings.format in DEEP_FORMATS
    return (
        (settings.format, settings.size, settings.is_power_of_two, settings.with_recipe)
        == (chosen.format, chosen.size, chosen.is_power_of_two, chosen.with_recipe)
        and (settings.bits == chosen.bits or not may_be_deep)
        and (settings.quality == chosen.quality or not is_lossy)
        and preset.template == chosen.template
        and preset.folder in ("", chosen.folder)
    )
