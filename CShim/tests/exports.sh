#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The walls around the shim: what it shows, what it needs, which file may
# include what. Run from CShim; takes the library.
set -eu
library=$1
status=0

fail() {
    echo "exports: $*" >&2
    status=1
}

shown=$(nm -D --defined-only "$library" | awk '{print $3}' | sort)
listed=$(sed 's/#.*//' libmemtrace.map | tr ';{}:' '\n\n\n\n' | tr -d ' *' |
    grep -v -x -e global -e local -e '' | sort)
[ "$shown" = "$listed" ] ||
    fail "shown and listed symbols differ:
$(printf '%s\n' "$shown" "$listed" | sort | uniq -u)"

needed=$(readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
[ "$needed" = libc.so.6 ] || fail "needs $needed"

# fopencookie makes a stream for V8 that ends in the trace; no other stdio.
stdio=$(nm -D --undefined-only "$library" | awk '{print $2}' | sed 's/@.*//' |
    grep -E 'printf|^f(open|write|puts|read|flush)|^puts|^abort$|^exit$' |
    grep -v -x fopencookie || true)
[ -z "$stdio" ] || fail "calls $stdio"

included_by() {
    grep -l "#include <$1>" src/*.c src/*.h | tr '\n' ' '
}
[ "$(included_by libunwind.h)" = "src/unwinder.c " ] ||
    fail "libunwind.h in $(included_by libunwind.h)"
[ "$(included_by dlfcn.h)" = "src/real.c " ] ||
    fail "dlfcn.h in $(included_by dlfcn.h)"
[ "$(included_by sys/mman.h)" = "src/interpose_map.c src/pages.c " ] ||
    fail "sys/mman.h in $(included_by sys/mman.h)"

for header in src/*.h include/*.h; do
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc -fsyntax-only \
        -x c "$header" 2>/dev/null || fail "$header does not stand alone"
done
${CXX:-c++} -fsyntax-only -x c++ include/memtrace.h || fail "memtrace.h in C++"

# Calls to doors of our own would record ourselves, or recurse.
for door in malloc calloc realloc free mmap munmap close getenv; do
    users=$(grep -nE "(^|[^_a-zA-Z.>])$door\(" src/*.c |
        grep -vE '^src/(interpose|node)[a-z_]*\.c:|^[^:]*:[0-9]*: *(/?\*|//)' |
        grep -vE '/\*.*'"$door"'\(' || true)
    [ -z "$users" ] || fail "calls its own door: $users"
done

[ $status -eq 0 ] && echo "exports: as listed"
exit $status
