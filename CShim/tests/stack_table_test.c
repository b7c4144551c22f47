/* SPDX-License-Identifier: Apache-2.0
 *
 * The trie: equal stacks get equal ids, through growth and from many threads.
 */
#include "check.h"
#include "stack_table.h"
#include "trace_file.h"

#include <pthread.h>

#define STACK_COUNT 60000u
#define THREAD_COUNT 4

static uint32_t ids[THREAD_COUNT][STACK_COUNT];

/* Addresses in no image, so that none is looked up. */
static uint64_t address_of(uint32_t i)
{
    return 0x10 + i;
}

static void *intern_all(void *argument)
{
    uint32_t *mine = argument;
    for (uint32_t i = 0; i < STACK_COUNT; i++) {
        uint32_t parent = i % 7 ? mine[i / 2] : 0;
        mine[i] = mt_stack_table_intern(parent, address_of(i), MT_NODE_FRAME);
    }
    return NULL;
}

/* Follows two ids to their roots. */
static bool equal_stacks(uint32_t a, uint32_t b)
{
    struct mt_node x = {0}, y = {0};
    while (a != b) {
        if (!mt_stack_table_node(a, &x) || !mt_stack_table_node(b, &y) ||
            x.address != y.address)
            return false;
        a = x.parent;
        b = y.parent;
    }
    return true;
}

int main(void)
{
    check_enter_directory();
    check_pretend_recording();
    char path[4096];
    CHECK(getcwd(path, sizeof path) != NULL);
    strcat(path, "/t.bin");
    CHECK(mt_trace_file_create(path, false, &mt_process.clock, 65536));
    CHECK(mt_stack_table_begin());

    uint32_t one = mt_stack_table_intern(0, 0x10, MT_NODE_FRAME);
    CHECK(one == MT_NODE_FIRST_SLOT);
    CHECK(mt_stack_table_intern(0, 0x10, MT_NODE_FRAME) == one);
    CHECK(mt_stack_table_intern(one, 0x10, MT_NODE_FRAME) != one);
    CHECK(mt_stack_table_intern(0, 0x10, MT_NODE_ROOT) != one);
    CHECK(mt_stack_table_count() == 3);
    CHECK(mt_stack_table_check());

    pthread_t threads[THREAD_COUNT];
    for (int t = 0; t < THREAD_COUNT; t++)
        CHECK(!pthread_create(&threads[t], NULL, intern_all, ids[t]));
    for (int t = 0; t < THREAD_COUNT; t++)
        pthread_join(threads[t], NULL);
    CHECK(mt_stack_table_check());
    for (uint32_t i = 0; i < STACK_COUNT; i++)
        for (int t = 1; t < THREAD_COUNT; t++)
            if (!ids[t][i] || !equal_stacks(ids[0][i], ids[t][i])) {
                CHECK(!"equal stacks");
                return check_summary();
            }
    /* Doubles come from races for one new node; here all threads race for all
     * of them, and each may lose some. */
    CHECK(mt_stack_table_count() < 2 * STACK_COUNT);
    CHECK(mt_process.page->phase == MT_PHASE_RECORDING);
    check_leave_directory();
    return check_summary();
}
