/* SPDX-License-Identifier: Apache-2.0
 *
 * A Node addon, plain N-API, that loses memory on request: lose(N) leaks 1
 * block of N bytes in lose_block(), borrow(N) allocates N bytes in
 * borrow_block() and frees them. app.js says how often each is called.
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static void lose_block(size_t byte_count)
{
    char *volatile block = malloc(byte_count);
    if (block)
        memset(block, 1, byte_count);
}

__attribute__((noinline)) static void borrow_block(size_t byte_count)
{
    char *volatile block = malloc(byte_count);
    if (block)
        memset(block, 1, byte_count);
    free(block);
}

static uint32_t first_argument(napi_env env, napi_callback_info info)
{
    size_t count = 1;
    napi_value argument;
    uint32_t number = 0;
    if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == napi_ok)
        napi_get_value_uint32(env, argument, &number);
    return number;
}

static napi_value lose(napi_env env, napi_callback_info info)
{
    lose_block(first_argument(env, info));
    return NULL;
}

static napi_value borrow(napi_env env, napi_callback_info info)
{
    borrow_block(first_argument(env, info));
    return NULL;
}

NAPI_MODULE_INIT()
{
    napi_value function;
    napi_create_function(env, "lose", NAPI_AUTO_LENGTH, lose, NULL, &function);
    napi_set_named_property(env, exports, "lose", function);
    napi_create_function(env, "borrow", NAPI_AUTO_LENGTH, borrow, NULL,
                         &function);
    napi_set_named_property(env, exports, "borrow", function);
    return exports;
}
