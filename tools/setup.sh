#!/bin/sh
# setup.sh COMMAND:PACKAGE...   installs the Debian packages of the commands (or /files) that are not there. Quiet if none is missing.
missing=
for need in "$@"; do
    command -v "${need%%:*}" >/dev/null 2>&1 || [ -f "${need%%:*}" ] || missing="$missing ${need#*:}"
done
if [ -z "$missing" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: please install:$missing" >&2
    exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "setup: installing$missing"
# Word splitting is meant: a list of packages.
# shellcheck disable=SC2086
if ! $sudo apt-get install -y -qq --no-install-recommends $missing libc6-dev >/dev/null; then
    $sudo apt-get update -qq &&
    $sudo apt-get install -y -qq --no-install-recommends $missing libc6-dev >/dev/null || {
        echo "setup: could not install$missing" >&2
        exit 1
    }
fi
