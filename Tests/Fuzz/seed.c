/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiled by Tests/Fuzz/run: an ELF file with inlined functions and lines, as
 * small as it gets.
 */
struct point {
    int x, y;
};

static inline int inner(int a)
{
    return a * 3 + 1;
}

int outer(int a)
{
    struct point p = {inner(a), inner(a + 1)};
    return p.x ^ p.y;
}

int another(const char *text)
{
    int n = 0;
    while (text[n])
        n += inner(n) > 0;
    return n + outer(n);
}
