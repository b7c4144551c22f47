/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds a symbol in the images that are loaded, by reading their symbol tables.
 * dlsym would do it, but it takes locks, frees the program's pending dlerror()
 * message and puts its own in place; and what an object's size is only dladdr1
 * says, which reads all of an image's symbols for it.
 */
#ifndef MT_ELF_SYMBOL_H
#define MT_ELF_SYMBOL_H

#include <stddef.h>

/* The first definition of the function `name` in the order in which libraries
 * were loaded, the program and this library left out; NULL when there is none.
 * Also finds those loaded with RTLD_LOCAL. */
void *mt_elf_symbol(const char *name);

/* The first definition of the object `name`, the program's own included, and
 * its size in bytes; NULL when there is none. */
void *mt_elf_object(const char *name, size_t *byte_count);

#endif
