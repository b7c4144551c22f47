// SPDX-License-Identifier: Apache-2.0
//
// Functions inlined into each other. The marks say which line a frame is expected on.

#include "note.h"

namespace shop
{

template <typename T>
struct Basket {
    T total{};

    INLINED void add(T price)
    {
        NOTE("add"); // mark: in add
        total += price;
    }
};

static INLINED int twice(int price)
{
    Basket<int> basket;
    basket.add(price); // mark: in twice
    basket.total *= 2;
    return basket.total;
}

struct Till {
    OUTLINED int ring(int price);
    int sum = 0;
};

int Till::ring(int price)
{
    auto discounted = [](int price) __attribute__((always_inline))
    {
        return twice(price - 1); // mark: in lambda
    };
    sum += discounted(price); // mark: in ring
    return sum;
}

namespace
{

OUTLINED int hidden(int price)
{
    NOTE("hidden"); // mark: in hidden
    return price + 1;
}

} // namespace
} // namespace shop

extern "C" OUTLINED int exported(int price)
{
    NOTE("exported"); // mark: in exported
    return price + 2;
}

int main(int argc, char **)
{
    shop::Till till;
    return till.ring(argc) + shop::hidden(argc) + exported(argc) ==
           0; // mark: in main
}
