/* SPDX-License-Identifier: Apache-2.0
 *
 * See options.h.
 */
#include "options.h"

#include "message.h"
#include "pages.h"

#include <stddef.h>
#include <string.h>

extern char **environ;

const char *mt_options_variable(const char *name)
{
    size_t length = strlen(name);
    for (char **entry = environ; entry && *entry; entry++)
        if (!strncmp(*entry, name, length) && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

/* Decimal, whole string, no sign; false otherwise. */
static bool parse_number(const char *text, uint32_t *number)
{
    uint64_t value = 0;
    const char *digit = text;
    for (; *digit >= '0' && *digit <= '9' && value <= UINT32_MAX; digit++)
        value = value * 10 + (uint64_t)(*digit - '0');
    *number = (uint32_t)value;
    return digit != text && !*digit && value <= UINT32_MAX;
}

static void read_number(const char *variable, uint32_t smallest,
                        uint32_t largest, uint32_t *number)
{
    const char *text = mt_options_variable(variable);
    if (!text || !*text)
        return;
    uint32_t value;
    if (parse_number(text, &value) && value >= smallest && value <= largest) {
        *number = value;
        return;
    }
    char low[24], high[24];
    mt_message(variable, "=", text, " is not a number from ",
               mt_message_number(low, smallest), " to ",
               mt_message_number(high, largest), "; ignored", NULL);
}

void mt_options_read(struct mt_options *options)
{
    options->output = mt_options_variable(MT_OUTPUT_VARIABLE);
    if (options->output && !*options->output)
        options->output = NULL;
    options->root = mt_options_variable(MT_ROOT_VARIABLE);
    options->mark_signal = mt_options_variable(MT_MARK_SIGNAL_VARIABLE);
#define MT_READ(name, variable, smallest, standard, largest, what) \
    options->name = standard;                                      \
    read_number(variable, smallest, largest, &options->name);
    MT_NUMBER_OPTIONS(MT_READ)
#undef MT_READ
}

void mt_options_publish(const char *assignment)
{
    size_t count = 0;
    while (environ && environ[count])
        count++;
    size_t array_byte_count = (count + 2) * sizeof(char *);
    size_t text_byte_count = strlen(assignment) + 1;
    char *memory = mt_pages_map(array_byte_count + text_byte_count);
    if (!memory)
        return;

    char **copy = (char **)(void *)memory;
    char *text = memory + array_byte_count;
    memcpy(text, assignment, text_byte_count);
    size_t name_length = (size_t)(strchr(assignment, '=') - assignment) + 1;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], assignment, name_length))
            copy[kept++] = environ[i];
    copy[kept++] = text;
    copy[kept] = NULL;
    environ = copy;
}
