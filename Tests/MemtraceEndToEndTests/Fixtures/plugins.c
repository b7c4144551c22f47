/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads and unloads plugins that take each other's addresses, `turns` one
 * after the other in one thread, `threads` in four threads at once while a
 * fifth allocates from a frame that never changes; `bare` by a bare name that
 * only this program's own RUNPATH resolves. Usage: plugins HOW ROUNDS
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER __attribute__((noinline))
enum { plugin_count = 3, thread_count = 4 };

static int rounds;

static NEVER void use_plugin(const char *path, int count)
{
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!plugin) {
        dprintf(1, "%s\n", dlerror());
        exit(1);
    }
    void (*work)(int) = (void (*)(int))dlsym(plugin, "plugin_work");
    work(count);
    dlclose(plugin);
}

static void name_plugin(char *path, size_t size, int number)
{
    Dl_info info;
    dladdr((void *)name_plugin, &info);
    const char *slash = strrchr(info.dli_fname, '/');
    snprintf(path, size, "%.*s/plugin-%d.so",
             slash ? (int)(slash - info.dli_fname) : 1,
             slash ? info.dli_fname : ".", number);
}

static void *use_in_turns(void *unused)
{
    char path[4096];
    for (int i = 0; i < rounds; i++) {
        name_plugin(path, sizeof path, i % plugin_count);
        use_plugin(path, i % plugin_count + 1);
    }
    return unused;
}

static volatile bool enough;

static NEVER void steady_leak(void)
{
    *(volatile char *)malloc(72) = 1;
}

static void *steady(void *count)
{
    while (!enough) {
        steady_leak();
        ++*(long *)count;
    }
    return NULL;
}

static void in_threads(void)
{
    pthread_t threads[thread_count], other;
    long count = 0;
    pthread_create(&other, NULL, steady, &count);
    for (int i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, use_in_turns, NULL);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    enough = true;
    pthread_join(other, NULL);
    dprintf(1, "steady %ld\n", count);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    rounds = atoi(argv[2]);
    if (strcmp(argv[1], "turns") == 0)
        use_in_turns(NULL);
    else if (strcmp(argv[1], "threads") == 0)
        in_threads();
    else if (strcmp(argv[1], "bare") == 0)
        for (int i = 0; i < rounds; i++)
            use_plugin("plugin-0.so", 1);
    else
        return 64;
    dprintf(1, "done\n");
    return 0;
}
