#!/usr/bin/env bash
# Sets up (the same environment as run.sh, and the tools) and runs every check.
#
#   bash packaging/test.sh          all tests, the long fault trials with a hundredth of their rounds
#   bash packaging/test.sh --all    all tests in full
#   bash packaging/test.sh -k WORD  further words go to pytest
set -uo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=packaging/environment.sh
source "$root/packaging/environment.sh"

limits=()
if [[ ${1:-} == --all ]]; then
    export STUDIO_TEST_ALL=1
    limits=(--timeout 3600 -o faulthandler_timeout=3500)
    shift
fi

is_ready dev || set_up dev
ensure_qt_libraries || exit 1
cd -- "$root" || exit 1

failed=()

step() { # $1: its name; the rest: the command
    local name=$1 start=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if "$@" </dev/null; then
        printf -- '--- %s: passed in %d s\n' "$name" $((SECONDS - start))
    else
        printf -- '--- %s: FAILED after %d s\n' "$name" $((SECONDS - start))
        failed+=("$name")
    fi
}

# With --all, the programs that our files are opened with; without, those that are here are used.
other_programs() {
    local tool missing=()
    for tool in gimp:gimp krita:krita convert:imagemagick xvfb-run:xvfb; do
        command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
    done
    if ((${#missing[@]})) && ! install_packages "programs that open our files" "${missing[@]}"; then
        say "Tests with ${missing[*]} are left out. To have them: sudo apt-get install -y ${missing[*]}"
    fi
}

# Tests of the real window system, where there are any: a virtual X server and a small window manager.
x11_tests() {
    local tool missing=()
    for tool in Xvfb:xvfb xauth:xauth openbox:openbox; do
        command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
    done
    if ((${#missing[@]})) && ! install_packages "a virtual X server for the tests" "${missing[@]}"; then
        say "Run this once, then again: sudo apt-get install -y ${missing[*]}"
        return 1
    fi
    # shellcheck disable=SC2016
    STUDIO_TEST_X11=1 QT_QPA_PLATFORM=xcb xvfb-run --auto-servernum --server-args='-screen 0 1600x1000x24' bash -c '
        openbox & manager=$!
        "$@"
        code=$?
        kill "$manager"
        exit "$code"
    ' x11 "$python" -m pytest -m x11
}

[[ ${STUDIO_TEST_ALL:-} != 1 ]] || other_programs

step "format" "$python" -m ruff format --check .
step "lint" "$python" -m ruff check .
step "spelling" "$venv/bin/codespell"
step "import rule" "$venv/bin/lint-imports" --no-logo --no-cache
step "types" "$python" -m mypy
if grep -rqE 'mark\.x11' --include='test_*.py' tests; then
    step "tests on a real window system" x11_tests
fi
step "tests" "$python" -m pytest --numprocesses auto --maxprocesses 4 ${limits[@]+"${limits[@]}"} "$@"

if ((${#failed[@]})); then
    printf '\nFAILED: %s\n' "$(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
    exit 1
fi
printf '\nAll checks passed in %d s.\n' "$SECONDS"
