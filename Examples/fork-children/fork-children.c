/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks in a parent and in each of its 3 children, each in a trace of its own:
 * the parent loses 1 block of 500 bytes in parent_work(), child number N
 * (1, 2, 3) N x 100 blocks of 32 bytes in child_work(). The block that the
 * parent made before the forks is freed by each of the four: no leak.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static void child_work(int number)
{
    for (int i = 0; i < number * 100; i++)
        *(volatile int *)malloc(32) = i;
}

__attribute__((noinline)) static void parent_work(void)
{
    *(volatile int *)malloc(500) = 1;
}

int main(void)
{
    void *inherited = malloc(700);
    for (int number = 1; number <= 3; number++) {
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0) {
            child_work(number);
            free(inherited);
            _exit(0);
        }
        dprintf(1, "child %d is %d\n", number, (int)child);
    }
    parent_work();
    free(inherited);
    while (wait(NULL) > 0)
        ;
    return 0;
}
