/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of the exec family. A program that becomes another one leaves its
 * trace as it is, and the other may know nothing of it: its environment may be
 * empty, it may be static, or have more rights than its user. So it is noted
 * beforehand, and taken back when the call returns, which it does to say that
 * it failed. Nothing but two words of the header is touched: these functions
 * are called between vfork and exec, in signal handlers, and by anyone. Those
 * of libc do not call each other by way of our doors.
 */
#include "attributes.h"
#include "file_guard.h"
#include "real.h"
#include "trace_file.h"

#include <stdarg.h>
#include <unistd.h>

/* How many arguments stand behind the first, with the NULL at their end. */
static size_t count_arguments(va_list list)
{
    size_t count = 1;
    while (va_arg(list, char *))
        count++;
    return count;
}

/* Declares `arguments`, an array of `first` and those that follow it, and leaves
 * `list` behind them. On the stack, as libc does it: nothing may be allocated
 * here. */
#define COLLECT_ARGUMENTS(first, list)              \
    va_start(list, first);                          \
    size_t count = count_arguments(list);           \
    va_end(list);                                   \
    char *arguments[count + 1];                     \
    arguments[0] = (char *)(uintptr_t)first;        \
    va_start(list, first);                          \
    for (size_t place = 1; place <= count; place++) \
    arguments[place] = va_arg(list, char *)

/* The real call, with a note before it and none behind it. */
#define EXECUTE(call)                              \
    ({                                             \
        mt_real_begin();                           \
        bool is_noted = mt_trace_file_executing(); \
        mt_file_guard_executing();                 \
        int result = mt_real.call;                 \
        mt_file_guard_not_executed();              \
        if (is_noted)                              \
            mt_trace_file_not_executed();          \
        result;                                    \
    })

MT_EXPORT int execve(const char *path, char *const arguments[],
                     char *const variables[])
{
    return EXECUTE(execve(path, arguments, variables));
}

MT_EXPORT int execveat(int folder, const char *path, char *const arguments[],
                       char *const variables[], int flags)
{
    return EXECUTE(execveat(folder, path, arguments, variables, flags));
}

MT_EXPORT int fexecve(int file, char *const arguments[],
                      char *const variables[])
{
    return EXECUTE(fexecve(file, arguments, variables));
}

MT_EXPORT int execv(const char *path, char *const arguments[])
{
    return EXECUTE(execv(path, arguments));
}

MT_EXPORT int execvp(const char *name, char *const arguments[])
{
    return EXECUTE(execvp(name, arguments));
}

MT_EXPORT int execvpe(const char *name, char *const arguments[],
                      char *const variables[])
{
    return EXECUTE(execvpe(name, arguments, variables));
}

MT_EXPORT int execl(const char *path, const char *first, ...)
{
    va_list list;
    COLLECT_ARGUMENTS(first, list);
    va_end(list);
    return EXECUTE(execv(path, arguments));
}

MT_EXPORT int execlp(const char *name, const char *first, ...)
{
    va_list list;
    COLLECT_ARGUMENTS(first, list);
    va_end(list);
    return EXECUTE(execvp(name, arguments));
}

MT_EXPORT int execle(const char *path, const char *first, ...)
{
    va_list list;
    COLLECT_ARGUMENTS(first, list);
    char *const *variables = va_arg(list, char *const *);
    va_end(list);
    return EXECUTE(execve(path, arguments, variables));
}
