/* SPDX-License-Identifier: Apache-2.0
 *
 * Something big to compile, in few lines: 100 functions of loops, tables and
 * branches, written by the preprocessor; 10 with -DSHORT.
 * Usage: gcc -O2 -c compile.c
 */
#define FUNCTION(n)                                                           \
    struct node_##n {                                                         \
        struct node_##n *next;                                                \
        int key, values[8];                                                   \
    };                                                                        \
    static int fold_##n(const struct node_##n *node, int seed)                \
    {                                                                         \
        int sum = seed;                                                       \
        for (; node; node = node->next)                                       \
            for (int i = 0; i < 8; i++)                                       \
                sum =                                                         \
                    node->values[i] > sum ? sum * 31 + node->values[i] : sum; \
        return sum;                                                           \
    }                                                                         \
    int function_##n(struct node_##n *nodes, int count, int seed)             \
    {                                                                         \
        static const int table[] = {1##n % 97, 1##n % 89, 1##n % 83};         \
        for (int i = 0; i < count; i++) {                                     \
            switch ((seed + i) % 5) {                                         \
            case 0:                                                           \
                nodes[i].key = fold_##n(nodes[i].next, seed);                 \
                break;                                                        \
            case 1:                                                           \
                nodes[i].key ^= table[i % 3];                                 \
                break;                                                        \
            case 2:                                                           \
                nodes[i].values[i & 7] += seed;                               \
                break;                                                        \
            default:                                                          \
                seed = seed * 1103515245 + table[seed & 1];                   \
            }                                                                 \
        }                                                                     \
        return seed;                                                          \
    }
// clang-format off
#define TEN(n)                                                                 \
    FUNCTION(n##0) FUNCTION(n##1) FUNCTION(n##2) FUNCTION(n##3) FUNCTION(n##4) \
    FUNCTION(n##5) FUNCTION(n##6) FUNCTION(n##7) FUNCTION(n##8) FUNCTION(n##9)

TEN(0)
#ifndef SHORT
TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9)
#endif
