#!/bin/sh
# Every C file looks as clang-format makes it look (.clang-format). Status 77: there is no clang-format of that version.
cd "$(dirname "$0")/.." || exit 1
for tool in clang-format-14 clang-format; do
    command -v $tool >/dev/null 2>&1 && break
    tool=
done
case $($tool --version 2>/dev/null) in
*"version 14."*) ;;
*)
    echo "SKIPPED check-format: clang-format 14 is not installed"
    exit 77
    ;;
esac
files=$(git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]' -not -path './build*')
# One line per file: where it differs first.
# shellcheck disable=SC2086
bad=$(for file in $files; do [ -f "$file" ] && echo "$file"; done | xargs -n 40 $tool --dry-run -Werror 2>&1 |
    grep -- '-Wclang-format-violations' | sort -t: -u -k1,1)
[ -z "$bad" ] && exit 0
echo "$bad"
echo "$(echo "$bad" | wc -l) files are not formatted"
exit 1
