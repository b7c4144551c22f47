/* SPDX-License-Identifier: Apache-2.0
 *
 * Folding against the plain books: a random life of blocks, folded, must keep
 * every total, and its peak must be found from what is kept.
 */
#include "check.h"
#include "fold.h"

#define WORD_LIMIT 4096
#define BLOCK_COUNT 64

static uint64_t events[WORD_LIMIT];
static struct mt_fold_scratch scratch;
static uint32_t sites[2048];
static struct mt_fold folds[1024];
static struct mt_fold_kept kept[WORD_LIMIT];
static struct mt_fold_peak peaks[WORD_LIMIT];

static void clear(void)
{
    memset(sites, 0, sizeof sites);
    scratch = (struct mt_fold_scratch){.sites = sites,
                                       .site_mask = 2047,
                                       .folds = folds,
                                       .kept = kept,
                                       .peaks = peaks};
}

/* By itself or in a run. */
static bool is_kept(size_t at)
{
    for (uint32_t i = 0; i < scratch.kept_count; i++) {
        size_t word_count = events[kept[i].at] & MT_FUNCTION_ENDS ? 2 : 3;
        size_t end = kept[i].at + kept[i].count * word_count;
        if (at == kept[i].at || (at > kept[i].at && at < end))
            return true;
    }
    return false;
}

static size_t put_begin(size_t at, unsigned function, uint64_t ticks,
                        uint64_t address, uint32_t stack, uint64_t size)
{
    events[at] = ticks << MT_RAW_FUNCTION_BITS | function;
    events[at + 1] = address;
    events[at + 2] = stack | size << 32;
    return at + 3;
}

static size_t put_end(size_t at, unsigned function, uint64_t ticks,
                      uint64_t address)
{
    events[at] = ticks << MT_RAW_FUNCTION_BITS | function;
    events[at + 1] = address;
    return at + 2;
}

/* The end of the block that began at `begin`. */
static size_t put_pair(size_t at, unsigned function, size_t begin)
{
    events[begin] |= MT_RAW_PAIRED_BIT;
    events[at] = begin << MT_RAW_FUNCTION_BITS | MT_RAW_PAIRED_BIT | function;
    return at + 1;
}

/* What mt_fold can be given, and what a file that was truncated and grew again
 * may leave of it. */
static void tells_events_from_what_is_left_of_them(void)
{
    size_t n = put_begin(0, MT_MALLOC, 1, 0x1000, 7, 100);
    size_t second = n;
    n = put_begin(n, MT_NEW, 2, 0x2000, 8, MT_RAW_SIZE_FOLLOWS);
    events[n++] = 1ull << 40;
    size_t third = n;
    n = put_begin(n, MT_MMAP, 3, 0x3000, 7, 0);
    events[n++] = 9;
    n = put_end(n, MT_MUNMAP, 4, 0x3000);
    events[n++] = 4096;
    n = put_end(n, MT_FREE, 5, 0x4000);
    size_t paired = n;
    n = put_begin(n, MT_MALLOC, 6, 0x5000, 7, 100);
    n = put_pair(n, MT_FREE, paired);
    CHECK(mt_fold_is_sound(events, n, 1) && mt_fold_is_sound(events, 0, 0));
    CHECK(!mt_fold_is_sound(events, n, 0));
    /* Cut off within an event. */
    CHECK(mt_fold_is_sound(events, second, 1));
    CHECK(!mt_fold_is_sound(events, second - 1, 1));
    CHECK(!mt_fold_is_sound(events, third - 1, 1));
    CHECK(!mt_fold_is_sound(events, n - 2, 1));
    /* A pair whose begin is not there, or is none. */
    uint64_t pair = events[n - 1];
    size_t wrong[] = {second, n - 1, n, 1u << 30};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        events[n - 1] = wrong[i] << MT_RAW_FUNCTION_BITS | MT_RAW_PAIRED_BIT |
                        (unsigned)MT_FREE;
        CHECK(!mt_fold_is_sound(events, n, 1));
    }
    events[n - 1] = pair;
    /* Zeros from anywhere on. */
    for (size_t from = 0; from < n; from++) {
        uint64_t all[WORD_LIMIT];
        memcpy(all, events, sizeof all);
        memset(all + from, 0, (n - from) * sizeof *all);
        CHECK(!mt_fold_is_sound(all, n, 1));
    }
}

static void folds_a_pair(void)
{
    clear();
    size_t n = put_begin(0, MT_MALLOC, 1, 0x1000, 7, 100);
    n = put_pair(n, MT_FREE, 0);
    mt_fold(events, n, &scratch);
    CHECK(scratch.fold_count == 1 && folds[0].stack == 7);
    CHECK(folds[0].count == 1 && folds[0].total_bytes == 100);
    CHECK(folds[0].temporary_count == 1 && folds[0].function == MT_MALLOC);
    CHECK(!scratch.kept_count && !scratch.last_begun);
    CHECK(scratch.peak_count == 1 && peaks[0].at == 0);
    CHECK(peaks[0].fold_bytes == 100);
    CHECK(scratch.first_ticks == 1 && scratch.last_ticks == 1);
}

static void keeps_what_it_must(void)
{
    clear();
    size_t large = put_begin(0, MT_MALLOC, 1, 0x1000, 7, MT_FOLD_BYTE_LIMIT);
    size_t own = put_end(large, MT_FREE, 2, 0x1000);
    size_t old = put_begin(own, MT_OWN, 3, 0x2000, 7, 10);
    old = put_end(old, MT_FREE, 4, 0x2000);
    size_t map = put_end(old, MT_FREE, 5, 0x3000);
    events[map] = 6 << MT_RAW_FUNCTION_BITS | MT_MMAP;
    events[map + 1] = 0x4000;
    events[map + 2] = 4096;
    events[map + 3] = 7;
    size_t unmap = map + 4;
    events[unmap] = 7 << MT_RAW_FUNCTION_BITS | MT_MUNMAP;
    events[unmap + 1] = 0x4000;
    events[unmap + 2] = 4096;
    mt_fold(events, unmap + 3, &scratch);
    CHECK(scratch.fold_count == 0 && scratch.peak_count == 0);
    CHECK(scratch.kept_count == 7);
    CHECK(kept[1].at == large && kept[1].is_temporary);
    CHECK(kept[4].at == old && !kept[4].is_temporary);
    CHECK(scratch.first_ticks == 1 && scratch.last_ticks == 7);
}

/* An address twice: first an old block's end, then a pair, then a survivor. */
static void tells_lives_of_an_address_apart(void)
{
    clear();
    scratch.last_begun = 0x1000; /* by the window before */
    size_t begin = put_end(0, MT_FREE, 1, 0x1000);
    size_t end = put_begin(begin, MT_NEW, 2, 0x1000, 7, 8);
    size_t survivor = put_pair(end, MT_DELETE, begin);
    size_t n = put_begin(survivor, MT_NEW, 4, 0x1000, 7, 8);
    mt_fold(events, n, &scratch);
    CHECK(is_kept(0) && !is_kept(begin) && !is_kept(end) && is_kept(survivor));
    CHECK(kept[0].is_temporary && folds[0].count == 1);
    CHECK(scratch.last_begun == 0x1000);
}

/* The block went elsewhere, and another came back under its address. */
static void keeps_what_was_not_its_own(void)
{
    clear();
    size_t end = put_begin(0, MT_MALLOC, 1, 0x1000, 7, 8);
    size_t n = put_end(end, MT_FREE, 2, 0x1000);
    mt_fold(events, n, &scratch);
    CHECK(is_kept(0) && is_kept(end) && !scratch.fold_count);
}

/* Equal blocks in a row, then their ends; what does not go on as it began is
 * for itself. */
static void finds_runs(void)
{
    clear();
    size_t n = 0;
    for (uint64_t i = 0; i < 100; i++)
        n = put_begin(n, MT_NEW, 5, 0x1000 + i * 32, 7, 24);
    size_t other_step = n;
    n = put_begin(n, MT_NEW, 5, 0x9000, 7, 24);
    size_t other_size = n;
    n = put_begin(n, MT_NEW, 5, 0x9020, 7, 25);
    size_t other_time = n;
    n = put_begin(n, MT_NEW, 6, 0x9040, 7, 25);
    size_t ends = n;
    for (uint64_t i = 0; i < 50; i++)
        n = put_end(n, MT_DELETE, 6, 0x1000 + (99 - i) * 32);
    size_t other_function = n;
    n = put_end(n, MT_FREE, 6, 0x1000 + 49 * 32);
    mt_fold(events, n, &scratch);
    CHECK(scratch.kept_count == 6 && scratch.event_count == 154);
    CHECK(kept[0].at == 0 && kept[0].count == 100);
    CHECK(kept[1].at == other_step && kept[1].count == 1);
    CHECK(kept[2].at == other_size && kept[2].count == 1);
    CHECK(kept[3].at == other_time && kept[3].count == 1);
    CHECK(kept[4].at == ends && kept[4].count == 50);
    CHECK(kept[5].at == other_function && kept[5].count == 1);
}

/* A run's last block is the one that was begun last. */
static void a_temporary_block_may_end_a_run(void)
{
    clear();
    size_t n = 0;
    for (uint64_t i = 0; i < 10; i++)
        n = put_begin(n, MT_MALLOC, 1, 0x1000 + i * 32, 7, 24);
    for (uint64_t i = 0; i < 10; i++)
        n = put_end(n, MT_FREE, 1, 0x1000 + (9 - i) * 32);
    mt_fold(events, n, &scratch);
    CHECK(scratch.kept_count == 3 && scratch.event_count == 20);
    CHECK(kept[0].count == 10 && !kept[0].is_temporary);
    CHECK(kept[1].count == 1 && kept[1].is_temporary);
    CHECK(kept[2].count == 9 && !kept[2].is_temporary);
}

static uint64_t random_state = 1;
static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % limit;
}

struct books {
    uint64_t total_bytes, total_count, ended_count;
    int64_t live, peak;
};

/* A random life; some blocks are older than the window, of sizes that only
 * the books know. Returns the number of words. */
static size_t live_randomly(struct books *books, uint64_t *size_of_end)
{
    uint64_t size[BLOCK_COUNT] = {0};
    size_t begin[BLOCK_COUNT]; /* or SIZE_MAX: in a window before */
    size_t at = 0;
    memset(begin, 0xff, sizeof begin);
    for (uint32_t i = 0; i < BLOCK_COUNT / 4; i++)
        books->live += (int64_t)(size[i] = 1 + random_below(2000));
    books->peak = books->live;
    uint32_t block = 0;
    for (uint64_t ticks = 1; at + 3 < 1500; ticks += random_below(4) == 0) {
        block = random_below(3) ? (block + 1) % BLOCK_COUNT
                                : random_below(BLOCK_COUNT);
        uint64_t address = 0x10000 + block * 0x1000;
        if (size[block]) {
            size_of_end[at] = size[block];
            at = begin[block] != SIZE_MAX
                     ? put_pair(at, MT_FREE, begin[block])
                     : put_end(at, MT_FREE, ticks, address);
            books->live -= (int64_t)size[block];
            books->ended_count++;
            size[block] = 0;
        } else {
            size[block] = random_below(2) ? 64 : 1 + random_below(2000);
            /* Some are handed to another thread meanwhile. */
            begin[block] = random_below(8) ? at : SIZE_MAX;
            at = put_begin(at, MT_MALLOC, ticks, address,
                           random_below(2) ? 1 : 1 + random_below(20),
                           size[block]);
            books->total_bytes += size[block];
            books->total_count++;
            books->live += (int64_t)size[block];
        }
        if (books->live > books->peak)
            books->peak = books->live;
    }
    return at;
}

/* Of an event of a block. */
static size_t word_count_of(const uint64_t *event)
{
    if (event[0] & MT_FUNCTION_ENDS)
        return event[0] & MT_RAW_PAIRED_BIT ? 1 : 2;
    return event[2] >> 32 == MT_RAW_SIZE_FOLLOWS ? 4 : 3;
}

/* What a reader gets from the kept events, the folds and the peaks. */
static struct books read_back(size_t word_count, int64_t live,
                              const uint64_t *size_of_end)
{
    struct books books = {.live = live, .peak = live};
    const struct mt_fold_peak *peak = scratch.peaks;
    for (size_t at = 0; at < word_count; at += word_count_of(events + at)) {
        if (!is_kept(at)) {
            ;
        } else if (events[at] & MT_FUNCTION_ENDS) {
            books.live -= (int64_t)size_of_end[at];
            books.ended_count++;
        } else {
            books.live += (int64_t)mt_fold_block_size(events + at);
            books.total_bytes += mt_fold_block_size(events + at);
            books.total_count++;
        }
        int64_t live_now = books.live;
        if (peak < scratch.peaks + scratch.peak_count && peak->at == at)
            live_now += (int64_t)peak++->fold_bytes;
        if (live_now > books.peak)
            books.peak = live_now;
    }
    for (uint32_t i = 0; i < scratch.fold_count; i++) {
        books.total_bytes += folds[i].total_bytes;
        books.total_count += folds[i].count;
        books.ended_count += folds[i].count;
    }
    return books;
}

static void keeps_the_books(void)
{
    static uint64_t size_of_end[WORD_LIMIT];
    for (int round = 0; round < 300; round++) {
        struct books books = {0};
        clear();
        uint64_t seed = random_state;
        size_t word_count = live_randomly(&books, size_of_end);
        int64_t start = books.live;
        for (size_t at = 0; at < word_count; at += word_count_of(events + at))
            start -= events[at] & MT_FUNCTION_ENDS
                         ? -(int64_t)size_of_end[at]
                         : (int64_t)mt_fold_block_size(events + at);
        mt_fold(events, word_count, &scratch);
        struct books found = read_back(word_count, start, size_of_end);
        CHECK(scratch.fold_count > 0);
        CHECK(scratch.kept_count < scratch.event_count);
        CHECK(found.total_bytes == books.total_bytes);
        CHECK(found.total_count == books.total_count);
        CHECK(found.ended_count == books.ended_count);
        CHECK(found.live == books.live);
        CHECK(found.peak == books.peak);
        if (failed_count) {
            printf("seed %llu\n", (unsigned long long)seed);
            break;
        }
    }
}

int main(void)
{
    tells_events_from_what_is_left_of_them();
    folds_a_pair();
    keeps_what_it_must();
    tells_lives_of_an_address_apart();
    keeps_what_was_not_its_own();
    finds_runs();
    a_temporary_block_may_end_a_run();
    keeps_the_books();
    return check_summary();
}
