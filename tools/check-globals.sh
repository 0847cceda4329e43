#!/bin/sh
# check-globals.sh BUILD   no mutable state outside structs: lists writable symbols in the objects of the libraries that are not
# permitted below. Everything hangs from a struct, so that two machines in one process work.
build=${1:-build}
permitted='
base/log.c:log_filter
base/log.c:log_mask
base/log.c:log_file
'
# Reason: where messages go and which are wanted is a matter of the terminal, not of a machine.
found=$(find "$build" -path '*/CMakeFiles/*.dir/*.o' -not -path '*/tests/*' 2>/dev/null)
if [ -z "$found" ]; then
    echo "SKIPPED check-globals: no objects in $build"
    exit 77
fi
bad=0
for object in $found; do
    file=$(echo "$object" | sed 's|.*/\([a-z]*\)/CMakeFiles/[^/]*/\(.*\)\.o$|\1/\2|')
    case $file in *rom_*) continue ;; esac
    # b/B zeroed, d/D initialised, C common, small-data variants; sanitizer and compiler symbols start with a dot or __.
    # .data.rel.ro (constant tables with pointers) is d too: objdump tells it from .data.
    for symbol in $(objdump -t "$object" 2>/dev/null |
            awk '$0 ~ / O / && ($0 ~ /[ \t]\.(data|bss)(\.[A-Za-z_0-9.]*)?[ \t]/ || $0 ~ /\*COM\*/) && $0 !~ /\.data\.rel\.ro/ { print $NF }' |
            grep -v '^\.\|^__' | sed 's/\.[0-9]*$//'); do
        case $permitted in
        *"$file:$symbol"*) ;;
        *)
            echo "$file: '$symbol' is mutable and outside any struct"
            bad=$((bad + 1))
            ;;
        esac
    done
done
echo "$bad mutable globals"
[ $bad = 0 ]
