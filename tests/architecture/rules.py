"""The rules of the house as functions from files to findings, so that each can be seen to fail."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUDIO = ROOT / "studio"

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_CLASS_LINES = 250
MAX_ARGUMENTS = 7
MAX_POSITIONAL = 2

QT_MODULES = {"QtCore", "QtGui", "QtWidgets", "QtSvg", "QtNetwork"}
BANNED_NAMES = {
    "utils",
    "util",
    "helper",
    "helpers",
    "manager",
    "info",
    "data",
    "process",
    "handle",
    "misc",
    "common",
}

# Who may write files (reliability: one module owns writing; exporters write beside and rename).
WRITERS = {
    "files/atomic.py": "the one module that writes",
    "files/appended.py": "its sister for files that only grow",
    "export/": "writes beside, opens again to verify, renames",
}

# A folder of ours at the top level that must not become a package: it would hide the library `packaging`.
PLAIN_FOLDERS = ("packaging", "models", "resources")

# Methods that take what their base gives: Qt's delegates and models, torch's modules.
_OVERRIDES = {"paint", "index", "forward", "backward", "setup_context", "symbolic"}


def list_python_files(folder: Path) -> list[Path]:
    """Give the .py files below `folder`, sorted."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def _read(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _at(path: Path, node: ast.AST) -> str:
    return f"{path.parent.name}/{path.name}:{getattr(node, 'lineno', 1)}"


def _dotted(node: ast.AST) -> str:
    """Give `a.b.c` for a chain of names, with `?` for anything else at its start."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Give each imported module's full name, names of `from x import y` as `x.y`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, f"{node.module or ''}.{alias.name}"


# ------------------------------------------------------------------------------------------------------- sizes


def _num_lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _find_many_arguments(
    path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef, *, is_method: bool
) -> list[str]:
    args = node.args
    positional = [arg.arg for arg in args.posonlyargs + args.args]
    if is_method and not any(_dotted(mark) == "staticmethod" for mark in node.decorator_list):
        positional = positional[1:]
    found = []
    total = len(positional) + len(args.kwonlyargs)
    if total > MAX_ARGUMENTS:
        found.append(
            f"{_at(path, node)} {node.name} has {total} arguments, {MAX_ARGUMENTS} are the limit"
        )
    is_override = node.name in _OVERRIDES or (
        node.name.startswith("__") and node.name != "__init__"
    )
    is_override |= node.name != node.name.lower()  # camelCase only where Qt is overridden
    if len(positional) > MAX_POSITIONAL and not is_override:
        found.append(
            f"{_at(path, node)} {node.name}: keyword-only after {MAX_POSITIONAL} ({', '.join(positional)})"
        )
    return found


def find_sizes(paths: Iterable[Path]) -> list[str]:
    """Find files, functions, classes and argument lists over the limits."""
    found = []
    for path in paths:
        num_lines = len(path.read_text(encoding="utf-8").splitlines())
        if num_lines > MAX_FILE_LINES:
            found.append(
                f"{path.parent.name}/{path.name} has {num_lines} lines, {MAX_FILE_LINES} are the limit"
            )
        tree = _read(path)
        methods = {
            item for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for item in node.body
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if _num_lines(node) > MAX_FUNCTION_LINES:
                    found.append(f"{_at(path, node)} {node.name} has {_num_lines(node)} lines")
                found += _find_many_arguments(path, node, is_method=node in methods)
            elif isinstance(node, ast.ClassDef) and _num_lines(node) > MAX_CLASS_LINES:
                found.append(f"{_at(path, node)} class {node.name} has {_num_lines(node)} lines")
    return found


# --------------------------------------------------------------------------------------------------- writing files

_WRITE_CALLS = {
    "torch.save", "numpy.save", "numpy.savez", "np.save", "np.savez", "np.savetxt", "onnx.save", "onnx.save_model",
    "tifffile.imwrite", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.move", "os.rename", "os.replace",
}  # fmt: skip
_WRITE_METHODS = {"write_text", "write_bytes", "save_file", "imwrite"}
_PICTURE_LIBRARIES = ("PIL", "PySide6.QtGui", "psd_tools")


def _writes(call: ast.Call) -> bool:
    """Say whether this is an `open` with a mode that writes."""
    is_builtin = _dotted(call.func) in {"open", "io.open", "os.fdopen"}
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == "open"
    if not (is_builtin or is_method):
        return False
    place = 1 if is_builtin else 0
    modes = [word.value for word in call.keywords if word.arg == "mode"] or call.args[
        place : place + 1
    ]
    texts = [
        mode.value
        for mode in modes
        if isinstance(mode, ast.Constant) and isinstance(mode.value, str)
    ]
    return any(re.fullmatch(r"[rwxabt+]{1,4}", text) and set(text) & set("wxa+") for text in texts)


def _is_called(node: ast.AST | None, names: set[str]) -> bool:
    return node is not None and _dotted(node).rpartition(".")[2] in names


def _makes(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and _is_called(node.func, names)


def _list_handles(tree: ast.AST) -> set[str]:
    """Give the names that hold a file in memory, or one that files/atomic.py has opened."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and _is_called(
            node.annotation, {"BinaryIO", "BytesIO", "QBuffer"}
        ):
            found.add(node.arg)
        elif isinstance(node, ast.Assign) and _makes(node.value, {"BytesIO", "QBuffer"}):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Call) and _is_called(node.func, {"write_atomic"}):
            lambdas = [argument for argument in node.args if isinstance(argument, ast.Lambda)]
            found |= {word.arg for given in lambdas for word in given.args.args}
    return found


def find_writers(folder: Path) -> list[str]:
    """Find places that write files themselves instead of through files/atomic.py."""
    found = []
    for path in list_python_files(folder):
        name = path.relative_to(folder).as_posix()
        if any(
            name == place or (place.endswith("/") and name.startswith(place)) for place in WRITERS
        ):
            continue
        tree = _read(path)
        has_pictures = any(module.startswith(_PICTURE_LIBRARIES) for _, module in _imports(tree))
        handles = _list_handles(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            target = call.args[0] if call.args else None
            is_memory = any(isinstance(arg, ast.Name) and arg.id in handles for arg in call.args)
            method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            is_picture_save = (
                method == "save" and has_pictures and target is not None and not is_memory
            )
            is_write = (
                _writes(call) or method in _WRITE_METHODS or _dotted(call.func) in _WRITE_CALLS
            )
            if (is_write or is_picture_save) and not is_memory:
                found.append(f"{name}:{call.lineno} {_dotted(call.func)} writes a file")
    return found


# ------------------------------------------------------------------------------------------------- running strangers

_BANNED_MODULES = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "multiprocessing.shared_memory",
}  # fmt: skip
_BANNED_CALLS = {
    "eval",
    "exec",
    "os.system",
    "os.popen",
    "torch.load",
    "torch.hub.load",
    "yaml.load",
    "runpy.run_path",
}


def find_executors(paths: Iterable[Path]) -> list[str]:
    """Find what could run a stranger's bytes: pickles, eval, exec, a shell, torch.load."""
    found = []
    for path in paths:
        tree = _read(path)
        for node, module in _imports(tree):
            if any(
                module == banned or module.startswith(f"{banned}.") for banned in _BANNED_MODULES
            ):
                found.append(f"{_at(path, node)} imports {module}")
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = _dotted(call.func)
            if name in _BANNED_CALLS or name.endswith(
                (".getoutput", ".getstatusoutput", ".create_subprocess_shell")
            ):
                found.append(f"{_at(path, call)} calls {name}")
            for word in call.keywords:
                is_set = not (isinstance(word.value, ast.Constant) and not word.value.value)
                if word.arg in {"shell", "allow_pickle"} and is_set:
                    found.append(f"{_at(path, call)} {name}({word.arg}=…)")
    return found


# -------------------------------------------------------------------------------------------------------- habits


def find_habits(paths: Iterable[Path]) -> list[str]:
    """Find names and calls that CONVENTIONS bans: vague file names, blockSignals, foreign Qt modules."""
    found = []
    for path in paths:
        if path.stem in BANNED_NAMES:
            found.append(f"{path.name}: the name says nothing")
        tree = _read(path)
        for place, module in _imports(tree):
            words = module.split(".")
            if words[0] == "PySide6" and (len(words) < 2 or words[1] not in QT_MODULES):
                found.append(
                    f"{_at(path, place)} imports {module}; of PySide6 only {', '.join(sorted(QT_MODULES))}"
                )
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "blockSignals":
                found.append(f"{_at(path, node)} blockSignals: return when equal instead")
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                found.append(f"{_at(path, node)} a bare except")
    return found


def find_early_imports(path: Path) -> list[str]:
    """Find imports of our own or of large libraries at the top of the first file, where all must be late."""
    early = [node for node in _read(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    allowed = {"gc", "sys", "os", "__future__"}
    found = []
    for node in early:
        for _, module in _imports(ast.Module(body=[node], type_ignores=[])):
            if module.split(".")[0] not in allowed:
                found.append(f"{_at(path, node)} imports {module} before it knows the first word")
    return found


# --------------------------------------------------------------------------------------------- the tree as it is told


def read_layout(text: str) -> dict[str, set[str]]:
    """Read the fenced layout of studio/README.md: folder (`.` = studio itself) → file names without `.py`.

    The block starts with a line `studio/`. A line `  name/  words: file file` opens a folder; deeper lines
    go on with its files. Before the last colon stand words for people, after it (or alone) stand the files;
    brackets hold remarks. A line of names ending in `.py` at the first indent names files of studio itself.
    """
    blocks = re.findall(r"^```[^\n]*\n(studio/\n.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    if len(blocks) != 1:
        raise ValueError(
            f"studio/README.md needs one fenced block that starts with studio/, it has {len(blocks)}"
        )
    layout: dict[str, set[str]] = {".": set()}
    folder = "."
    for raw in blocks[0].splitlines()[1:]:
        line = re.sub(r"\([^)]*\)", "", raw)
        opened = re.match(r"^ {2}(\w+)/(.*)$", line)
        if opened:
            folder = opened[1]
            layout[folder] = set()
        elif re.match(r"^ {2}\w+\.py", line):
            folder = "."
        names = (opened[2] if opened else line).rpartition(":")[2]
        layout[folder] |= {name.removesuffix(".py") for name in re.findall(r"[\w.]+", names)}
    return layout


def list_tree(folder: Path) -> dict[str, set[str]]:
    """Give the same of the real tree."""
    tree: dict[str, set[str]] = {".": set()}
    for path in list_python_files(folder):
        place = path.parent.relative_to(folder).as_posix()
        tree.setdefault(place, set())
        if path.stem != "__init__":
            tree[place].add(path.stem)
    return tree


def find_untold(told: dict[str, set[str]], real: dict[str, set[str]]) -> list[str]:
    """Find differences between the told and the real layout."""
    folders = sorted(told.keys() | real.keys())
    untold = [
        f"{folder}/{name}.py is not in studio/README.md"
        for folder in folders
        for name in sorted(real.get(folder, set()) - told.get(folder, set()))
    ]
    return untold + [
        f"{folder}/{name}.py is in studio/README.md only"
        for folder in folders
        for name in sorted(told.get(folder, set()) - real.get(folder, set()))
    ]
