/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose an address was: a thread may take the cheap stamp only where no other
 * has ever had a block.
 */
#include "check.h"
#include "owner.h"

#define REGION_BYTES 0x4000u

static const void *at(uintptr_t address)
{
    return (const void *)address;
}

static void a_region_is_its_first_threads(void)
{
    uint32_t one = mt_owner_window(1, 1), later = mt_owner_window(1, 2);
    CHECK(mt_owner_has_region(at(0x7f0000010000), one));
    CHECK(mt_owner_has_region(at(0x7f0000010000 + REGION_BYTES - 16), one));
    CHECK(mt_owner_has_region(at(0x7f0000010000), later));
}

static void another_thread_makes_it_nobodys_for_ever(void)
{
    uint32_t one = mt_owner_window(1, 1), two = mt_owner_window(2, 1);
    CHECK(mt_owner_has_region(at(0x7f0000020000), one));
    CHECK(!mt_owner_has_region(at(0x7f0000020010), two));
    CHECK(!mt_owner_has_region(at(0x7f0000020000), one));
    CHECK(!mt_owner_has_region(at(0x7f0000020000), two));
    CHECK(mt_owner_has_region(at(0x7f0000020000 + REGION_BYTES), two));
}

/* Bits 14 to 29 and 30 to 45, one upon the other, give the slot. */
static void a_region_that_shares_a_slot_is_nobodys(void)
{
    uint32_t one = mt_owner_window(1, 1), two = mt_owner_window(2, 1);
    uintptr_t first = (uintptr_t)3 << 14, second = (uintptr_t)3 << 30;
    CHECK(mt_owner_has_region(at(first), one));
    CHECK(!mt_owner_has_region(at(second), one));
    CHECK(!mt_owner_has_region(at(second), two));
    CHECK(mt_owner_has_region(at(first), one));
}

static void a_thread_without_an_ordinal_is_several(void)
{
    uint32_t none = mt_owner_window(MT_OWNER_ORDINAL_LIMIT + 1, 1);
    uint32_t one = mt_owner_window(1, 1);
    CHECK(!none);
    CHECK(!mt_owner_has_region(at(0x7f0000030000), none));
    CHECK(!mt_owner_has_region(at(0x7f0000030000), none));
    CHECK(!mt_owner_has_region(at(0x7f0000030000), one));
    uint32_t last = mt_owner_window(MT_OWNER_ORDINAL_LIMIT, 1);
    CHECK(mt_owner_has_region(at(0x7f0000040000), last));
    CHECK(!mt_owner_has_region(at(0x7f0000040000), none));
    CHECK(!mt_owner_has_region(at(0x7f0000040000), last));
}

static void a_word_names_the_begin_in_its_own_window_alone(void)
{
    const void *block = at(0x7f0000050010);
    uint64_t tag = mt_owner_tag(block);
    uint32_t window = mt_owner_window(7, 3);
    uint64_t word = tag | window | 42;
    CHECK(mt_owner_place(word, tag, window) == 42);
    CHECK(!mt_owner_is_other(word, tag, window));
    /* Sealed since: the thread's own doing, but in no window of the present. */
    uint32_t next = mt_owner_window(7, 4);
    CHECK(mt_owner_place(word, tag, next) == MT_OWNER_NO_PLACE);
    CHECK(!mt_owner_is_other(word, tag, next));
    uint32_t other = mt_owner_window(8, 3);
    CHECK(mt_owner_place(word, tag, other) == MT_OWNER_NO_PLACE);
    CHECK(mt_owner_is_other(word, tag, other));
    uint64_t neighbor = mt_owner_tag(at(0x7f0000050000));
    CHECK(neighbor != tag && mt_owner_is_other(word, neighbor, window));
    CHECK(mt_owner_place(tag, tag, 0) == MT_OWNER_NO_PLACE);
    CHECK(mt_owner_is_other(tag, tag, 0));
}

static void a_region_that_a_thread_remembers_is_lost_to_it(void)
{
    uint32_t one = mt_owner_window(1, 1), two = mt_owner_window(2, 1);
    struct mt_owner_region last = {0};
    const void *block = at(0x7f0000060000);
    CHECK(mt_owner_has_region_again(block, one, &last));
    CHECK(last.number == 0x7f0000060000 >> 14);
    CHECK(mt_owner_has_region_again(at(0x7f0000060020), one, &last));
    CHECK(!mt_owner_has_region(block, two));
    CHECK(!mt_owner_has_region_again(block, one, &last));
    CHECK(!mt_owner_has_region_again(at(0x7f0000060020), one, &last));
    /* One that was never its own is not remembered. */
    CHECK(mt_owner_has_region(at(0x7f0000070000), two));
    CHECK(!mt_owner_has_region_again(at(0x7f0000070000), one, &last));
    CHECK(!mt_owner_has_region_again(at(0x7f0000070000), one, &last));
}

/* Threads write at the words of their blocks all the time: no two of them may do
 * so in one cache line. */
static void arenas_have_words_apart(void)
{
    enum { arena_count = 16, arena_bytes = 64 << 20, used_bytes = 16 << 10 };
    static int users[MT_OWNER_WORD_COUNT / 8];
    for (uintptr_t apart = 1; apart <= 2; apart++) {
        memset(users, 0, sizeof users);
        size_t met_count = 0;
        for (uintptr_t arena = 0; arena < arena_count; arena++)
            for (uintptr_t i = 0; i < used_bytes; i += 32) {
                uintptr_t block =
                    0x7ffff0000b00 - arena * apart * arena_bytes + i;
                size_t line =
                    (size_t)(mt_owner_word(at(block)) - mt_owner_words) / 8;
                met_count += users[line] && users[line] != (int)arena + 1;
                users[line] = (int)arena + 1;
            }
        CHECK(met_count == 0);
    }
}

/* The tag holds what does not follow from the place. */
static void blocks_of_one_word_have_tags_of_their_own(void)
{
    enum { reach = MT_OWNER_WORD_COUNT * 32 }; /* bytes that all words serve */
    uintptr_t start = 0x7f0012300000;
    size_t same_count = 0, met_count = 0;
    for (uintptr_t piece = 0; piece < 64; piece++)
        for (uintptr_t i = 0; i < reach; i += 16) {
            uintptr_t behind = start + piece * reach;
            const void *one = at(start + i);
            /* What has the word of `one`, in the other piece. */
            ptrdiff_t distance = mt_owner_word(one) - mt_owner_word(at(behind));
            uintptr_t other = (i % 32 + (uintptr_t)distance * 32) % reach;
            const void *two = at(behind + other);
            met_count += mt_owner_word(one) == mt_owner_word(two);
            same_count += one != two && mt_owner_tag(one) == mt_owner_tag(two);
        }
    CHECK(met_count == 64 * reach / 16);
    CHECK(same_count == 0);
}

int main(void)
{
    arenas_have_words_apart();
    blocks_of_one_word_have_tags_of_their_own();
    a_region_that_a_thread_remembers_is_lost_to_it();
    a_region_is_its_first_threads();
    another_thread_makes_it_nobodys_for_ever();
    a_region_that_shares_a_slot_is_nobodys();
    a_thread_without_an_ordinal_is_several();
    a_word_names_the_begin_in_its_own_window_alone();
    return check_summary();
}
