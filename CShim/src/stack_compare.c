/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_compare.h.
 */
#include "stack_compare.h"

#include "images.h"
#include "message.h"
#include "pages.h"
#include "real.h"
#include "stack_table.h"
#include "unwinder.h"

#include <stdatomic.h>
#include <string.h>

#define REPORT_LIMIT 20 /* differing stacks said; one is a failure already */

static _Atomic uint32_t difference_count;

static char *hexadecimal(char buffer[24], uintptr_t value)
{
    char *digit = buffer + 23;
    *digit = '\0';
    do
        *--digit = "0123456789abcdef"[value % 16];
    while (value /= 16);
    return digit;
}

static void say_address(const char *who, uintptr_t address)
{
    char text[24], offset[24];
    struct mt_real_image image;
    bool is_found = mt_real_find_image(address, &image);
    mt_message(who, hexadecimal(text, address), " ",
               is_found ? image.path : "(no image)", " +",
               hexadecimal(offset, is_found ? address - image.load_bias : 0),
               NULL);
}

void mt_stack_compare(uint32_t id, const struct mt_caller *caller,
                      uint32_t depth_limit)
{
    size_t byte_count = depth_limit * sizeof(uintptr_t) + (depth_limit + 7) / 8;
    uintptr_t *expected = mt_pages_map(byte_count);
    bool is_cut;
    if (!expected)
        return;
    size_t count = mt_unwinder_walk(caller->ip, mt_caller_sp(caller), expected,
                                    (uint8_t *)(expected + depth_limit),
                                    depth_limit, &is_cut);
    size_t i = 0;
    struct mt_node node = {0};
    for (; mt_stack_table_node(id, &node) && node.flags & MT_NODE_FRAME;
         id = node.parent, i++)
        if (i >= count || node.address != expected[i])
            break;
    bool is_equal = i == count && !(node.flags & MT_NODE_FRAME && id);
    if (!is_equal && atomic_fetch_add(&difference_count, 1) < REPORT_LIMIT) {
        char depth[24], of[24];
        mt_message("stacks differ at frame ", mt_message_number(depth, i),
                   " of ", mt_message_number(of, count), NULL);
        for (size_t k = 0; k <= i && k < count; k++)
            say_address("  libunwind ", expected[k]);
        say_address("  captured  ", id ? node.address : 0);
    }
    mt_pages_unmap(expected, byte_count);
}
