/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes 1 MiB after the other in take_more() and uses it, until it is killed
 * or gets no more: then it ends with 3. Between two it churns for 12 ms of
 * processor time, however busy the machine is: samples may cost half a percent
 * of the time, and there are to be some for each few mebibytes.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
        clock_t end = clock() + 12 * CLOCKS_PER_SEC / 1000;
        while (clock() < end) {
            for (int i = 0; i < 1000; i++) {
                void *volatile block = malloc(100);
                free(block);
            }
        }
    }
}
