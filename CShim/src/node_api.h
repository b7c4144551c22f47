/* SPDX-License-Identifier: Apache-2.0
 *
 * The few functions of node's C interface that node_module.c calls, as node's
 * js_native_api.h has them; this interface does not change between versions,
 * and nobody needs node's headers to build memtrace. All are weak: only in node
 * do they exist.
 */
#ifndef MT_NODE_API_H
#define MT_NODE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MT_NAPI_OK 0
#define MT_NAPI_AUTO_LENGTH SIZE_MAX
#define MT_NAPI_MODULE_VERSION 1
#define MT_NAPI_FLOAT64_ARRAY 8 /* napi_typedarray_type */

typedef struct napi_env_opaque *napi_env;
typedef struct napi_value_opaque *napi_value;
typedef struct napi_info_opaque *napi_info;
typedef napi_value (*napi_callback)(napi_env, napi_info);

struct mt_napi_module {
    int version;
    unsigned flags;
    const char *file_name;
    napi_value (*register_function)(napi_env, napi_value exports);
    const char *name;
    void *private_data;
    void *reserved[4];
};

#define MT_NAPI(name, ...) int name(__VA_ARGS__) __attribute__((weak))

void napi_module_register(struct mt_napi_module *) __attribute__((weak));
MT_NAPI(napi_create_function, napi_env, const char *name, size_t length,
        napi_callback, void *data, napi_value *result);
MT_NAPI(napi_set_named_property, napi_env, napi_value object, const char *name,
        napi_value value);
MT_NAPI(napi_get_cb_info, napi_env, napi_info, size_t *count,
        napi_value *arguments, napi_value *receiver, void **data);
MT_NAPI(napi_get_value_string_utf8, napi_env, napi_value, char *text,
        size_t byte_limit, size_t *length);
MT_NAPI(napi_get_value_uint32, napi_env, napi_value, uint32_t *number);
MT_NAPI(napi_get_typedarray_info, napi_env, napi_value, int *type,
        size_t *length, void **data, napi_value *buffer, size_t *offset);
MT_NAPI(napi_get_boolean, napi_env, bool, napi_value *result);
MT_NAPI(napi_create_object, napi_env, napi_value *result);
MT_NAPI(napi_create_double, napi_env, double, napi_value *result);
MT_NAPI(napi_create_string_utf8, napi_env, const char *text, size_t length,
        napi_value *result);
MT_NAPI(napi_add_env_cleanup_hook, napi_env, void (*hook)(void *), void *data);

#endif
