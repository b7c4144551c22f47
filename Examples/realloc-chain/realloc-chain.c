/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks 1 block of 1,048,576 bytes: grow(), called from collect(), doubles a
 * buffer from 16 bytes by realloc, and main() loses what it became. None of
 * the smaller buffers is a leak, and the second buffer is freed.
 */
#include <stdio.h>
#include <stdlib.h>

struct buffer {
    char *bytes;
    size_t capacity;
};

__attribute__((noinline)) static void grow(struct buffer *buffer)
{
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : 16;
    buffer->bytes = realloc(buffer->bytes, capacity);
    buffer->capacity = capacity;
}

__attribute__((noinline)) static struct buffer collect(size_t byte_count)
{
    struct buffer buffer = {NULL, 0};
    for (size_t i = 0; i < byte_count; i++) {
        if (i == buffer.capacity)
            grow(&buffer);
        buffer.bytes[i] = (char)i;
    }
    return buffer;
}

int main(void)
{
    struct buffer lost = collect(1000000);
    struct buffer kept = collect(5000);
    dprintf(1, "%zu %zu\n", lost.capacity, kept.capacity);
    free(kept.bytes);
    return 0;
}
