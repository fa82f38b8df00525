"""What is committed names no machine and no registry, and is of a size that a clone bears."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture import rules

MAX_FILE_BYTES = 16 * 2**20
MAX_MODEL_BYTES = 40 * 2**20

# Put together from parts, so that this file does not find itself.
_REGISTRY = re.compile(
    "|".join(
        [
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            r"registry\." + r"npmjs",
            r"download\.py" + r"torch\.org",
            "--(extra-)?" + "index-url",
            "--find" + "-links",
            r"https?://[^ ]*/" + r"simple(/|\"|$)",
        ]
    ).encode()
)
_MACHINE = re.compile(rb"(?<![\w.~])/(home|Users)/\w[\w.-]+/|/" + rb"root/|[A-Z]:\\{1,2}Users\\")


def _list_tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=rules.ROOT, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("not a git clone")
    return [
        path
        for name in done.stdout.decode().split("\0")
        if name and (path := rules.ROOT / name).is_file()
    ]


def _find_named(path: Path, here: bytes) -> list[str]:
    """Find a registry, another machine's home or `here` (this clone's place) in one file."""
    content = path.read_bytes()
    found = [
        f"{path.name}: {match[0]!r}"
        for match in (_REGISTRY.search(content), _MACHINE.search(content))
        if match
    ]
    return found + ([f"{path.name}: {here!r}"] if here in content else [])


def test_no_registry_and_no_machine_is_named() -> None:
    here = str(rules.ROOT.parent).encode() + b"/"
    if here.count(b"/") < 3:  # one folder alone could be anybody's
        here = str(rules.ROOT).encode() + b"/"
    assert [line for path in _list_tracked() for line in _find_named(path, here)] == []


@pytest.mark.parametrize(
    "text",
    [
        "see https://py" + "pi.org/x",
        "pip install --extra-" + "index-url x",
        "/home/" + "ada/pictures/a.png",
        "/Users/" + "ada/a",
        "C:\\" + "Users\\ada",
        "/some" + "place/studio/x.py",
    ],
)
def test_named_machine_is_found(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    assert len(_find_named(path, b"/some" + b"place/")) == 1


def test_no_file_is_too_large() -> None:
    assert [path.name for path in _list_tracked() if path.stat().st_size > MAX_FILE_BYTES] == []


def test_no_model_is_too_large() -> None:
    folders: dict[str, int] = {}
    for path in _list_tracked():
        parts = path.relative_to(rules.ROOT).parts
        if parts[0] == "models" and len(parts) > 2:
            folders[parts[1]] = folders.get(parts[1], 0) + path.stat().st_size
    assert {name: size for name, size in folders.items() if size > MAX_MODEL_BYTES} == {}


def test_the_registry_lock_is_not_committed() -> None:
    assert not {"uv.lock", "poetry.lock"} & {path.name for path in _list_tracked()}
