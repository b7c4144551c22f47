/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks 10 blocks of 100 bytes in plugin_start() of plugin.so, 1,000 bytes,
 * called from run_plugin(). The plugin is unloaded before the program ends,
 * and its leak is still named after it.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((noinline)) static int run_plugin(const char *path)
{
    void *plugin = dlopen(path, RTLD_NOW);
    if (!plugin) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    char *(*name)(void) = (char *(*)(void))dlsym(plugin, "plugin_name");
    void (*start)(void) = (void (*)(void))dlsym(plugin, "plugin_start");
    char *text = name();
    dprintf(1, "running %s\n", text);
    free(text);
    start();
    return dlclose(plugin);
}

int main(void)
{
    char own_path[4000] = "", plugin_path[4096];
    if (readlink("/proc/self/exe", own_path, sizeof own_path - 1) < 0)
        return 1;
    snprintf(plugin_path, sizeof plugin_path, "%s/plugin.so",
             dirname(own_path));
    return run_plugin(plugin_path);
}
