// SPDX-License-Identifier: Apache-2.0
//
// A node addon that registers as node's headers made every addon do before version 20.3: a static
// constructor hands over napi_register_module_v1, which other images may have, too.

#include <stddef.h>

typedef struct env *napi_env;
typedef struct value *napi_value;

struct napi_module {
    int version;
    unsigned flags;
    const char *file_name;
    napi_value (*register_function)(napi_env, napi_value);
    const char *name;
    void *private_data;
    void *reserved[4];
};

extern void napi_module_register(struct napi_module *);
extern int napi_get_boolean(napi_env, _Bool, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *,
                                   napi_value);

napi_value napi_register_module_v1(napi_env env, napi_value exports);
napi_value napi_register_module_v1(napi_env env, napi_value exports)
{
    napi_value value;
    napi_get_boolean(env, 1, &value);
    napi_set_named_property(env, exports, "registeredByConstructor", value);
    return exports;
}

__attribute__((constructor)) static void register_module(void)
{
    static struct napi_module module = {
        1, 0, __FILE__, napi_register_module_v1, "constructor", NULL, {NULL}};
    napi_module_register(&module);
}
