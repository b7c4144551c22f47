/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks 128 bytes a request: remember_session(), called from
 * handle_request(), never forgets. 1,000 requests lose 1,000 blocks, 128,000
 * bytes. The 512 bytes each request parses into are freed by it, and the 16
 * blocks of the connection pool are freed at the end.
 */
#include <stdio.h>
#include <stdlib.h>

enum { request_count = 1000, pool_count = 16 };

struct session {
    int number;
    char cookie[124];
};

__attribute__((noinline)) static void remember_session(int number)
{
    struct session *session = calloc(1, sizeof *session);
    session->number = number;
    snprintf(session->cookie, sizeof session->cookie, "id=%d", number);
}

__attribute__((noinline)) static char *parse_request(int number)
{
    char *request = malloc(512);
    snprintf(request, 512, "GET /item/%d", number);
    return request;
}

__attribute__((noinline)) static size_t handle_request(int number)
{
    char *request = parse_request(number);
    size_t length = (size_t)request[5];
    remember_session(number);
    free(request);
    return length;
}

int main(void)
{
    void *pool[pool_count];
    for (int i = 0; i < pool_count; i++)
        pool[i] = malloc(2048);
    size_t sum = 0;
    for (int number = 0; number < request_count; number++)
        sum += handle_request(number);
    for (int i = 0; i < pool_count; i++)
        free(pool[i]);
    dprintf(1, "%d requests, %zu\n", request_count, sum);
    return 0;
}
