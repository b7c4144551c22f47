/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena for what is allocated while dlsym runs.
 */
#include "bootstrap.h"
#include "check.h"

#include <errno.h>

int main(void)
{
    char *block = mt_bootstrap_allocate(10);
    CHECK(block && (uintptr_t)block % 16 == 0);
    CHECK(mt_bootstrap_owns(block));
    CHECK(mt_bootstrap_size(block) == 10);
    CHECK(!mt_bootstrap_owns(&block));
    CHECK(!mt_bootstrap_owns(NULL));
    CHECK(!mt_bootstrap_owns(mt_bootstrap_arena + MT_BOOTSTRAP_BYTE_COUNT));
    for (int i = 0; i < 10; i++)
        CHECK(block[i] == 0);

    memcpy(block, "contents.", 10);
    char *moved = mt_bootstrap_reallocate(block, 100);
    CHECK(moved && moved != block && !strcmp(moved, "contents."));
    CHECK(mt_bootstrap_reallocate(NULL, 5) != NULL);

    errno = 0;
    CHECK(!mt_bootstrap_allocate(SIZE_MAX) && errno == ENOMEM);
    int count = 0;
    while (mt_bootstrap_allocate(100))
        count++;
    CHECK(count > 100 && errno == ENOMEM);
    CHECK(!mt_bootstrap_allocate(1));
    return check_summary();
}
