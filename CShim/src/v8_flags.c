/* SPDX-License-Identifier: Apache-2.0
 *
 * See v8_flags.h. V8 (flags.cc, 10.5 and later) has all flags in one object,
 * v8_flags, and remembers the hash of those that are not at their defaults until
 * one is set through its functions. So ours are unset that way, the hash is
 * asked for, and the bytes that changed are put back behind its back. Where
 * they lie is nobody's business: a copy from before says it.
 */
#include "v8_flags.h"

#include "elf_symbol.h"
#include "real.h"

#include <stdint.h>
#include <string.h>

/* v8_flags has 1,300 bytes, 4,096 where it is a page of its own. */
#define FLAGS_LIMIT 16384u

bool mt_v8_flags_has(const char *text, size_t length, const char *flag)
{
    size_t flag_length = strlen(flag);
    for (size_t start = 0; start + flag_length <= length; start++) {
        size_t matched = 0;
        while (matched < flag_length &&
               (text[start + matched] == flag[matched] ||
                (text[start + matched] == '_' && flag[matched] == '-')))
            matched++;
        if (matched == flag_length)
            return true;
    }
    return false;
}

struct v8 {
    size_t byte_count;
    char *flags;                       /* v8::internal::v8_flags */
    uint32_t (*hash)(void);            /* v8::internal::FlagList::Hash() */
    bool (*is_frozen)(void);           /* v8::internal::FlagList::IsFrozen() */
    void (*set)(int *, char **, bool); /* v8::V8::SetFlagsFromCommandLine */
};

static bool find(struct v8 *v8)
{
    v8->flags = mt_elf_object("_ZN2v88internal8v8_flagsE", &v8->byte_count);
    *(void **)(void *)&v8->hash =
        mt_real_global("_ZN2v88internal8FlagList4HashEv");
    *(void **)(void *)&v8->is_frozen =
        mt_real_global("_ZN2v88internal8FlagList8IsFrozenEv");
    *(void **)(void *)&v8->set =
        mt_real_global("_ZN2v82V823SetFlagsFromCommandLineEPiPPcb");
    return v8->flags && v8->hash && v8->is_frozen && v8->set &&
           v8->byte_count <= FLAGS_LIMIT && !v8->is_frozen();
}

bool mt_v8_flags_can_hide(void)
{
    struct v8 v8;
    return find(&v8);
}

void mt_v8_flags_hide(void)
{
    static char before[FLAGS_LIMIT];
    /* --perf-basic-prof is implied, and implies the last in turn. This function
     * of V8's passes over what it does not know, as a V8 to come might one of
     * these, without a word. */
    char *unset[] = {"node",
                     "--no-perf-basic-prof-only-functions",
                     "--no-perf-basic-prof",
                     "--no-interpreted-frames-native-stack",
                     "--compact-code-space",
                     NULL};
    int count = sizeof unset / sizeof *unset - 1;
    struct v8 v8;
    if (!find(&v8))
        return;
    memcpy(before, v8.flags, v8.byte_count);
    v8.set(&count, unset, true);
    v8.hash();
    for (size_t i = 0; i < v8.byte_count; i++)
        if (v8.flags[i] != before[i])
            v8.flags[i] = before[i];
}
