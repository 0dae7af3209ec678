#!/bin/sh
# What the tests need from the machine beside Python: Chromium and PostgreSQL. As root on Debian it installs them,
# elsewhere it says what to install. The product itself needs neither.
set -eu

have_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

have_postgresql() {
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

missing=""
have_chromium || missing="chromium"
have_postgresql || missing="${missing:+$missing }postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "== Installing $missing for the tests (about a minute) …"
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -20 "$log"
        echo "Installing $missing failed; the lines above say why."
        exit 1
    fi
    rm -f "$log"
elif command -v apt-get >/dev/null; then
    echo "The tests need $missing. Install it, then start again: sudo apt-get install --no-install-recommends $missing"
    exit 1
else
    echo "The tests need $missing (a Chromium or Chrome on PATH; PostgreSQL's initdb on PATH). Install it, then start again."
    exit 1
fi
