"""packaging/run.sh: the first start, the second, and every way in which a start can fail.

The real script runs in a copy of the clone; only what it calls (uv, python, apt-get …) is a stand-in.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.architecture import rules

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the script's Linux half is tried")

TOOLS = (
    "bash",
    "cat",
    "cksum",
    "dirname",
    "uname",
    "df",
    "awk",
    "mkdir",
    "rm",
    "mv",
    "cp",
    "ls",
    "id",
    "flock",
    "env",
)

# Says how it was called, line by line, and pretends to be a Python of 3.12 with every library.
PYTHON = """#!/bin/bash
if [[ $1 == -c ]]; then exit 0; fi
if [[ $1 == -I ]]; then cat "$HERE/missing" 2>/dev/null; exit 0; fi
if [[ $2 == pip || $2 == ensurepip ]]; then printf '%s\\n' "$*" >>"$HERE/calls"; [[ ! -e $HERE/offline ]]; exit; fi
printf 'studio: %s\\n' "$*"
printf 'path: %s %s\\n' "$PYTHONPATH" "$PYTHONSAFEPATH"
[[ $3 != generate ]] || printf '[%s]\\n' "${@:4}"
"""

UV = """#!/bin/bash
printf 'uv %s\\n' "$*" >>"$HERE/calls"
if [[ $1 == venv ]]; then
    mkdir -p "${@: -1}/bin" && cp "$HERE/bin/python3" "${@: -1}/bin/python" && : >"${@: -1}/pyvenv.cfg"
fi
if [[ $1 == pip && -e $HERE/offline ]]; then exit 2; fi
exit 0
"""


@dataclass
class Clone:
    """A copy of what the script needs, and the folder of its stand-ins."""

    root: Path
    here: Path
    extra: dict[str, str] = field(default_factory=dict)

    def put_tool(self, name: str, text: str) -> None:
        """Place a stand-in on the script's PATH."""
        path = self.here / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call the script, from another folder."""
        # A bare environment: only the stand-ins and what the script may expect of any system.
        environment = {
            "PATH": str(self.here / "bin"),
            "HERE": str(self.here),
            "HOME": str(self.here),
            **self.extra,
        }
        return subprocess.run(
            ["/bin/bash", str(self.root / "packaging/run.sh"), *words],
            cwd=self.here, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip

    @property
    def calls(self) -> list[str]:
        """What uv was asked so far."""
        path = self.here / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    root, here = tmp_path / "a clone", tmp_path / "elsewhere"
    (here / "bin").mkdir(parents=True)
    root.mkdir()
    shutil.copytree(rules.ROOT / "packaging", root / "packaging")
    shutil.copy(rules.ROOT / "pyproject.toml", root)
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (here / "bin" / tool).symlink_to(found)
    made = Clone(root, here)
    made.put_tool("python3", PYTHON)
    made.put_tool("uv", UV)
    return made


def test_first_start_sets_up_and_passes_the_words_on(clone: Clone) -> None:
    done = clone.run("generate", "--out", "a b.png", "")
    assert done.returncode == 0, done.stderr
    assert "GB to download" in done.stderr
    assert clone.calls[0].startswith("uv venv")
    assert clone.calls[1].startswith("uv pip install --compile-bytecode --python")
    assert "--constraint" in clone.calls[1]
    assert "studio: -m studio generate --out a b.png " in done.stdout
    assert done.stdout.endswith("[--out]\n[a b.png]\n[]\n")
    assert f"path: {clone.root} 1" in done.stdout


def test_second_start_asks_nothing(clone: Clone) -> None:
    clone.run("doctor")
    num_calls = len(clone.calls)
    done = clone.run("doctor")
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(clone.calls) == num_calls


@pytest.mark.parametrize("name", ["pyproject.toml", "packaging/constraints.txt"])
def test_new_versions_are_brought_at_the_next_start(clone: Clone, name: str) -> None:
    clone.run("doctor")
    num_calls = len(clone.calls)
    with (clone.root / name).open("a") as file:
        file.write("# new\n")
    clone.run("doctor")
    assert len(clone.calls) > num_calls


def test_interrupted_set_up_goes_on(clone: Clone) -> None:
    (clone.here / "offline").touch()
    done = clone.run("doctor")
    assert done.returncode == 1
    assert "goes on where it stopped" in done.stderr
    assert "studio: -m studio" not in done.stdout
    (clone.here / "offline").unlink()
    assert clone.run("doctor").stdout.startswith("studio: -m studio doctor")


def test_pip_takes_over_where_uv_fails(clone: Clone) -> None:
    clone.put_tool("uv", UV.replace("-e $HERE/offline", "1"))
    done = clone.run("doctor")
    assert done.returncode == 0, done.stderr
    assert "Trying with pip instead." in done.stderr
    assert any(call.startswith("-m pip install --editable") for call in clone.calls)


def test_no_display_makes_a_contact_sheet(clone: Clone) -> None:
    done = clone.run()
    assert done.returncode == 0, done.stderr
    assert "There is no display here" in done.stderr
    assert f"The contact sheet lies in {clone.here}/contact-sheet.png" in done.stderr
    assert "generate --count 16 --sheet --out" in done.stdout
    (clone.here / "contact-sheet.png").touch()
    assert f"lies in {clone.here}/contact-sheet-2.png" in clone.run().stderr


def test_display_opens_the_window(clone: Clone) -> None:
    clone.extra["DISPLAY"] = ":7"
    done = clone.run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("studio: -m studio\n")


def test_full_disk_is_said_before_the_download(clone: Clone) -> None:
    clone.put_tool("df", "#!/bin/bash\necho h\necho 'disk 9000000 8000000 1000000 90% /'\n")
    done = clone.run()
    assert done.returncode == 1
    assert "has 1 GB free, 8 GB are needed" in done.stderr
    assert clone.calls == []


def test_foreign_folder_is_left_alone(clone: Clone) -> None:
    (clone.root / ".venv").mkdir()
    (clone.root / ".venv/diary.txt").touch()
    done = clone.run()
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert [path.name for path in (clone.root / ".venv").iterdir()] == ["diary.txt"]


def test_missing_python_is_said(clone: Clone) -> None:
    clone.put_tool("python3", "#!/bin/bash\nexit 1\n")
    (clone.here / "bin/uv").unlink()
    # The script's last resort is an absolute name; here it must not be there either.
    text = (clone.root / "packaging/environment.sh").read_text()
    (clone.root / "packaging/environment.sh").write_text(
        text.replace("/usr/bin/python3", "/nowhere/python3")
    )
    done = clone.run()
    assert done.returncode == 1
    assert "Python 3.11 to 3.14 is needed" in done.stderr
    assert "apt-get install -y python3" in done.stderr


@pytest.mark.parametrize("has_apt", [True, False])
def test_missing_library_is_said_in_one_line(clone: Clone, *, has_apt: bool) -> None:
    clone.extra["DISPLAY"] = ":7"
    clone.put_tool("id", "#!/bin/bash\necho 1000\n")
    if has_apt:
        clone.put_tool("apt-get", "#!/bin/bash\nexit 1\n")
    (clone.here / "missing").write_text("libxcb-cursor.so.0 libxcb-cursor0\nlibEGL.so.1 libegl1\n")
    done = clone.run()
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert (
        "sudo apt-get update && sudo apt-get install -y libxcb-cursor0 libegl1" in line
    ) == has_apt
    assert ("libxcb-cursor.so.0 libEGL.so.1" in line) != has_apt
    # What needs no window goes on.
    assert clone.run("doctor").returncode == 0


def test_missing_library_is_installed_by_root(clone: Clone) -> None:
    clone.extra["DISPLAY"] = ":7"
    clone.put_tool("id", "#!/bin/bash\necho 0\n")
    clone.put_tool(
        "apt-get",
        '#!/bin/bash\nprintf "apt %s\\n" "$*" >>"$HERE/calls"\n[[ $* != *install* ]] || rm "$HERE/missing"\n',
    )
    (clone.here / "missing").write_text("libxcb-cursor.so.0 libxcb-cursor0\n")
    done = clone.run()
    assert done.returncode == 0, done.stderr
    assert clone.calls[-1].endswith("--no-install-recommends libxcb-cursor0")
    assert done.stdout.startswith("studio: -m studio\n")


def test_another_place_is_honoured(clone: Clone) -> None:
    clone.extra["STUDIO_VENV"] = str(clone.here / "big disk/env")
    assert clone.run("doctor").returncode == 0
    assert (clone.here / "big disk/env/.studio-user").exists()
    assert not (clone.root / ".venv").exists()


def test_real_library_list_is_what_this_system_has() -> None:
    if os.environ.get("CI") != "true":
        pytest.skip("only where the script has set the system up")
    command = 'root=$1; source "$1/packaging/environment.sh"; python=$2; missing_qt_libraries'
    done = subprocess.run(
        ["bash", "-c", command, "x", str(rules.ROOT), sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
