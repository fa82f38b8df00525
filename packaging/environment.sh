# shellcheck shell=bash
# The private environment of Latent Studio: made once, pinned, continued after an interruption.
# Sourced by run.sh and test.sh, which set `root` (the clone) first.
#
#   STUDIO_VENV   another place for the environment (default: .venv in the clone)

venv=${STUDIO_VENV:-$root/.venv}
python=$venv/bin/python
constraints=$root/packaging/constraints.txt

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# What is installed is right when the stamp, written last, names these two files' content.
wanted_key() { cat "$root/pyproject.toml" "$constraints" | cksum; }

is_ready() { # $1: user | dev
    local stamp=$venv/.studio-$1 key=
    [[ -x $python && -r $stamp ]] || return 1
    IFS= read -r key <"$stamp" || return 1
    [[ $key == "$(wanted_key)" ]]
}

# ------------------------------------------------------------------------------------------------ system packages

# Installs Debian packages when that is possible without a question; else says the one line to run.
install_packages() { # $1: what they are for; the rest: packages
    local purpose=$1 as_root=()
    shift
    if ! command -v apt-get >/dev/null; then
        return 1
    fi
    if [[ $(id -u) != 0 ]]; then
        if ! { command -v sudo && sudo -n true; } >/dev/null 2>&1; then
            return 1
        fi
        as_root=(sudo -n)
    fi
    say "Installing $purpose: $*"
    local options=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    "${as_root[@]}" apt-get "${options[@]}" -qq update </dev/null >&2 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qq install -y \
            --no-install-recommends "$@" </dev/null >/dev/null
}

# The system libraries that Qt opens, and the Debian package of each. (From Debian 13 and Ubuntu 24.04 on,
# libglib2.0-0 is called libglib2.0-0t64; apt finds it by the old name.)
qt_libraries='
libEGL.so.1           libegl1
libGL.so.1            libgl1
libxkbcommon.so.0     libxkbcommon0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0    libxcb-cursor0
libxcb-icccm.so.4     libxcb-icccm4
libxcb-image.so.0     libxcb-image0
libxcb-keysyms.so.1   libxcb-keysyms1
libxcb-randr.so.0     libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0     libxcb-shape0
libxcb-xkb.so.1       libxcb-xkb1
libX11-xcb.so.1       libx11-xcb1
libdbus-1.so.3        libdbus-1-3
libfontconfig.so.1    libfontconfig1
libfreetype.so.6      libfreetype6
libglib-2.0.so.0      libglib2.0-0
libgssapi_krb5.so.2   libgssapi-krb5-2
'

# Prints "library package" for each that cannot be opened here.
missing_qt_libraries() {
    "$python" -I - "$qt_libraries" <<'PYTHON'
import ctypes
import sys

for line in sys.argv[1].split("\n"):
    if line.strip():
        try:
            ctypes.CDLL(line.split()[0])
        except OSError:
            print(line)
PYTHON
}

# True when Qt can open a window as far as its libraries go; installs them or says how.
ensure_qt_libraries() {
    [[ $(uname -s) == Linux ]] || return 0
    [[ -e $venv/.studio-qt-libraries ]] && return 0
    local missing packages
    missing=$(missing_qt_libraries)
    if [[ -n $missing ]]; then
        mapfile -t packages < <(awk '{print $2}' <<<"$missing")
        install_packages "the system libraries of the window" "${packages[@]}" || true
        missing=$(missing_qt_libraries)
    fi
    if [[ -n $missing ]]; then
        say "The window needs system libraries that are missing here. Run this once, then start again:"
        if command -v apt-get >/dev/null; then
            say "    sudo apt-get update && sudo apt-get install -y $(awk '{printf s $2; s = " "}' <<<"$missing")"
        else
            say "    (with your system's package tool) $(awk '{printf s $1; s = " "}' <<<"$missing")"
        fi
        return 1
    fi
    : >"$venv/.studio-qt-libraries"
}

# --------------------------------------------------------------------------------------------- the environment

supported='import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 15))'

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11 python3.14 python /usr/bin/python3; do
        if command -v "$name" >/dev/null && "$name" -c "$supported" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

check_disk() {
    local needed_gb=$1 folder free_kb
    folder=$(dirname -- "$venv")
    mkdir -p -- "$folder"
    free_kb=$(df -Pk -- "$folder" | awk 'NR == 2 {print $4}')
    if ((free_kb < needed_gb * 1000 * 1000)); then
        say "Not enough free disk: $folder has $((free_kb / 1000000)) GB free, $needed_gb GB are needed."
        fail "Make room, or name another place: STUDIO_VENV=/a/bigger/disk/studio-env bash packaging/run.sh"
    fi
}

announce() {
    local download needed_gb
    if [[ -d $venv && ! -e $venv/pyvenv.cfg && -n $(ls -A -- "$venv") ]]; then
        fail "$venv holds something else. Move it away, or name another place with STUDIO_VENV."
    fi
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) download="3.5 GB" needed_gb=8 ;;
        Linux-*) download="up to 3.5 GB" needed_gb=8 ;;
        *) download="0.5 GB" needed_gb=3 ;;
    esac
    check_disk "$needed_gb"
    say "Setting up, once: about $download to download into $venv (most of it the CUDA libraries)."
    say "This can be stopped with Ctrl C at any time; the same command goes on where it stopped."
}

make_venv() {
    local base
    if [[ -x $python ]] && "$python" -c "$supported" >/dev/null 2>&1; then
        return 0
    fi
    base=$(find_python) || base=
    if command -v uv >/dev/null; then
        uv venv --quiet --allow-existing --python "${base:->=3.11,<3.15}" "$venv" && return 0
    fi
    if [[ -z $base ]]; then
        say "Python 3.11 to 3.14 is needed, and none was found. On Debian 12 or Ubuntu 24.04 and newer:"
        fail "    sudo apt-get install -y python3 python3-venv"
    fi
    if ! "$base" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        install_packages "Python's venv module" python3-venv || true
    fi
    if ! "$base" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        say "Python's venv module is missing. Run this once, then start again:"
        fail "    sudo apt-get install -y python3-venv"
    fi
    "$base" -m venv --clear "$venv" || fail "The environment could not be made in $venv."
}

install_with_uv() { # arguments of `pip install`
    local uv
    if command -v uv >/dev/null; then
        uv=$(command -v uv)
    else
        uv=$venv/bin/uv
        if [[ ! -x $uv ]]; then
            # Many times faster than pip, and it keeps what it has when it is interrupted.
            PIP_CONSTRAINT='' "$python" -m pip install --quiet --disable-pip-version-check uv >&2 || return 1
        fi
    fi
    # Compiled now, in half a minute: where Python may not write beside its packages, each start of a process
    # with torch would compile them again, for five seconds and more.
    UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-300} "$uv" pip install --compile-bytecode --python "$python" \
        --constraint "$constraints" "$@" >&2
}

install_with_pip() { # arguments of `pip install`
    say "Trying with pip instead."
    "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >&2 || return 1
    # Setting the variable, empty or not, takes the place of a list of versions in the machine's pip settings,
    # which may forbid ours. The first call: only new releases know dependency groups.
    PIP_CONSTRAINT='' "$python" -m pip install --quiet --upgrade pip >&2 &&
        PIP_CONSTRAINT=$constraints "$python" -m pip install "$@" >&2
}

# Makes or mends the environment. $1: user (what the program needs) | dev (and the tools of the checks).
set_up() {
    local packages=(--editable "$root")
    # The checks also need what is an extra for artists: a test that skips where it is missing would never run.
    [[ $1 == dev ]] && packages=(--editable "$root[video,provenance]" --group "$root/pyproject.toml:dev")
    # One set-up at a time; the lock goes when this shell goes.
    exec 9<"$constraints"
    if command -v flock >/dev/null && ! flock --nonblock 9; then
        say "Another start is setting up. Waiting for it."
        flock 9
    fi
    if ! is_ready "$1"; then
        # A developer's environment has everything; adding the tools to one that runs downloads little.
        is_ready user || announce
        rm -f -- "$venv/.studio-user" "$venv/.studio-dev" "$venv/.studio-qt-libraries"
        make_venv
        install_with_uv "${packages[@]}" || install_with_pip "${packages[@]}" ||
            fail "The packages could not all be installed. Run the same command again: it goes on where it stopped."
        # The program's own files, too; what changes later is compiled anew as it is met.
        "$python" -m compileall -q "$root/studio" >&2 || true
        wanted_key >"$venv/.studio-user.part"
        [[ $1 == dev ]] && cp -- "$venv/.studio-user.part" "$venv/.studio-dev"
        mv -- "$venv/.studio-user.part" "$venv/.studio-user"
    fi
    exec 9<&-
}

# ---------------------------------------------------------------------------------------- how programs are started

# This clone's code, whatever folder the call comes from (a folder `studio` there must not be taken for it).
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONSAFEPATH=1
# onnxruntime reports to its maker unless this stands before it is loaded.
export ORT_DISABLE_TELEMETRY=1
# Qt and Python take file names as UTF-8 only when the locale says so.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
    *[Uu][Tt][Ff]*) ;;
    *) export LC_ALL=C.UTF-8 ;;
esac
