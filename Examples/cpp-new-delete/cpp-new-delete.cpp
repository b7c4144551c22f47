// SPDX-License-Identifier: Apache-2.0
//
// Leaks 4 blocks in C++'s own ways: make_table() loses a new int[100] of 400
// bytes; open_session() loses a Session of 40 bytes by `new` and with it the
// 81 bytes that its std::string of 80 characters holds; add_listener() loses
// 1 block of 64 bytes by nothrow new. What forget_nothing() makes is deleted.
#include <cstdio>
#include <memory>
#include <new>
#include <string>
#include <vector>

struct Session {
    explicit Session(std::size_t n) : user(n, 'x'), number(n)
    {
    }
    std::string user;
    std::size_t number;
};
static_assert(sizeof(Session) == 40, "as the comment above says");

struct alignas(16) Listener {
    char bytes[64];
};

[[gnu::noinline]] int *make_table(int n)
{
    int *table = new int[100];
    table[n % 100] = n;
    return table;
}

[[gnu::noinline]] Session *open_session(std::size_t n)
{
    return new Session(n);
}

[[gnu::noinline]] Listener *add_listener()
{
    return new (std::nothrow) Listener;
}

[[gnu::noinline]] std::size_t forget_nothing()
{
    auto session = std::make_unique<Session>(200);
    std::vector<std::string> names(10, session->user);
    delete[] new long[50];
    return names.back().size();
}

int main()
{
    volatile const void *lost = make_table(7);
    lost = open_session(80);
    lost = add_listener();
    dprintf(1, "%zu\n", forget_nothing());
    return lost == nullptr;
}
