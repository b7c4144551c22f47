/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace file, written down once: every struct and constant in it.
 * The shim writes these in C; the analyzer imports this very header, so the
 * two cannot disagree. No functions here. docs/trace-format.md explains it
 * for the author of a reader in another language.
 *
 *   offset 0      mt_file_header           one page, mapped for life
 *   4096 ...      chunk, chunk, chunk ...  to mt_file_header.end_offset
 *
 * Every chunk begins with an mt_chunk_header on a multiple of
 * MT_CHUNK_ALIGNMENT bytes. Space is handed out by an atomic add to
 * end_offset, so chunks stand in the order in which they were asked for; one
 * that its writer did not live to fill is a hole (zeros, or a header that does
 * not name its own offset) and readers look for the next header behind it.
 *
 * Integers are little-endian. Times are ticks since mt_file_header.start_ticks
 * of the clock named there, unless a field says nanoseconds.
 */
#ifndef MEMTRACE_TRACE_FORMAT_H
#define MEMTRACE_TRACE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------ file */

#define MT_FILE_MAGIC "MEMTRACE" /* eight bytes, no terminator */
#define MT_FILE_MAGIC_BYTE_COUNT 8
#define MT_FORMAT_VERSION 3u
#define MT_BYTE_ORDER_MARK 0x01020304u
#define MT_FILE_HEADER_BYTE_COUNT 4096u

/* What a tick is. */
enum mt_clock {
    MT_CLOCK_MONOTONIC = 1, /* CLOCK_MONOTONIC, nanoseconds */
    MT_CLOCK_TSC = 2,       /* the processor's invariant time stamp counter */
};

/* mt_file_header.state. */
enum mt_state {
    MT_STATE_RECORDING = 1, /* or killed while recording: look at the pid */
    MT_STATE_STOPPED = 2,   /* recording ended early; stop_errno says why */
    MT_STATE_EXITED = 3,    /* the process ran its destructors, or _exit */
    MT_STATE_EXECUTED = 4,  /* the process replaced itself by exec */
};

/* One instant on three clocks; two of them give the length of a tick. */
struct mt_clock_pair {
    uint64_t ticks; /* since start_ticks */
    uint64_t monotonic_nanoseconds;
    uint64_t realtime_nanoseconds; /* since 1970 */
};

struct mt_file_header {
    uint8_t magic[MT_FILE_MAGIC_BYTE_COUNT];
    uint32_t version;    /* MT_FORMAT_VERSION */
    uint32_t byte_order; /* MT_BYTE_ORDER_MARK */
    uint32_t machine;    /* e_machine of the traced program, as in <elf.h> */
    uint32_t clock;      /* enum mt_clock */
    uint32_t pid;
    uint32_t parent_pid;
    uint64_t start_ticks;                /* raw clock value that is tick 0 */
    struct mt_clock_pair clock_pairs[2]; /* first and last of the start-up */
    uint32_t window_byte_count;          /* size of every MT_CHUNK_WINDOW */
    uint32_t stacks_byte_count;          /* size of every MT_CHUNK_STACKS */
    uint8_t reserved_1[256 - 96];

    /* Below, words that change while the program runs; each is an atomic of
     * its own and only ever grows, so a torn view is an older view. */
    uint64_t end_offset;       /* file offset behind the last chunk reserved */
    uint8_t reserved_2[56];    /* end_offset alone on its cache line */
    uint64_t lost_events;      /* events that could not be recorded */
    uint64_t truncated_stacks; /* captures cut at the deepest frame allowed */
    uint64_t state;            /* enum mt_state */
    uint64_t stop_errno;       /* why recording stopped, an errno; or 0 */
    uint64_t end_ticks;        /* when state left MT_STATE_RECORDING; or 0 */
    uint8_t reserved_3[4096 - 256 - 64 - 40];
};
_Static_assert(offsetof(struct mt_file_header, end_offset) == 256, "layout");
_Static_assert(offsetof(struct mt_file_header, lost_events) == 320, "layout");
_Static_assert(sizeof(struct mt_file_header) == MT_FILE_HEADER_BYTE_COUNT,
               "one page");

/* ----------------------------------------------------------------- chunk */

#define MT_CHUNK_MAGIC 0x6b6e4843u /* "CHnk" */
#define MT_CHUNK_ALIGNMENT 32u

enum mt_chunk_kind {
    MT_CHUNK_VOID = 0, /* reserved, and then not needed */
    /* Live: stay mapped and change in place; no checksum. */
    MT_CHUNK_WINDOW = 1,     /* mt_window: a thread's newest events */
    MT_CHUNK_STACKS = 2,     /* mt_stacks: nodes of the stack trie */
    MT_CHUNK_CODE_NAMES = 3, /* mt_code_names: names of generated code */
    /* Sealed: written once by one pwrite; the checksum covers them. */
    MT_CHUNK_EVENTS = 16,  /* mt_events: what a window held when it was full */
    MT_CHUNK_PROCESS = 17, /* mt_process_record: who was traced */
    MT_CHUNK_IMAGE = 18,   /* mt_image: an ELF file came or went */
    MT_CHUNK_MARK = 19,    /* mt_mark: a named instant */
    MT_CHUNK_SAMPLE = 20,  /* mt_sample: memory as the kernel sees it */
    MT_CHUNK_JS_MEMORY = 21, /* mt_js_memory: memory as JavaScript sees it */
    MT_CHUNK_GC = 22,        /* mt_gc: collections of a garbage collector */
};
#define MT_CHUNK_FIRST_SEALED 16

struct mt_chunk_header {
    uint32_t magic; /* MT_CHUNK_MAGIC */
    uint16_t kind;  /* enum mt_chunk_kind; a reader skips those it misses */
    uint16_t reserved;
    uint32_t byte_count;         /* with header and padding to the alignment */
    uint32_t payload_byte_count; /* what follows this header, unpadded */
    uint64_t offset;             /* where this header stands in the file */
    /* Sealed kinds: XXH64 of the payload, seeded with
     * offset ^ kind ^ (uint64_t)payload_byte_count << 32. Live kinds: 0. */
    uint64_t checksum;
};
_Static_assert(sizeof(struct mt_chunk_header) == 32, "32 bytes in the file");

/* ---------------------------------------------------------------- events */

/* Which interposed function an event comes from. MT_FUNCTION_ENDS is set in
 * those that end a block's or a mapping's life. Five bits. */
#define MT_FUNCTION_ENDS 16u
enum mt_function {
    MT_RUN = 0, /* in MT_CHUNK_EVENTS only, and no event: see there */
    MT_MALLOC = 1,
    MT_CALLOC = 2,
    MT_REALLOC = 3, /* the new block of a realloc that succeeded */
    MT_REALLOCARRAY = 4,
    MT_MEMALIGN = 5,
    MT_POSIX_MEMALIGN = 6,
    MT_ALIGNED_ALLOC = 7,
    MT_VALLOC = 8,
    MT_PVALLOC = 9,
    MT_NEW = 10,
    MT_NEW_ARRAY = 11,
    MT_FOLD_PEAK = 12, /* in MT_CHUNK_EVENTS only, and no event: see there */
    MT_OWN = 13,    /* a block that memtrace itself caused (it loads libunwind
                       with dlopen): not the program's, in no sum; recorded so
                       that its end has a beginning */
    MT_MMAP = 14,   /* a mapping appeared */
    MT_MREMAP = 15, /* ... at its new place or size */

    MT_FREE = 16,
    MT_REALLOC_FREE = 17, /* the old block of a realloc that succeeded */
    MT_DELETE = 18,
    MT_DELETE_ARRAY = 19,
    MT_FREE_SIZED = 20,
    MT_FREE_ALIGNED_SIZED = 21,
    MT_MUNMAP = 30,       /* a range is no longer mapped */
    MT_MREMAP_UNMAP = 31, /* ... because mremap moved or shrank it */
};

/* A thread, as it was when the window was last sealed or taken over. */
struct mt_thread {
    uint32_t number;      /* 1, 2, ... in the order of their first events */
    uint32_t tid;         /* the kernel's */
    uint64_t start_ticks; /* of its first event */
    char name[16];        /* as in /proc/PID/task/TID/comm, zero-padded */
};
_Static_assert(sizeof(struct mt_thread) == 32, "32 bytes in the file");

/* A window: the newest events of one thread, not yet sealed.
 *
 *   | chunk | committed | sequence | ordinal | last_begun | thread | ... | raw
 *   0       32          40         48        56           64             128
 *
 * Events exist up to `committed` bytes behind offset 128, and not beyond.
 * When it is full its owner writes an MT_CHUNK_EVENTS with the same ordinal
 * and sequence, sets committed to 0 and then adds 1 to sequence. A window
 * whose (ordinal, sequence) also stands in an MT_CHUNK_EVENTS is a copy left
 * by a kill between the two: its events are to be taken once.
 *
 * A thread that ended leaves its window to another; events of one ordinal, in
 * the order of sequence, are in order of time whoever wrote them, but for the
 * exception at MT_REALLOC_FREE in docs/trace-format.md. */
#define MT_WINDOW_EVENTS_OFFSET 128u
#define MT_WINDOW_BYTE_LIMIT (4096u * 1024u) /* none is larger */
struct mt_window {
    struct mt_chunk_header chunk;
    uint64_t committed; /* bytes of raw events; stored with release */
    uint64_t sequence;  /* 1, 2, ... */
    uint32_t ordinal;   /* 1, 2, ...: which window of the process this is */
    uint32_t reserved_1;
    uint64_t last_begun; /* address of the block that the thread's last event
                            before these began; 0: it began none */
    struct mt_thread thread;
    uint8_t reserved_2[32];
};
_Static_assert(sizeof(struct mt_window) == MT_WINDOW_EVENTS_OFFSET, "layout");

/* Raw events are 8-byte words. The first word of each:
 *
 *   63                                  6    5       4         0
 *   | ticks                              | paired | mt_function |
 *
 * block begins  { first, address, stack | size << 32 }  and, when size is
 *               MT_RAW_SIZE_FOLLOWS, a fourth word with the size
 * block ends    { first, address }
 * pair's end    { first } with `paired`; instead of ticks, where the block's
 *               begin stands in this window, in words behind offset 128. It
 *               has the ticks of the event before it.
 * mapping       { first, address, byte count, stack | mapping << 32 }
 * unmapping     { first, address, byte count }
 *
 * `paired` in a begin says that its pair's end has been, or is just being,
 * written: for the writer's folding, readers ignore it. */
#define MT_RAW_FUNCTION_BITS 6 /* with `paired` */
#define MT_RAW_PAIRED_BIT 32u
#define MT_RAW_SIZE_FOLLOWS 0xffffffffu

/* What a mapping is; zero or more of these. */
enum mt_mapping {
    MT_MAPPING_ANONYMOUS = 1,
    MT_MAPPING_SHARED = 2,
    MT_MAPPING_READ = 4,
    MT_MAPPING_WRITE = 8,
    MT_MAPPING_EXECUTE = 16,
    MT_MAPPING_STACK = 32,
    MT_MAPPING_NORESERVE = 64,
    MT_MAPPING_FIXED = 128,
};

/* A sealed window:
 *
 *   | chunk | mt_events | mt_fold[fold_count] | encoded events |
 *
 * Each encoded event begins with two bytes:
 *
 *   byte 0   bits 0-4  mt_function
 *            bits 5-6  enum mt_site_mode (events that begin something)
 *            bit 7     the address difference is in units of 16 bytes
 *   byte 1   bits 0-1  length of the tick difference: 1, 2, 4 or 8 bytes
 *            bits 2-4  length of the address difference, less 1: 1 to 8 bytes
 *            bits 5-6  length of the size, where there is one: 1, 2, 4, 8
 *            bit 7     the block that ends here was temporary: it began with
 *                      the event of this thread just before, folded or not
 *
 * and goes on, least significant byte first, with
 *
 *   ticks     since the event before in this chunk (the first: since
 *             first_ticks), modulo 2^64
 *   address   zigzag-coded difference from the address of the event before
 *             that had the same MT_FUNCTION_ENDS bit (the first: from 0),
 *             divided by 16 where bit 7 of byte 0 says so
 *   site      as enum mt_site_mode says; not in events that end something
 *   size      unless the site mode gave it; not in events that end a block
 *   mapping   enum mt_mapping, 2 bytes; MT_MMAP and MT_MREMAP only
 *
 * MT_FOLD_PEAK stands for no event. It has ticks and a size and nothing else:
 * at that instant, behind the event before it, blocks folded away held `size`
 * bytes more than the events say, and the live heap may have been at its
 * highest. The writer leaves out instants that cannot be the highest of this
 * window, whatever the size of the older blocks that it saw end.
 *
 * MT_RUN stands for 1 to MT_RUN_LIMIT events like that just before it, which
 * began or ended a block, or is one of another MT_RUN: of the same function,
 * stack and size, each as far from the address before as that one was from its
 * own. All come at one time:
 *
 *   byte 0   bits 5-6  length of the tick difference; bit 7 is 0
 *   byte 1   events, less 1
 *   ticks    since the event before, of the first; of the others it is 0
 *
 * The site table has MT_SITE_SLOT_COUNT slots of {stack, size}, all zero at
 * the start of each chunk. An event in mode MT_SITE_FULL stores its stack in
 * slot (uint32_t)(stack * MT_SITE_HASH) >> 24, and every event that begins
 * something stores its size in the slot it used. */
enum mt_site_mode {
    MT_SITE_SAME = 0,  /* slot (1 byte): stack and size are the slot's */
    MT_SITE_STACK = 1, /* slot (1 byte): stack is the slot's; size follows */
    MT_SITE_FULL = 2,  /* stack (4 bytes); size follows */
};
#define MT_SITE_SLOT_COUNT 256
#define MT_SITE_HASH 0x9e3779b1u
#define MT_RUN_LIMIT 256

struct mt_events {
    struct mt_thread thread;
    uint64_t sequence;
    uint32_t ordinal;
    uint32_t event_count; /* encoded events, each of a run for itself; without
                             those folded away and without MT_FOLD_PEAK */
    uint32_t fold_count;
    uint32_t reserved;
    uint64_t first_ticks; /* earliest and latest instant in the window, */
    uint64_t last_ticks;  /* folded events included */
};
_Static_assert(sizeof(struct mt_events) == 72, "72 bytes in the file");

/* Blocks that began and ended inside one window, folded into a sum. Blocks of
 * MT_FOLD_BYTE_LIMIT bytes or more are never folded, nor are mappings. */
struct mt_fold {
    uint32_t stack;
    uint32_t count;           /* blocks */
    uint32_t temporary_count; /* of these, ended before the thread's next
                                 event of any kind */
    uint32_t function;        /* enum mt_function they began with */
    uint64_t total_bytes;
};
_Static_assert(sizeof(struct mt_fold) == 24, "24 bytes in the file");
#define MT_FOLD_BYTE_LIMIT (256u * 1024)

/* ---------------------------------------------------------------- stacks */

/* A stack is the id of its innermost node; following `parent` gives the
 * frames outwards until an id of 0 or a root node. The node with id N of the
 * trie stands in the stacks chunk of ordinal N / MT_NODES_PER_CHUNK, at
 * slot N % MT_NODES_PER_CHUNK of 16 bytes; the first MT_NODE_FIRST_SLOT
 * slots of each chunk are its header. A slot of zeros is not written (yet).
 * parent < id. Of two chunks of one ordinal one has no node at all, and is to
 * be passed over: two threads needed it at the same time, and a kill came
 * before the loser could void its own. Two nodes may hold the same {parent, address} when two threads
 * met a stack first at the same time. */
struct mt_node {
    uint64_t address; /* a return address; in a root node, the epoch */
    uint32_t parent;  /* the caller's node, or 0 */
    uint32_t flags;   /* enum mt_node_flag */
};
_Static_assert(sizeof(struct mt_node) == 16, "16 bytes in the file");

enum mt_node_flag {
    MT_NODE_FRAME = 1,
    MT_NODE_ROOT = 2,      /* no frame: says which epoch its stacks are of;
                              stacks of epoch 0 need none */
    MT_NODE_TRUNCATED = 4, /* with MT_NODE_ROOT: frames are missing here */
    MT_NODE_EXACT = 8,     /* address is the instruction itself, not a return
                              address: it was interrupted by a signal */
};
#define MT_NODES_PER_CHUNK 4096u
#define MT_NODE_FIRST_SLOT 4u
#define MT_STACKS_BYTE_COUNT (MT_NODES_PER_CHUNK * 16u)

struct mt_stacks {
    struct mt_chunk_header chunk;
    uint32_t ordinal; /* 0, 1, ... */
    uint32_t reserved_1;
    uint64_t reserved_2[3];
};
_Static_assert(sizeof(struct mt_stacks) == MT_NODE_FIRST_SLOT * 16, "slots");

/* ------------------------------------------------------------- the rest */

/* Who was traced. Behind it, without terminators: executable path, command
 * line (arguments separated by zero bytes), working directory, and for a
 * forked child the path of its parent's trace. */
struct mt_process_record {
    uint64_t fork_ticks; /* instant of the fork on the parent trace's clock */
    uint32_t executable_byte_count;
    uint32_t command_byte_count;
    uint32_t directory_byte_count;
    uint32_t parent_trace_byte_count; /* 0: not a forked child */
};
_Static_assert(sizeof(struct mt_process_record) == 24, "24 bytes in the file");

/* An ELF file was mapped, or unmapped. Addresses in stacks of epoch E belong
 * to the images with epoch <= E that were not unmapped in an epoch <= E; where
 * there is none, to the image at that place whose epochs are nearest to E: an
 * image may be recorded a little after the stacks that first went through it.
 * Behind it: path, then build-id. */
enum mt_image_event {
    MT_IMAGE_LOADED = 1,
    MT_IMAGE_UNLOADED = 2,
};
struct mt_image {
    uint64_t ticks;
    uint64_t load_bias; /* run-time address less address in the file */
    uint64_t start;     /* lowest address mapped, as in /proc/PID/maps */
    uint64_t end;       /* behind the highest one */
    uint32_t event;     /* enum mt_image_event */
    uint32_t epoch;     /* from which on, or in which it went */
    uint32_t path_byte_count;
    uint32_t build_id_byte_count; /* 0: the file has none */
};
_Static_assert(sizeof(struct mt_image) == 48, "48 bytes in the file");

/* A named instant, written by the program itself or by another process.
 * Behind it: the name, in UTF-8. */
enum mt_mark_kind {
    MT_MARK_NAMED = 1,
    MT_MARK_SNAPSHOT = 2,
    MT_MARK_PAUSE = 3,  /* from here to the next MT_MARK_RESUME blocks that */
    MT_MARK_RESUME = 4, /* begin are not recorded; those that end are */
};
struct mt_mark {
    uint64_t time;
    uint32_t time_is_monotonic; /* 0: ticks; 1: CLOCK_MONOTONIC nanoseconds */
    uint32_t kind;              /* enum mt_mark_kind */
    uint32_t tid;               /* who made it; 0: another process */
    uint32_t name_byte_count;
};
_Static_assert(sizeof(struct mt_mark) == 24, "24 bytes in the file");
#define MT_MARK_NAME_BYTE_LIMIT 1024u

/* Memory as the kernel and the allocator see it. A field counts only when its
 * bit, 1 << its place in the enum, is set in `valid`. Samples of other versions
 * have fewer fields or more: as many as the payload has room for. What is dear
 * to ask for stands in some samples only. */
enum mt_sample_field {
    MT_SAMPLE_RSS_BYTES = 0,
    MT_SAMPLE_RSS_SHARED_BYTES = 1, /* of it, file and shared memory */
    MT_SAMPLE_VIRTUAL_BYTES = 2,
    MT_SAMPLE_PEAK_RSS_BYTES = 3,
    MT_SAMPLE_MINOR_FAULTS = 4,
    MT_SAMPLE_MAJOR_FAULTS = 5,
    MT_SAMPLE_USER_NANOSECONDS = 6, /* CPU time of the process */
    MT_SAMPLE_SYSTEM_NANOSECONDS = 7,
    MT_SAMPLE_PSS_BYTES = 8,
    /* Of the process's control group, or of that ancestor which has the least
     * room left below its limit. Not valid without a limit: the limit. */
    MT_SAMPLE_CGROUP_BYTES = 9,
    MT_SAMPLE_CGROUP_LIMIT_BYTES = 10,
    MT_SAMPLE_ARENA_BYTES = 11,        /* glibc's own books, mallinfo2: from */
    MT_SAMPLE_ARENA_USED_BYTES = 12,   /* the system, in use, free but kept, */
    MT_SAMPLE_ARENA_FREE_BYTES = 13,   /* in mappings of their own (not in   */
    MT_SAMPLE_ARENA_MAPPED_BYTES = 14, /* the other three), free at the top  */
    MT_SAMPLE_ARENA_TOP_BYTES = 15,
    MT_SAMPLE_ANONYMOUS_BYTES = 16, /* of the RSS; together with these two */
    MT_SAMPLE_FILE_BYTES = 17,      /* they are the RSS                    */
    MT_SAMPLE_SHMEM_BYTES = 18,
    MT_SAMPLE_SWAP_BYTES = 19,
    MT_SAMPLE_THREADS = 20,
    MT_SAMPLE_CGROUP_OOM_KILLS = 21,  /* in it and below, since it exists */
    MT_SAMPLE_CGROUP_FILE_BYTES = 22, /* of its bytes, file cache */
    MT_SAMPLE_MACHINE_BYTES = 23,     /* MemTotal */
    MT_SAMPLE_MACHINE_AVAILABLE_BYTES = 24,
    MT_SAMPLE_SAMPLES = 25, /* taken before this one, and the time they */
    MT_SAMPLE_SAMPLING_NANOSECONDS = 26, /* took together */
    MT_SAMPLE_FIELD_COUNT = 27,
};
struct mt_sample {
    struct mt_clock_pair clock;
    uint64_t valid;
    uint64_t fields[MT_SAMPLE_FIELD_COUNT];
};
_Static_assert(sizeof(struct mt_sample) == 248, "248 bytes in the file");

/* Memory of one JavaScript heap as its engine sees it: process.memoryUsage()
 * and the limit of v8.getHeapStatistics(). `rss` is the whole process's. */
struct mt_js_memory {
    struct mt_clock_pair clock;
    uint64_t rss_byte_count;
    uint64_t heap_total_byte_count;
    uint64_t heap_used_byte_count;
    uint64_t external_byte_count;      /* array buffers included */
    uint64_t array_buffers_byte_count; /* Buffers included */
    uint64_t heap_limit_byte_count;    /* 0: not known */
    uint32_t thread_id;                /* the worker's; 0: the main thread */
    uint32_t reserved;
};
_Static_assert(sizeof(struct mt_js_memory) == 80, "80 bytes in the file");

/* One collection; a chunk holds one or more, up to its payload's end. */
enum mt_gc_kind {
    MT_GC_MINOR = 1, /* Scavenge */
    MT_GC_MAJOR = 2, /* Mark-Compact */
    MT_GC_INCREMENTAL = 3,
    MT_GC_WEAK_CALLBACKS = 4,
    MT_GC_MINOR_MARK_SWEEP = 5,
};
struct mt_gc {
    uint64_t start;
    uint64_t duration_nanoseconds;
    uint32_t start_is_monotonic; /* 0: ticks; 1: CLOCK_MONOTONIC nanoseconds */
    uint32_t kind;               /* enum mt_gc_kind */
    uint32_t flags;              /* v8::GCCallbackFlags */
    uint32_t thread_id;          /* the worker's; 0: the main thread */
};
_Static_assert(sizeof(struct mt_gc) == 32, "32 bytes in the file");

/* Names of code that the program generates (V8's functions), as it writes
 * them for perf: "START SIZE name\n", numbers in hexadecimal. Records stand
 * one behind the other, each padded to 8 bytes, up to `committed` bytes behind
 * this header; a later line for an address replaces an earlier one from its
 * ticks on. A line may go on in the next record. */
struct mt_code_names {
    struct mt_chunk_header chunk;
    uint64_t committed; /* stored with release */
    uint32_t ordinal;   /* 1, 2, ... */
    uint32_t reserved_1;
    uint64_t reserved_2[2];
};
_Static_assert(sizeof(struct mt_code_names) == 64, "64 bytes in the file");

struct mt_code_name {
    uint64_t ticks;
    uint32_t byte_count; /* of the text that follows, unpadded */
    uint32_t reserved;
};
_Static_assert(sizeof(struct mt_code_name) == 16, "16 bytes in the file");

#endif
