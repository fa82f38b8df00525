"""The import rule of pyproject.toml holds, and each of its contracts is seen to break."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import rules

FOLDERS = (
    "app", "cli", "core", "dataset", "engine", "export", "files", "library", "opener", "protocol", "training", "ui",
)  # fmt: skip

# Contract id → a file and the import planted in it.
FAULTS = {
    "layers": [
        ("core/latent.py", "from studio.files import places"),  # lower imports higher
        ("library/gallery.py", "from studio.export import stills"),  # siblings
        ("extra/__init__.py", "X = 1"),  # a folder without its place
    ],
    "cli": [("cli/train.py", "from studio.training import loop")],
    "qt": [("core/latent.py", "import PySide6.QtCore"), ("training/loop.py", "import pyqtgraph")],
    "torch": [
        ("app/document.py", "import torch"),
        ("engine/session.py", "def f():\n    import torchvision"),
    ],
    "onnxruntime": [
        ("opener/host.py", "import onnxruntime"),
        ("app/document.py", "from studio.engine import session"),  # by way of the engine
    ],
    "onnxruntime-direct": [("cli/doctor.py", "import onnxruntime")],
    "onnx": [("library/model_library.py", "import onnx")],
    "pillow": [("ui/canvas.py", "from PIL import Image")],
}


def _check(folder: Path, *, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree `studio` in `folder`."""
    code = "import sys; from importlinter.cli import lint_imports_command as run; sys.path.insert(0, ''); run()"
    limit = ["--contract", contract] if contract else []
    return subprocess.run(
        [sys.executable, "-P", "-c", code, "--no-cache", "--no-logo", *limit],
        cwd=folder, capture_output=True, text=True, check=False, env={"COLUMNS": "200"},
    )  # fmt: skip


def _make_tree(folder: Path) -> None:
    shutil.copy(rules.ROOT / "pyproject.toml", folder)
    for name in (".", *FOLDERS):
        (folder / "studio" / name).mkdir(exist_ok=True)
        (folder / "studio" / name / "__init__.py").write_text("")
    for name in ("compose", "files/places", "export/stills", "training/loop", "engine/session"):
        (folder / "studio" / f"{name}.py").write_text("")
    (folder / "studio/engine/session.py").write_text("import onnxruntime\n")


def test_import_rule_holds() -> None:
    result = _check(rules.ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_has_a_planted_fault() -> None:
    config = tomllib.loads((rules.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["id"] for contract in config["tool"]["importlinter"]["contracts"]} == set(
        FAULTS
    )


def test_sound_tree_is_quiet(tmp_path: Path) -> None:
    _make_tree(tmp_path)
    result = _check(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow  # a process per planted fault
@pytest.mark.parametrize(
    ("contract", "name", "text"),
    [(contract, *fault) for contract, faults in FAULTS.items() for fault in faults],
)
def test_broken_contract_is_found(tmp_path: Path, contract: str, name: str, text: str) -> None:
    _make_tree(tmp_path)
    path = tmp_path / "studio" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}\n")
    result = _check(tmp_path, contract=contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert " BROKEN" in result.stdout or "studio.extra" in result.stdout, result.stdout
