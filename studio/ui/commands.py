"""Every command of the window as one table of plain values; menus, tool bar, palette and sheet read it."""

from typing import Final, Literal

import msgspec

from studio.ui.texts import N_

MenuKey = Literal["file", "edit", "view", "picture", "model", "train", "window", "help", ""]
Scope = Literal["window", "canvas", "held"]
Need = Literal[
    "", "picture", "model", "undo", "redo", "explore", "exported", "before", "found",
    "wall", "sheet_before", "sheet_after", "region", "spread",
    "painted", "unfinished", "folder_ready", "training", "pausable", "snapshot", "trained", "run",
]  # fmt: skip

MENUS: Final[dict[MenuKey, str]] = {
    "file": N_("File"),
    "edit": N_("Edit"),
    "view": N_("View"),
    "picture": N_("Picture"),
    "model": N_("Model"),
    "train": N_("Train"),
    "window": N_("Window"),
    "help": N_("Help"),
}


class Command(msgspec.Struct, frozen=True):
    """One thing that the window can do.

    Attributes:
        id: Its name in settings.
        text: What menus and palette call it, English.
        menu: The menu it stands in, "" for none (it is still in the sheet of shortcuts).
        keys: Its usual shortcuts, the one shown first, in Qt's portable spelling.
        icon: Its icon, "" for none.
        group: Commands of another number are parted by a line in the menu.
        needs: What must be there for it to be possible.
        scope: Where its keys work: everywhere, with the canvas in focus, or as long as held.
        is_checkable: Whether it is a state that is on or off.
        submenu: The submenu it stands in, English, "" for the menu itself.
        choice: Commands of one choice exclude each other.
    """

    id: str
    text: str
    menu: MenuKey = ""
    keys: tuple[str, ...] = ()
    icon: str = ""
    group: int = 0
    needs: Need = ""
    scope: Scope = "window"
    is_checkable: bool = False
    submenu: str = ""
    choice: str = ""


NUM_DIRECTION_KEYS: Final = 9

_FILE = (
    Command("open", N_("Open…"), "file", ("Ctrl+O",), "open"),
    Command("add_model", N_("Open a model folder…"), "file", ("Ctrl+Shift+O",), "model"),
    Command("open_model", N_("Open a model file…"), "file", (), ""),
    Command("keep", N_("Keep"), "file", ("K",), "keep", 1, "picture"),
    Command("export", N_("Export…"), "file", ("E",), "export", 1, "picture"),
    Command("export_again", N_("Export as last time"), "file", ("Ctrl+E",), "", 1, "exported"),
    *(
        Command(f"export_{kind}", text, "file", (), "", 1, submenu=N_("Export as"))
        for kind, text in (
            ("sheet", N_("Contact sheet…")),
            ("sprites", N_("Sprite sheet…")),
            ("tiles", N_("Tile set…")),
            ("palette", N_("Palette…")),
            ("page", N_("Web page…")),
        )
    ),
    Command("export_resume", N_("Go on with the stopped export"), "file", (), "", 1, "unfinished"),
    Command("provenance", N_("Provenance sheet…"), "file", (), "", 1, "picture"),
    Command("send", N_("Send as last time"), "file", ("Ctrl+Shift+E",), "send", 1, "picture"),
    *(
        Command(f"send_{key}", name, "file", (), "", 1, "picture", submenu=N_("Send to"))
        for key, name in (
            ("krita", "Krita"), ("gimp", "GIMP"), ("photoshop", "Photoshop"),
            ("affinity", "Affinity"), ("inkscape", "Inkscape"), ("blender", "Blender"),
            ("default", N_("The usual program for pictures")), ("own", N_("My own program")),
        )
    ),
    Command("send_set", N_("Set my own program…"), "file", (), "", 1, submenu=N_("Send to")),
    Command("board_new", N_("New board…"), "file", (), "layers", 2),
    Command("board_export", N_("Export the open board as files"), "file", (), "", 2),
    Command("quit", N_("Quit"), "file", ("Ctrl+Q",), "", 3),
)  # fmt: skip
_EDIT = (
    Command("undo", N_("Undo"), "edit", ("Ctrl+Z", "Z"), "undo", 0, "undo"),
    Command("redo", N_("Redo"), "edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", 0, "redo"),
    Command("copy", N_("Copy picture"), "edit", ("Ctrl+C",), "copy", 1, "picture"),
    Command("copy_recipe", N_("Copy recipe"), "edit", ("Ctrl+Shift+C",), "", 1, "picture"),
    Command("paste", N_("Paste picture or recipe"), "edit", ("Ctrl+V",), "", 1),
)
_VIEW = (
    Command("fit", N_("Fit"), "view", ("Ctrl+0",), "fit", 0, "explore", is_checkable=True),
    Command("one_to_one", N_("100 %"), "view", ("Ctrl+1",), "one-to-one", 0, "explore"),
    Command("zoom_in", N_("Zoom in"), "view", ("Ctrl++", "Ctrl+="), "zoom-in", 0, "explore"),
    Command("zoom_out", N_("Zoom out"), "view", ("Ctrl+-",), "zoom-out", 0, "explore"),
    Command("compare", N_("Compare before and after"), "view", ("C",), "compare", 1, "picture",
            is_checkable=True),
    Command("compare_states", N_("Compare with the state before, side by side"), "view",
            ("Shift+C",), "", 1, "undo"),
    Command("before", N_("Show before while held"), "", ("B",), "", 1, "picture", scope="held"),
    Command("pan", N_("Move the picture while held"), "", ("Space",), "", 1, "picture", scope="held"),
    Command("mirror", N_("Mirror the view"), "view", ("M",), "mirror", 1, "picture",
            is_checkable=True),
    Command("enlarged_view", N_("Enlarged view"), "view", ("U",), "enlarge", 1, "picture",
            is_checkable=True),
    Command("canvas_only", N_("Canvas only"), "view", ("Tab",), "", 2, scope="canvas",
            is_checkable=True),
    Command("full_screen", N_("Full screen"), "view", ("F11",), "fullscreen", 2, is_checkable=True),
    Command("theme_dark", N_("Dark"), "view", group=3, submenu=N_("Theme"), choice="theme",
            is_checkable=True),
    Command("theme_grey", N_("Grey"), "view", group=3, submenu=N_("Theme"), choice="theme",
            is_checkable=True),
    Command("theme_light", N_("Light"), "view", group=3, submenu=N_("Theme"), choice="theme",
            is_checkable=True),
    Command("language_system", N_("As on this computer"), "view", group=3,
            submenu=N_("Language"), choice="language", is_checkable=True),
    Command("language_en", "English", "view", group=3, submenu=N_("Language"),
            choice="language", is_checkable=True),
    Command("language_zh_CN", "简体中文", "view", group=3, submenu=N_("Language"),
            choice="language", is_checkable=True),
)  # fmt: skip
_PICTURE = (
    Command("dice", N_("New picture"), "picture", ("R",), "dice", 0, "model"),
    Command(
        "lock_seed", N_("Lock the seed"), "picture", ("L",), "lock", 0, "model", is_checkable=True
    ),
    Command("previous", N_("Previous seed"), "picture", ("[",), "previous", 0, "model"),
    Command("next", N_("Next seed"), "picture", ("]",), "next", 0, "model"),
    Command("wall", N_("Wall of new pictures"), "picture", ("W",), "wall", 1, "model"),
    Command(
        "variations",
        N_("Variations of this picture"),
        "picture",
        ("V",),
        "variations",
        1,
        "picture",
    ),
    Command(
        "breed", N_("Cross or vary the chosen pictures"), "picture", ("X",), "branch", 1, "wall"
    ),
    Command("sheet_before", N_("Sheet before"), "picture", ("Alt+Left",), "", 1, "sheet_before"),
    Command("sheet_after", N_("Sheet after"), "picture", ("Alt+Right",), "", 1, "sheet_after"),
    Command("star", N_("Star"), "picture", ("S",), "star", 2, "picture"),
    Command("mixing_sheet", N_("Mixing sheet"), "picture", ("Shift+W",), "grid", 1, "model"),
    Command("save_style", N_("Save as a style"), "picture", ("Ctrl+Shift+S",), "tag", 2, "picture"),
    Command("set_before", N_("Take this as before"), "picture", ("Shift+B",), "pin", 2, "picture"),
    Command("refine", N_("Refine what was found"), "picture", (), "", 2, "found"),
    Command(
        "bring",
        N_("Look for the painted picture in the model"),
        "picture",
        (),
        "search",
        2,
        "painted",
    ),
    Command("clear_before", N_("Before is the last step again"), "picture", (), "", 2, "before"),
    Command("teach", N_("Teach a slider"), "picture", (), "plus", 3, "model"),
    Command("teach_more", N_("More like this picture"), "picture", ("+",), "", 3, "picture"),
    Command("teach_less", N_("Less like this picture"), "picture", ("-",), "", 3, "picture"),
    Command("walk_add", N_("Add to the walk"), "picture", ("Shift+K",), "plus", 4, "picture"),
    Command(
        "walk_play", N_("Play the walk, or stop"), "picture", ("Shift+Space",), "play", 4, "model"
    ),
    Command("walk_new", N_("New walk"), "picture", (), "", 4, "model"),
    Command(
        "walk_film", N_("Make a film of the walk…"), "picture", ("Shift+E",), "film", 4, "model"
    ),
)
_PAINT = (
    Command("paint_keep", N_("Brush: keep a part as it is"), "picture", ("H",), "mask", 5, "picture",
            submenu=N_("Paint"), is_checkable=True),
    Command("paint_mix", N_("Brush: mix another picture in"), "picture", ("J",), "brush", 5,
            "picture", submenu=N_("Paint"), is_checkable=True),
    Command("grab", N_("Grab and pull"), "picture", ("A",), "grab", 5, "picture",
            is_checkable=True),
    Command("paint_erase", N_("Rub out with the brush"), "picture", ("D",), "eraser", 5,
            "picture", submenu=N_("Paint"), is_checkable=True),
    Command("brush_smaller", N_("Smaller brush"), "picture", (",",), "", 5, "picture",
            submenu=N_("Paint")),
    Command("brush_larger", N_("Larger brush"), "picture", (".",), "", 5, "picture",
            submenu=N_("Paint")),
    Command("region_new", N_("New region with the next stroke"), "picture", ("Shift+N",), "plus", 5,
            "picture", submenu=N_("Paint")),
    Command("region_dice", N_("Another picture in the region"), "picture", ("Shift+R",), "dice", 5,
            "region", submenu=N_("Paint")),
    Command("region_invert", N_("Turn the region inside out"), "picture", ("Shift+I",), "swap", 5,
            "region", submenu=N_("Paint")),
    Command("region_remove", N_("Remove the region"), "picture", ("Shift+Del",), "trash", 5,
            "region", submenu=N_("Paint")),
    Command("tile_next", N_("Next way of tiling"), "picture", (), "tile", 5, "spread",
            submenu=N_("Frame")),
    Command("repeats", N_("Show it 3 × 3"), "picture", ("Shift+T",), "grid", 5, "picture",
            submenu=N_("Frame"), is_checkable=True),
    Command("swap_sides", N_("Swap left and right"), "picture", ("Shift+M",), "mirror", 5, "picture",
            submenu=N_("Frame"), is_checkable=True),
)  # fmt: skip
_MODEL = (
    Command("choose_model", N_("Choose a model…"), "model", ("Ctrl+M",), "model"),
    Command("share_model", N_("Share the open model as a file…"), "model", (), "", 0, "model"),
    Command("blend_model", N_("Blend the open model with another…"), "model", (), "", 0, "model"),
    Command("find_models", N_("Look for models again"), "model", ("F5",), ""),
    Command("run_auto", N_("Automatic"), "model", group=1, submenu=N_("Run on"), choice="run",
            is_checkable=True),
    Command("run_cuda", N_("Graphics card"), "model", group=1, submenu=N_("Run on"), choice="run",
            is_checkable=True),
    Command("run_cpu", N_("Processor"), "model", group=1, submenu=N_("Run on"), choice="run",
            is_checkable=True),
)  # fmt: skip
_TRAIN = (
    Command("train_choose", N_("Choose a picture folder…"), "train", ("Ctrl+T",), "folder"),
    Command("train_runs", N_("All trainings…"), "train", (), "history"),
    Command("train_start", N_("Start training"), "train", ("Ctrl+Return",), "play", 1,
            "folder_ready"),
    Command("train_pause", N_("Pause training, or go on"), "train", ("P",), "pause", 1, "pausable"),
    Command("train_stop", N_("Stop and keep"), "train", (), "stop", 1, "training"),
    Command("train_snapshot", N_("Take a snapshot now"), "train", (), "film", 2, "training"),
    Command("train_best", N_("Go to the best snapshot"), "train", (), "star", 2, "snapshot"),
    Command("train_try", N_("Try on canvas"), "train", ("Ctrl+Shift+T",), "brush", 2, "snapshot"),
    Command("train_model", N_("Make the model"), "train", (), "model", 3, "snapshot"),
    Command("train_open", N_("Use the model"), "train", (), "explore", 3, "trained"),
    Command("train_report", N_("Open the report"), "train", (), "", 3, "run"),
)  # fmt: skip
_WINDOW = (
    Command("go_gallery", N_("Gallery"), "window", ("Alt+1", "G"), "gallery", is_checkable=True,
            choice="place"),
    Command("go_explore", N_("Explore"), "window", ("Alt+2",), "explore", is_checkable=True,
            choice="place"),
    Command("go_train", N_("Train"), "window", ("Alt+3", "T"), "train", is_checkable=True,
            choice="place"),
    Command("panel_styles", N_("Styles"), "window", ("F2",), "", 1, is_checkable=True),
    Command("panel_history", N_("History"), "window", ("F3",), "", 1, is_checkable=True),
    Command("panel_latents", N_("Latents"), "window", ("F4",), "", 1, is_checkable=True),
    Command("panel_export", N_("Export"), "window", ("F6",), "", 1, is_checkable=True),
    Command("panel_walk", N_("Walk"), "window", ("F7",), "", 1, is_checkable=True),
    Command("panel_paint", N_("Paint"), "window", ("F8",), "", 1, is_checkable=True),
    Command("panel_live", N_("Live"), "window", ("F9",), "", 1, is_checkable=True),
    Command("live", N_("Receive live messages (OSC)"), "window", (), "", 3, is_checkable=True),
    Command("lock_panels", N_("Lock panels"), "window", (), "", 2, is_checkable=True),
    Command("reset_layout", N_("Reset layout"), "window", (), "", 2),
)  # fmt: skip
_HELP = (
    Command("palette", N_("Search commands"), "help", ("Ctrl+K",), "search"),
    Command("shortcuts", N_("Keyboard shortcuts"), "help", ("F1",), "keyboard"),
    Command("latency", N_("Time per picture"), "help", (), "clock", 1),
    Command("hand_time", N_("Time from hand to screen"), "help", (), "", 1, is_checkable=True),
    Command("about", N_("About Latent Studio"), "help", (), "", 1),
)
_DIRECTIONS = tuple(
    Command(f"direction_{number}", N_("Go to slider {number}"), "", (str(number),), needs="model")
    for number in range(1, NUM_DIRECTION_KEYS + 1)
)

COMMANDS: Final[tuple[Command, ...]] = (
    *_FILE, *_EDIT, *_VIEW, *_PICTURE, *_PAINT, *_MODEL, *_TRAIN, *_WINDOW, *_HELP, *_DIRECTIONS,
)  # fmt: skip
COMMAND_BY_ID: Final[dict[str, Command]] = {command.id: command for command in COMMANDS}
