/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin of dlopen-plugin.c: plugin_start() leaks 10 blocks of 100 bytes,
 * 1,000 bytes. The block of plugin_name() is freed by its caller.
 */
#include <stdlib.h>
#include <string.h>

char *plugin_name(void);
void plugin_start(void);

char *plugin_name(void)
{
    return strdup("a plugin that forgets");
}

void plugin_start(void)
{
    for (int i = 0; i < 10; i++)
        *(volatile char *)malloc(100) = 1;
}
