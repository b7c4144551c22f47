/* SPDX-License-Identifier: Apache-2.0
 *
 * See elf_symbol.h. Formats: the gABI's dynamic section, and DT_GNU_HASH,
 * which every linker in use writes (its layout:
 * https://sourceware.org/legacy-ml/binutils/2006-10/msg00377.html).
 */
#include "elf_symbol.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

/* This library's own, by which it knows itself in the list. */
extern __attribute__((visibility("hidden"))) ElfW(Dyn) _DYNAMIC[];

struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *hash; /* bucket count, first symbol, filter words, shift */
    const ElfW(Half) * versions; /* NULL: none */
};

/* glibc has made these pointers absolute, but not in the vdso's. */
static const void *absolute(const struct link_map *map, ElfW(Addr) pointer)
{
    return (const void *)(pointer < map->l_addr ? pointer + map->l_addr
                                                : pointer);
}

static bool read_tables(const struct link_map *map, struct tables *tables)
{
    *tables = (struct tables){0};
    for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL;
         entry++) {
        const void *pointer = absolute(map, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            tables->symbols = pointer;
        else if (entry->d_tag == DT_STRTAB)
            tables->strings = pointer;
        else if (entry->d_tag == DT_GNU_HASH)
            tables->hash = pointer;
        else if (entry->d_tag == DT_VERSYM)
            tables->versions = pointer;
    }
    return tables->symbols && tables->strings && tables->hash;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (uint8_t)*name;
    return hash;
}

/* Whether it is defined here, in the version that new programs get; `type` is
 * STT_FUNC or STT_OBJECT. */
static bool is_defined(const struct tables *tables, uint32_t index,
                       unsigned char type)
{
    const ElfW(Sym) *symbol = &tables->symbols[index];
    const ElfW(Half) hidden_version = 0x8000;
    return symbol->st_shndx != SHN_UNDEF &&
           ELF64_ST_TYPE(symbol->st_info) == type &&
           !(tables->versions && tables->versions[index] & hidden_version);
}

static const ElfW(Sym) * find(const struct link_map *map, const char *name,
                              uint32_t hash, unsigned char type)
{
    struct tables tables;
    if (!read_tables(map, &tables))
        return NULL;
    uint32_t bucket_count = tables.hash[0], first = tables.hash[1];
    const ElfW(Addr) *filter =
        (const ElfW(Addr) *)(const void *)(tables.hash + 4);
    const uint32_t *buckets = (const uint32_t *)(filter + tables.hash[2]);
    const uint32_t *chains = buckets + bucket_count;
    if (!bucket_count)
        return NULL;
    for (uint32_t i = buckets[hash % bucket_count]; i >= first && i; i++) {
        uint32_t chain = chains[i - first];
        if ((chain | 1) == (hash | 1) && is_defined(&tables, i, type) &&
            !strcmp(tables.strings + tables.symbols[i].st_name, name))
            return &tables.symbols[i];
        if (chain & 1)
            break;
    }
    return NULL;
}

/* The loader's list of images. The program's own dynamic section says where it
 * is; `_r_debug` would say so too, but is a symbol of ld.so, and this library
 * is to need libc alone. */
static const struct link_map *first_map(void)
{
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM);
    const ElfW(Phdr) *dynamic = NULL;
    ElfW(Addr) bias = 0;
    for (size_t i = 0; headers && i < count; i++) {
        if (headers[i].p_type == PT_PHDR)
            bias = (ElfW(Addr))headers - headers[i].p_vaddr;
        else if (headers[i].p_type == PT_DYNAMIC)
            dynamic = &headers[i];
    }
    if (!dynamic)
        return NULL;
    const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(bias + dynamic->p_vaddr);
    for (; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_DEBUG && entry->d_un.d_ptr)
            return ((const struct r_debug *)entry->d_un.d_ptr)->r_map;
    return NULL;
}

void *mt_elf_symbol(const char *name)
{
    uint32_t hash = hash_of(name);
    const struct link_map *map = first_map();
    /* The first is the program itself: were the function there, the dynamic
     * loader would have led its callers to it instead of to us. */
    for (map = map ? map->l_next : NULL; map; map = map->l_next) {
        const ElfW(Sym) *function =
            map->l_ld == _DYNAMIC ? NULL : find(map, name, hash, STT_FUNC);
        if (function)
            return (void *)(map->l_addr + function->st_value);
    }
    return NULL;
}

void *mt_elf_object(const char *name, size_t *byte_count)
{
    uint32_t hash = hash_of(name);
    for (const struct link_map *map = first_map(); map; map = map->l_next) {
        const ElfW(Sym) *object = find(map, name, hash, STT_OBJECT);
        if (object) {
            *byte_count = object->st_size;
            return (void *)(map->l_addr + object->st_value);
        }
    }
    return NULL;
}
