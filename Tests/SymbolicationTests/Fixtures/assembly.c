/* SPDX-License-Identifier: Apache-2.0
 *
 * Symbols as only assembly makes them, each followed by 16 bytes of code.
 */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl sized\n"
        ".type sized, @function\n"
        "sized:\n"
        ".fill 8, 1, 0x90\n"
        "label_inside:\n"
        ".fill 8, 1, 0x90\n"
        ".size sized, 16\n"
        ".fill 16, 1, 0x90\n"
        ".globl unsized\n"
        "unsized:\n"
        ".fill 16, 1, 0x90\n"
        ".globl outer\n"
        ".type outer, @function\n"
        "outer:\n"
        ".fill 4, 1, 0x90\n"
        ".globl inner\n"
        ".type inner, @function\n"
        "inner:\n"
        ".fill 4, 1, 0x90\n"
        ".size inner, 4\n"
        ".fill 8, 1, 0x90\n"
        ".size outer, 16\n"
        ".globl __alias\n"
        ".type __alias, @function\n"
        "__alias:\n"
        ".globl alias\n"
        ".type alias, @function\n"
        "alias:\n"
        ".fill 16, 1, 0x90\n"
        ".size alias, 16\n"
        ".size __alias, 16\n");

int main(void)
{
    return 0;
}
