/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps 500 blocks of 40 bytes in before(), says so with a byte on its
 * standard input, which is a socket, and waits for one; what becomes of its
 * trace meanwhile must not concern it. Then keeps 500 blocks of 60 bytes in
 * after(), allocates and frees 300,000 blocks that outlive their windows,
 * in two threads, says "at the end" on stdout and exits with 12.
 * `greedy` instead takes memory, 64 KiB blocks, until it is killed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { slot_count = 50000 };

static NEVER void before(void)
{
    for (int i = 0; i < 500; i++)
        *(volatile char *)malloc(40) = 1;
}

static NEVER void after(void)
{
    for (int i = 0; i < 500; i++)
        *(volatile char *)malloc(60) = 1;
}

static NEVER void *churn(void *slots)
{
    void **blocks = slots;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < slot_count; i++)
            blocks[i] = malloc((size_t)(i % 100));
        for (int i = 0; i < slot_count; i++)
            free(blocks[i]);
    }
    return NULL;
}

static NEVER void take_all(void)
{
    for (;;)
        memset(malloc(65536), 1, 65536);
}

int main(int argc, char **argv)
{
    static void *slots[2][slot_count];
    char byte = 1;
    before();
    churn(slots[0]);
    if (write(0, &byte, 1) != 1 || read(0, &byte, 1) != 1)
        return 1;
    if (argc > 1 && strcmp(argv[1], "greedy") == 0)
        take_all();
    after();
    pthread_t thread;
    if (pthread_create(&thread, NULL, churn, slots[1]) != 0)
        return 2;
    churn(slots[0]);
    pthread_join(thread, NULL);
    return write(1, "at the end\n", 11) == 11 ? 12 : 3;
}
