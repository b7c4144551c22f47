/* SPDX-License-Identifier: Apache-2.0
 *
 * A Node addon with an early return that forgets something: thumbnail(SIDE)
 * decodes a picture of SIDE x SIDE pixels, scales it down and gives its first
 * bytes. A picture that is small already (SIDE of 64 or less) is not released:
 * SIDE * SIDE * 4 bytes of pixels and a struct of 16 bytes are lost.
 * docs/hunt.md finds it; built with -DFIXED it is mended.
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

enum { THUMBNAIL_SIDE = 64 };

struct picture {
    uint8_t *pixels;
    uint32_t side;
};

__attribute__((noinline)) static struct picture *decode(uint32_t side)
{
    struct picture *picture = malloc(sizeof(*picture));
    picture->side = side;
    picture->pixels = malloc((size_t)side * side * 4);
    memset(picture->pixels, 0x7f, (size_t)side * side * 4);
    return picture;
}

__attribute__((noinline)) static void release(struct picture *picture)
{
    free(picture->pixels);
    free(picture);
}

static uint32_t encode(const struct picture *picture)
{
    return picture->pixels[0] * picture->side;
}

__attribute__((noinline)) static uint32_t make_thumbnail(uint32_t side)
{
    struct picture *picture = decode(side);
    if (picture->side <= THUMBNAIL_SIDE) {
        uint32_t code = encode(picture);
#ifdef FIXED
        release(picture);
#endif
        return code; // Nothing to scale.
    }
    struct picture *small = decode(THUMBNAIL_SIDE);
    uint32_t code = encode(small);
    release(small);
    release(picture);
    return code;
}

static napi_value thumbnail(napi_env env, napi_callback_info info)
{
    size_t count = 1;
    napi_value argument, result;
    uint32_t side = 0;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_value_uint32(env, argument, &side);
    napi_create_uint32(env, make_thumbnail(side), &result);
    return result;
}

NAPI_MODULE_INIT()
{
    napi_value function;
    napi_create_function(env, "thumbnail", NAPI_AUTO_LENGTH, thumbnail, NULL,
                         &function);
    napi_set_named_property(env, exports, "thumbnail", function);
    return exports;
}
