/* SPDX-License-Identifier: Apache-2.0
 *
 * A node addon with a small job: count(text) says how often each word occurs.
 * With WORDCOUNT_LEAK=1 it has the bug of many tables: the copy of a word that
 * the table has already is forgotten. The tests of test/ are to notice.
 */
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    char *word;
    unsigned count;
};

struct table {
    struct entry *first;
    bool leaks;
};

static char *copy_word(const char *start, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy) {
        memcpy(copy, start, length);
        copy[length] = '\0';
    }
    return copy;
}

/* Takes over `word`. */
static bool add_word(struct table *table, char *word)
{
    if (!word)
        return false;
    for (struct entry *entry = table->first; entry; entry = entry->next) {
        if (strcmp(entry->word, word))
            continue;
        entry->count++;
        if (!table->leaks)
            free(word);
        return true;
    }
    struct entry *entry = malloc(sizeof *entry);
    if (!entry) {
        free(word);
        return false;
    }
    *entry = (struct entry){table->first, word, 1};
    table->first = entry;
    return true;
}

static bool fill(struct table *table, const char *text)
{
    static const char space[] = " \t\n";
    for (text += strspn(text, space); *text; text += strspn(text, space)) {
        size_t length = strcspn(text, space);
        if (!add_word(table, copy_word(text, length)))
            return false;
        text += length;
    }
    return true;
}

static void empty(struct table *table)
{
    while (table->first) {
        struct entry *entry = table->first;
        table->first = entry->next;
        free(entry->word);
        free(entry);
    }
}

static napi_value object_from(napi_env env, const struct table *table)
{
    napi_value object, number;
    if (napi_create_object(env, &object) != napi_ok)
        return NULL;
    for (struct entry *entry = table->first; entry; entry = entry->next) {
        napi_create_uint32(env, entry->count, &number);
        napi_set_named_property(env, object, entry->word, number);
    }
    return object;
}

static char *take_text(napi_env env, napi_callback_info info)
{
    napi_value argument;
    size_t count = 1, length;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    if (count < 1 || napi_get_value_string_utf8(env, argument, NULL, 0,
                                                &length) != napi_ok) {
        napi_throw_type_error(env, NULL, "count takes a string");
        return NULL;
    }
    char *text = malloc(length + 1);
    if (text)
        napi_get_value_string_utf8(env, argument, text, length + 1, NULL);
    return text;
}

static napi_value count(napi_env env, napi_callback_info info)
{
    const char *leaks = getenv("WORDCOUNT_LEAK");
    struct table table = {NULL, leaks && *leaks == '1'};
    char *text = take_text(env, info);
    if (!text)
        return NULL;
    napi_value result = fill(&table, text) ? object_from(env, &table) : NULL;
    empty(&table);
    free(text);
    return result;
}

NAPI_MODULE_INIT()
{
    napi_value function;
    napi_create_function(env, "count", NAPI_AUTO_LENGTH, count, NULL,
                         &function);
    napi_set_named_property(env, exports, "count", function);
    return exports;
}
