/* SPDX-License-Identifier: Apache-2.0
 *
 * A Node addon that loses what a caller asks it to, each in a function of its
 * own; hello() and nothing() lose nothing.
 *
 *     lose(n)      a block of n bytes
 *     reference()  a napi_ref: allocated in node's code, on the addon's behalf
 *     persistent(object)  an object, kept for ever by a reference to it
 *     buffer(n)    n bytes under a Buffer whose finalizer frees nothing
 *     function()   a threadsafe function that is never released
 *     crash()      the process
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

static napi_value argument(napi_env env, napi_callback_info info)
{
    size_t count = 1;
    napi_value value = NULL;
    napi_get_cb_info(env, info, &count, &value, NULL, NULL);
    return value;
}

static uint32_t number(napi_env env, napi_callback_info info)
{
    uint32_t number = 0;
    napi_get_value_uint32(env, argument(env, info), &number);
    return number;
}

static napi_value hello(napi_env env, napi_callback_info info)
{
    (void)info;
    napi_value text;
    napi_create_string_utf8(env, "hello, world", NAPI_AUTO_LENGTH, &text);
    return text;
}

static napi_value nothing(napi_env env, napi_callback_info info)
{
    void *volatile block = malloc(number(env, info));
    free(block);
    return NULL;
}

static napi_value lose(napi_env env, napi_callback_info info)
{
    void *volatile block = malloc(number(env, info));
    (void)block;
    return NULL;
}

static napi_value reference(napi_env env, napi_callback_info info)
{
    (void)info;
    napi_value object;
    napi_ref lost;
    napi_create_object(env, &object);
    napi_create_reference(env, object, 0, &lost);
    return NULL;
}

static napi_value persistent(napi_env env, napi_callback_info info)
{
    napi_ref lost;
    napi_create_reference(env, argument(env, info), 1, &lost);
    return NULL;
}

static void free_nothing(napi_env env, void *data, void *hint)
{
    (void)env, (void)data, (void)hint;
}

static napi_value buffer(napi_env env, napi_callback_info info)
{
    uint32_t size = number(env, info);
    void *data = calloc(1, size);
    napi_value value;
    napi_create_external_buffer(env, size, data, free_nothing, NULL, &value);
    return value;
}

static napi_value function(napi_env env, napi_callback_info info)
{
    (void)info;
    napi_value name;
    napi_threadsafe_function lost;
    napi_create_string_utf8(env, "lost", NAPI_AUTO_LENGTH, &name);
    napi_create_threadsafe_function(
        env, NULL, NULL, name, 0, 1, NULL, NULL, NULL,
        (napi_threadsafe_function_call_js)(void (*)(void))free_nothing, &lost);
    napi_unref_threadsafe_function(env, lost);
    return NULL;
}

static napi_value crash(napi_env env, napi_callback_info info)
{
    (void)env, (void)info;
    *(volatile int *)NULL = 1;
    return NULL;
}

NAPI_MODULE_INIT()
{
    static const struct {
        const char *name;
        napi_callback callback;
    } functions[] = {
        {"hello", hello},
        {"nothing", nothing},
        {"lose", lose},
        {"reference", reference},
        {"buffer", buffer},
        {"function", function},
        {"persistent", persistent},
        {"crash", crash},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        napi_value value;
        napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH,
                             functions[i].callback, NULL, &value);
        napi_set_named_property(env, exports, functions[i].name, value);
    }
    return exports;
}
