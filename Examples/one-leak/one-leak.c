/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks 1 block of 5,000 bytes: load_settings() allocates it, main() drops
 * the only pointer to it. The 1,024 bytes of read_line() are freed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static char *read_line(void)
{
    char *line = malloc(1024);
    strcpy(line, "color = green");
    return line;
}

__attribute__((noinline)) static char *load_settings(void)
{
    char *line = read_line();
    char *settings = malloc(5000);
    strcpy(settings, line);
    free(line);
    return settings;
}

int main(void)
{
    char *settings = load_settings();
    dprintf(1, "settings: %s\n", settings);
    settings = NULL; /* here it is lost */
    return settings != NULL;
}
