/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds a function in the libraries that are loaded, by reading their symbol
 * tables. dlsym would do it, but it takes locks, frees the program's pending
 * dlerror() message and puts its own in place.
 */
#ifndef MT_ELF_SYMBOL_H
#define MT_ELF_SYMBOL_H

/* The first definition of the function `name` in the order in which libraries
 * were loaded, the program and this library left out; NULL when there is none.
 * Also finds those loaded with RTLD_LOCAL. */
void *mt_elf_symbol(const char *name);

#endif
