/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes code at run time that calls lose(), as a JIT does, and names it in
 * /tmp/perf-PID.map, not through fopen: first() loses 100 bytes, second(),
 * which is called as Python calls its functions, 300. Prints its pid.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACE_BYTE_COUNT 64

__attribute__((noinline)) void lose(size_t byte_count)
{
    char *volatile block = malloc(byte_count);
    (void)block;
}

/* push rbp; mov rbp, rsp; mov edi, SIZE; mov rax, lose; call rax; pop rbp;
 * ret */
static void make(uint8_t *place, uint32_t byte_count)
{
    uint8_t code[] = {0x55, 0x48, 0x89, 0xe5, 0xbf, 0,    0,   0,
                      0,    0x48, 0xb8, 0,    0,    0,    0,   0,
                      0,    0,    0,    0xff, 0xd0, 0x5d, 0xc3};
    uint64_t target = (uint64_t)(uintptr_t)lose;
    memcpy(code + 5, &byte_count, sizeof byte_count);
    memcpy(code + 11, &target, sizeof target);
    memcpy(place, code, sizeof code);
}

__attribute__((noinline)) static void call(uint8_t *place)
{
    void (*function)(void);
    memcpy(&function, &place, sizeof function);
    function();
    __asm__ volatile("" ::: "memory");
}

int main(void)
{
    char path[64], line[128];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    int map = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
    uint8_t *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map < 0 || place == MAP_FAILED)
        return 1;
    for (int i = 0; i < 2; i++) {
        uint8_t *here = place + i * PLACE_BYTE_COUNT;
        make(here, i ? 300 : 100);
        int length =
            snprintf(line, sizeof line, "%lx %x %s\n", (unsigned long)here,
                     PLACE_BYTE_COUNT, i ? "py::second:/srv/app.py" : "first");
        if (write(map, line, (size_t)length) != length)
            return 1;
        call(here);
    }
    printf("%d\n", (int)getpid());
    return 0;
}
