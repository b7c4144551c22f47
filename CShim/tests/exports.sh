#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The walls around the shim: what the library shows, needs and calls, which file
# may include what. Run from CShim; takes the library. Prints what is broken.
set -uo pipefail
library=$1
broken=0

# expect "what" "expected" "found": both are lists of words.
expect() {
    local expected found
    expected=$(tr -s ' \n' '\n' <<<"$2" | sort)
    found=$(tr -s ' \n' '\n' <<<"$3" | sort)
    [ "$expected" = "$found" ] && return
    printf '%s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3" >&2
    broken=1
}

includers() { (cd src && grep -lE "#include [<\"]$1[>\"]" -- *); }
undefined() { nm -D --undefined-only "$library" | awk '{ print $NF }'; }

# The world behind one door each.
expect 'libunwind.h is included by' unwinder.c "$(includers 'libunwind\.h')"
expect 'dlfcn.h is included by' real.c "$(includers 'dlfcn\.h')"
# seccomp.c calls nothing of it: it has the arguments of calls that are made.
expect 'sys/mman.h is included by' 'interpose_map.c pages.c seccomp.c' \
    "$(includers 'sys/mman\.h')"

expect 'the library needs' '[libc.so.6]' \
    "$(readelf -d "$library" | awk '/NEEDED/ { print $NF }')"
expect 'the library shows' \
    "$(sed -e 's/#.*//' -e '1,/global:/d' -e '/local:/,$d' libmemtrace.map |
        tr -d ' \n' | tr ';' '\n')" \
    "$(nm -D --defined-only "$library" | awk '{ print $NF }' | sed 's/@.*//')"

# No stdio but the stream made for V8 (fopencookie), no end of the program, no
# thread, no allocation, no lazy thread-local storage, and no cancellation point.
expect 'the library calls' '' "$(undefined | grep -E \
    '^(v?[fsd]?n?printf|f?puts|fwrite|fclose|abort|exit|malloc|free|pthread_create|__tls_get_addr|open|openat|read|pread|write|pwritev?|fallocate)(64)?(@|$)')"

# A signal is handled where the user asked for it, and nowhere else.
expect 'sigaction is used by' 'file_guard.c interpose_signal.c mark_signal.c' \
    "$(cd src && grep -lE '(^|[^_a-z])sigaction\(' -- *.c)"

for header in src/*.h include/*.h; do
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc -fsyntax-only \
        -x c "$header" || broken=1
done
${CXX:-c++} -fsyntax-only -x c++ include/memtrace.h || broken=1

# Calls to doors of our own would record ourselves, or recurse.
for door in malloc calloc realloc free mmap munmap close getenv sigaction; do
    expect "the door $door is used by" '' "$(grep -nE \
        "(^|[^_a-zA-Z.>])$door\(" src/*.c |
        grep -vE '^src/(interpose|node)[a-z_]*\.c:|: *(/?\*|//)|/\*.*'"$door"'\(')"
done

[ $broken -eq 0 ] && echo 'exports: as listed'
exit $broken
