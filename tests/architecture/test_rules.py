"""The rules hold for the tree, and each is seen to fail on a planted fault."""

from pathlib import Path

import pytest

from tests.architecture import rules


def _plant(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# --------------------------------------------------------------------------------------------------- the real tree


def test_files_functions_and_classes_stay_small() -> None:
    assert rules.find_sizes(rules.list_python_files(rules.STUDIO)) == []


def test_one_module_writes_files() -> None:
    assert rules.find_writers(rules.STUDIO) == []


def test_nothing_runs_a_strangers_bytes() -> None:
    assert rules.find_executors(rules.list_python_files(rules.STUDIO)) == []


def test_habits() -> None:
    assert rules.find_habits(rules.list_python_files(rules.STUDIO)) == []


def test_first_file_imports_late() -> None:
    assert rules.find_early_imports(rules.STUDIO / "__main__.py") == []


def test_plain_folders_are_no_packages() -> None:
    assert [
        name for name in rules.PLAIN_FOLDERS if (rules.ROOT / name / "__init__.py").exists()
    ] == []


def test_readme_tells_the_layout() -> None:
    told = rules.read_layout((rules.STUDIO / "README.md").read_text(encoding="utf-8"))
    assert rules.find_untold(told, rules.list_tree(rules.STUDIO)) == []


# ------------------------------------------------------------------------------------------------- planted faults


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x = 1\n" * 401, "401 lines"),
        ("def f():\n" + "    x = 1\n" * 60, "61 lines"),
        ("class A:\n" + "    x = 1\n" * 250, "251 lines"),
        ("def f(a, b, *, c, d, e, g, h, i): ...\n", "8 arguments"),
        ("def f(a, b, c): ...\n", "keyword-only after 2 (a, b, c)"),
        ("class A:\n    def f(self, a, b, c): ...\n", "keyword-only after 2 (a, b, c)"),
        ("class A:\n    @staticmethod\n    def f(a, b, c): ...\n", "keyword-only after 2"),
        ("class A:\n    def __init__(self, a, b, c): ...\n", "keyword-only after 2"),
    ],
)
def test_size_fault_is_found(tmp_path: Path, text: str, word: str) -> None:
    found = rules.find_sizes([_plant(tmp_path, "a.py", text)])
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b, *, c, d, e, g, h): ...\n",
        "class A:\n    def f(self, a, b): ...\n",
        "class A:\n    def setData(self, index, value, role): ...\n",
        "class A:\n    def paint(self, painter, option, index): ...\n",
        "def f():\n" + "    x = 1\n" * 59,
    ],
)
def test_right_size_is_quiet(tmp_path: Path, text: str) -> None:
    assert rules.find_sizes([_plant(tmp_path, "a.py", text)]) == []


@pytest.mark.parametrize(
    "text",
    [
        "open('a', 'w')\n",
        "open('a', mode='ab')\n",
        "from pathlib import Path\nPath('a').open('r+b')\n",
        "from pathlib import Path\nPath('a').write_text('x')\n",
        "from pathlib import Path\nPath('a').write_bytes(b'x')\n",
        "import os\nos.replace('a', 'b')\n",
        "import torch\ntorch.save({}, 'a')\n",
        "import numpy as np\nnp.savez('a', x=1)\n",
        "from PIL import Image\nImage.new('RGB', (1, 1)).save('a.png')\n",
        "from PySide6.QtGui import QImage\nQImage(1, 1).save('a.png')\n",
        "from safetensors import numpy\nnumpy.save_file({}, 'a')\n",
    ],
)
def test_naive_writer_is_found(tmp_path: Path, text: str) -> None:
    _plant(tmp_path, "library/gallery.py", text)
    assert len(rules.find_writers(tmp_path)) == 1
    _plant(tmp_path, "library/gallery.py", "")
    _plant(tmp_path, "files/atomic.py", text)
    _plant(tmp_path, "export/stills.py", text)
    assert rules.find_writers(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "open('a')\n",
        "open('a', 'rb')\n",
        "from pathlib import Path\nPath('a').open()\n",
        "document.save('w')\n",
        "import numpy as np\nwrite_atomic(path, lambda file: np.save(file, array))\n",
        "from typing import BinaryIO\nfrom PIL import Image\ndef write(file: BinaryIO) -> None:\n    Image.new('L', (1, 1)).save(file)\n",
        "import io\nfrom PIL import Image\nbuffer = io.BytesIO()\nImage.new('L', (1, 1)).save(buffer, 'PNG')\n",
    ],
)
def test_reader_is_quiet(tmp_path: Path, text: str) -> None:
    _plant(tmp_path, "library/gallery.py", text)
    assert rules.find_writers(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle\n",
        "from pickle import loads\n",
        "def f():\n    import joblib\n",
        "from multiprocessing import shared_memory\n",
        "eval('1')\n",
        "exec('1')\n",
        "import os\nos.system('ls')\n",
        "import subprocess\nsubprocess.run('ls', shell=True)\n",
        "import subprocess\nsubprocess.getoutput('ls')\n",
        "import torch\ntorch.load('a', weights_only=True)\n",
        "import numpy as np\nnp.load('a', allow_pickle=True)\n",
    ],
)
def test_executor_is_found(tmp_path: Path, text: str) -> None:
    assert len(rules.find_executors([_plant(tmp_path, "a.py", text)])) == 1


def test_safe_call_is_quiet(tmp_path: Path) -> None:
    text = "import numpy as np\nimport subprocess\nnp.load('a', allow_pickle=False)\nsubprocess.run(['ls'])\nmodel.eval()\n"
    assert rules.find_executors([_plant(tmp_path, "a.py", text)]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("utils.py", ""),
        ("a.py", "from PySide6.QtOpenGLWidgets import QOpenGLWidget\n"),
        ("a.py", "import PySide6.QtWebEngineCore\n"),
        ("a.py", "from PySide6 import QtCharts\n"),
        ("a.py", "slider.blockSignals(True)\n"),
        ("a.py", "try:\n    x = 1\nexcept:\n    x = 2\n"),
    ],
)
def test_bad_habit_is_found(tmp_path: Path, name: str, text: str) -> None:
    assert len(rules.find_habits([_plant(tmp_path, name, text)])) == 1


def test_early_import_is_found(tmp_path: Path) -> None:
    text = (
        "import sys\nfrom studio import compose\n\ndef main() -> int:\n    from studio import cli\n"
    )
    found = rules.find_early_imports(_plant(tmp_path, "__main__.py", text))
    assert len(found) == 1
    assert "__main__.py:2 imports studio.compose" in found[0]


_LAYOUT = """# Layout

```
studio/
  __main__.py  compose.py
  cli/        a file per command group: generate
  core/       values and maths: arrays latent
              recipe (frozen) recipe_json
```
"""


def test_layout_is_read() -> None:
    assert rules.read_layout(_LAYOUT) == {
        ".": {"__main__", "compose"},
        "cli": {"generate"},
        "core": {"arrays", "latent", "recipe", "recipe_json"},
    }


def test_untold_and_missing_files_are_found(tmp_path: Path) -> None:
    for name in (
        "__main__.py",
        "compose.py",
        "cli/generate.py",
        "core/arrays.py",
        "core/recipe.py",
        "core/new.py",
    ):
        _plant(tmp_path, name, "")
    assert rules.find_untold(rules.read_layout(_LAYOUT), rules.list_tree(tmp_path)) == [
        "core/new.py is not in studio/README.md",
        "core/latent.py is in studio/README.md only",
        "core/recipe_json.py is in studio/README.md only",
    ]
