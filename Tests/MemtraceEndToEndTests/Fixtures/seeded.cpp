// SPDX-License-Identifier: Apache-2.0
//
// A node addon with one function for each way in which addons lose memory, and for each way in which
// they hold it without losing any. NodeModule/test says which must be found.

#include <node_api.h>
#include <uv.h>
#include <v8.h>

#include <cstdlib>
#include <cstring>
#include <string>

#define NOINLINE __attribute__((noinline))

namespace
{

uint32_t number(napi_env env, napi_value value)
{
    uint32_t result = 0;
    napi_get_value_uint32(env, value, &result);
    return result;
}

/* The two arguments; those that are missing are undefined. */
struct Arguments {
    napi_value values[2];
    Arguments(napi_env env, napi_callback_info info)
    {
        size_t count = 2;
        napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
    }
};

/* -------------------------------------------------------------- what leaks */

NOINLINE void *lose_block(size_t size)
{
    return memset(malloc(size), 1, size);
}

/* loseBlocks(count, size) */
napi_value loseBlocks(napi_env env, napi_callback_info info)
{
    Arguments arguments(env, info);
    for (uint32_t left = number(env, arguments.values[0]); left; left--)
        lose_block(number(env, arguments.values[1]));
    return nullptr;
}

NOINLINE void churn(uint32_t count, uint32_t size)
{
    for (; count; count--)
        free(memset(malloc(size), 1, size));
}

/* sometimes(i): 10 KB come and go; of every hundredth call 24 bytes stay. */
napi_value sometimes(napi_env env, napi_callback_info info)
{
    Arguments arguments(env, info);
    churn(20, 512);
    if (number(env, arguments.values[0]) % 100 == 99)
        lose_block(24);
    return nullptr;
}

NOINLINE void lose_reference(napi_env env, napi_value object)
{
    napi_ref reference;
    napi_create_reference(env, object, 1, &reference);
}

napi_value loseReference(napi_env env, napi_callback_info info)
{
    lose_reference(env, Arguments(env, info).values[0]);
    return nullptr;
}

NOINLINE void lose_threadsafe_function(napi_env env, napi_value function)
{
    napi_value name;
    napi_threadsafe_function result;
    napi_create_string_utf8(env, "lost", NAPI_AUTO_LENGTH, &name);
    napi_create_threadsafe_function(env, function, nullptr, name, 0, 1, nullptr,
                                    nullptr, nullptr, nullptr, &result);
    napi_unref_threadsafe_function(env, result);
}

napi_value loseThreadsafeFunction(napi_env env, napi_callback_info info)
{
    lose_threadsafe_function(env, Arguments(env, info).values[0]);
    return nullptr;
}

/* Is called, and frees nothing. */
void forget(napi_env, void *, void *)
{
}

NOINLINE void *allocate_contents(size_t size)
{
    return calloc(1, size);
}

/* A Buffer whose finalizer does not free what it holds. */
napi_value loseBuffer(napi_env env, napi_callback_info)
{
    napi_value buffer;
    napi_create_external_buffer(env, 512, allocate_contents(512), forget,
                                nullptr, &buffer);
    return buffer;
}

NOINLINE void lose_async(uv_loop_t *loop)
{
    uv_async_t *async = new uv_async_t;
    uv_async_init(loop, async, nullptr);
    uv_unref(reinterpret_cast<uv_handle_t *>(async));
}

napi_value loseAsync(napi_env env, napi_callback_info)
{
    uv_loop_t *loop;
    napi_get_uv_event_loop(env, &loop);
    lose_async(loop);
    return nullptr;
}

struct Holder {
    std::string text;
    int number;
};

NOINLINE Holder *lose_string()
{
    return new Holder{std::string(100, 'x'), 1};
}

napi_value loseString(napi_env, napi_callback_info)
{
    lose_string();
    return nullptr;
}

/* Keeps an object alive for ever: a Persistent's destructor resets nothing. */
NOINLINE void lose_persistent(napi_value object)
{
    v8::Local<v8::Value> local;
    memcpy(static_cast<void *>(&local), &object, sizeof local);
    v8::Persistent<v8::Value> persistent(v8::Isolate::GetCurrent(), local);
}

napi_value losePersistent(napi_env env, napi_callback_info info)
{
    lose_persistent(Arguments(env, info).values[0]);
    return nullptr;
}

/* A connection keeps its statements until it is closed, when the process ends:
 * then nothing is lost. */
struct Statement {
    Statement *next;
    char text[200];
};
Statement *statements;

void close_connection(void *)
{
    while (Statement *statement = statements) {
        statements = statement->next;
        delete statement;
    }
}

NOINLINE void prepare_statement()
{
    statements = new Statement{statements, "SELECT 1"};
}

napi_value keepStatement(napi_env env, napi_callback_info)
{
    if (!statements)
        napi_add_env_cleanup_hook(env, close_connection, nullptr);
    prepare_statement();
    return nullptr;
}

struct Link {
    Link *other;
    char name[40];
};

Link *volatile known; /* without which a compiler may leave the two out */

/* Two blocks that know each other, and nobody knows them. */
NOINLINE void lose_cycle()
{
    Link *one = new Link{nullptr, "one"};
    one->other = new Link{one, "other"};
    known = one;
    known = nullptr;
}

napi_value loseCycle(napi_env, napi_callback_info)
{
    lose_cycle();
    return nullptr;
}

/* ------------------------------------------------------- what does not leak */

char *cache[64];

/* cached(i): the newest 64 values, each of another size. */
napi_value cached(napi_env env, napi_callback_info info)
{
    uint32_t index = number(env, Arguments(env, info).values[0]) * 2654435761u;
    char *&place = cache[index >> 26];
    free(place);
    size_t size = 16 + index % 1000;
    place = static_cast<char *>(memset(malloc(size), 1, size));
    return nullptr;
}

/* lazily(i): a table that is first needed in the middle of a batch. */
napi_value lazily(napi_env env, napi_callback_info info)
{
    static void *table;
    if (!table && number(env, Arguments(env, info).values[0]) == 30)
        table = lose_block(40000);
    return nullptr;
}

struct Work {
    napi_async_work work;
    napi_deferred deferred;
    char *result;
};

void execute(napi_env, void *data)
{
    static_cast<Work *>(data)->result = strdup("the result of a thread");
}

void complete(napi_env env, napi_status, void *data)
{
    Work *work = static_cast<Work *>(data);
    napi_value value;
    napi_create_string_utf8(env, work->result, NAPI_AUTO_LENGTH, &value);
    napi_resolve_deferred(env, work->deferred, value);
    napi_delete_async_work(env, work->work);
    free(work->result);
    delete work;
}

/* A promise that a thread of the pool fulfills. */
napi_value inThread(napi_env env, napi_callback_info)
{
    Work *work = new Work{};
    napi_value promise, name;
    napi_create_promise(env, &work->deferred, &promise);
    napi_create_string_utf8(env, "work", NAPI_AUTO_LENGTH, &name);
    napi_create_async_work(env, nullptr, name, execute, complete, work,
                           &work->work);
    napi_queue_async_work(env, work->work);
    return promise;
}

void finalize(napi_env, void *data, void *)
{
    free(data);
}

/* An object that owns 1000 bytes until it is collected. */
napi_value wrapped(napi_env env, napi_callback_info)
{
    napi_value object;
    napi_create_object(env, &object);
    napi_wrap(env, object, allocate_contents(1000), finalize, nullptr, nullptr);
    return object;
}

/* As loseBuffer, and freed. */
napi_value keptBuffer(napi_env env, napi_callback_info)
{
    napi_value buffer;
    napi_create_external_buffer(env, 512, allocate_contents(512), finalize,
                                nullptr, &buffer);
    return buffer;
}

/* Dies of SIGSEGV. */
napi_value crash(napi_env, napi_callback_info)
{
    *reinterpret_cast<volatile int *>(8) = 1;
    return nullptr;
}

const struct {
    const char *name;
    napi_callback function;
} functions[] = {
    {"loseBlocks", loseBlocks},
    {"sometimes", sometimes},
    {"loseReference", loseReference},
    {"loseThreadsafeFunction", loseThreadsafeFunction},
    {"loseBuffer", loseBuffer},
    {"loseAsync", loseAsync},
    {"loseString", loseString},
    {"losePersistent", losePersistent},
    {"keepStatement", keepStatement},
    {"loseCycle", loseCycle},
    {"cached", cached},
    {"lazily", lazily},
    {"inThread", inThread},
    {"wrapped", wrapped},
    {"keptBuffer", keptBuffer},
    {"crash", crash},
};

} // namespace

NAPI_MODULE_INIT()
{
    for (const auto &entry : functions) {
        napi_value function;
        napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function,
                             nullptr, &function);
        napi_set_named_property(env, exports, entry.name, function);
    }
    return exports;
}
