#!/usr/bin/env bash
# Sets Latent Studio up the first time (see environment.sh), then starts it.
#
#   bash packaging/run.sh                      the window
#   bash packaging/run.sh generate --seed 7 …  any `studio` command
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=packaging/environment.sh
source "$root/packaging/environment.sh"

is_ready user || set_up user

if (($# > 0)); then
    # A command without a window works without its libraries; a missing one is said by the window itself.
    exec "$python" -m studio "$@"
fi

if [[ $(uname -s) == Linux && -z ${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-} ]]; then
    folder=$PWD
    [[ -w $folder ]] || folder=${TMPDIR:-/tmp}
    sheet=$folder/contact-sheet.png
    for ((number = 2; ; number++)); do
        [[ -e $sheet ]] || break
        sheet=$folder/contact-sheet-$number.png
    done
    say "There is no display here, so no window can open. Making a contact sheet instead."
    "$python" -m studio generate --count 16 --sheet --out "$sheet"
    say "The contact sheet lies in $sheet"
    exit 0
fi

ensure_qt_libraries || exit 1
exec "$python" -m studio
