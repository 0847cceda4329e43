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
bad=0
for file in $(git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]' -not -path './build*'); do
    [ -f "$file" ] || continue
    first=$($tool --dry-run -Werror "$file" 2>&1 | head -n 1)
    if [ -n "$first" ]; then
        echo "$first"
        bad=$((bad + 1))
    fi
done
echo "$bad files are not formatted"
[ $bad = 0 ]
