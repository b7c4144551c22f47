/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates below code that has no unwind information and anything but a frame
 * in rbp: nothing, odd numbers, places below this stack and in the heap, what
 * is not mapped. Stacks may end there; nobody may read what is not there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define NEVER __attribute__((noinline))

/* call_with_rbp(function, rbp): no .cfi directives, on purpose. */
__asm__(".text\n"
        ".type call_with_rbp, @function\n"
        "call_with_rbp:\n"
        "  pushq %rbp\n"
        "  subq $48, %rsp\n"
        "  movq %rsi, %rbp\n"
        "  call *%rdi\n"
        "  addq $48, %rsp\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size call_with_rbp, .-call_with_rbp\n");
void call_with_rbp(void (*function)(void), uintptr_t rbp);

static unsigned long count;

static NEVER void allocate(void)
{
    free(malloc(16 + count % 64));
    *(volatile char *)malloc(40) = 1;
    count++;
}

static NEVER void between(void)
{
    allocate();
    __asm__ volatile("");
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
    uint64_t random = 1;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t elsewhere = (uintptr_t)malloc(4096);
    for (unsigned i = 0; i < rounds; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uintptr_t few = random >> 52;
        uintptr_t values[] = {0,
                              1,
                              few,
                              here - 8192 - 16 * few,
                              elsewhere + few,
                              (uintptr_t)&main + few,
                              (uintptr_t)random,
                              UINTPTR_MAX - few,
                              0x7ffffffff000 - 8 * few};
        uintptr_t rbp = values[i % (sizeof values / sizeof *values)];
        call_with_rbp(i % 2 ? between : allocate, rbp);
    }
    printf("%lu\n", count);
    return 0;
}
