/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes 1 MiB after the other in take_more() and uses it, until it is killed
 * or gets no more: then it ends with 3. Between two it churns a little, so that
 * a mebibyte takes a few milliseconds.
 */
#include <stdlib.h>
#include <string.h>

#define MEBIBYTE ((size_t)1 << 20)

static __attribute__((noinline)) void *take_more(void)
{
    return malloc(MEBIBYTE);
}

int main(void)
{
    for (;;) {
        void *more = take_more();
        if (!more)
            return 3;
        memset(more, 1, MEBIBYTE);
        for (int i = 0; i < 20000; i++) {
            void *volatile block = malloc(100);
            free(block);
        }
    }
}
