/* SPDX-License-Identifier: Apache-2.0
 *
 * See arena_books.h.
 */
#include "arena_books.h"

#include "process.h"
#include "real.h"
#include "stack_table.h"
#include "trace_file.h"

#include <malloc.h>
#include <unistd.h>

static struct {
    struct mallinfo2 (*mallinfo2)(void); /* NULL: not to be asked */
    pid_t pid; /* the process whose locks are in order */
} state;

/* tcmalloc has a mallinfo2 too; a preloaded jemalloc or mimalloc leaves glibc's
 * to be found, with the books of a malloc that nobody uses. So malloc and
 * mallinfo2 must both be of the image that libc itself is. */
void mt_arena_books_begin(void)
{
    struct mt_real_image libc, allocator, books;
    uintptr_t version = (uintptr_t)mt_real_next("gnu_get_libc_version");
    uintptr_t mallinfo2 = (uintptr_t)mt_real_next("mallinfo2");
    if (version && mallinfo2 && mt_real_find_image(version, &libc) &&
        mt_real_find_image((uintptr_t)mt_real.malloc, &allocator) &&
        mt_real_find_image(mallinfo2, &books) &&
        allocator.handle == libc.handle && books.handle == libc.handle)
        state.mallinfo2 = (struct mallinfo2(*)(void))mallinfo2;
    state.pid = getpid();
}

void mt_arena_books_allow_child(void)
{
    state.pid = getpid();
}

static bool reaches_its_end(uint32_t stack)
{
    struct mt_node node;
    while (stack) {
        if (!mt_stack_table_node(stack, &node) ||
            !node.flags /* lost with the file */ ||
            node.flags & (MT_NODE_EXACT | MT_NODE_TRUNCATED))
            return false;
        stack = node.parent;
    }
    return true;
}

bool mt_arena_books_may_be_read(uint32_t stack)
{
    return state.mallinfo2 && stack &&
           mt_process.options.unwinder != MT_UNWINDER_FRAME_POINTERS &&
           mt_trace_file_header()->pid == (uint32_t)state.pid &&
           reaches_its_end(stack);
}

void mt_arena_books_read(struct mt_arena_books *books)
{
    struct mallinfo2 info = state.mallinfo2();
    *books = (struct mt_arena_books){
        .system = info.arena,
        .used = info.uordblks,
        .free = info.fordblks,
        .mapped = info.hblkhd,
        .top = info.keepcost,
    };
}
