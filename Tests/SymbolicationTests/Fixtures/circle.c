/* SPDX-License-Identifier: Apache-2.0
 *
 * Debug information (DWARF 4, compile without -g) whose third entry names the
 * second, its parent, as its own sibling: who follows that without looking
 * never comes to an end.
 */
__asm__(".text\n"
        ".globl covered\n"
        ".type covered, @function\n"
        "covered:\n"
        ".fill 16, 1, 0x90\n"
        ".size covered, 16\n"

        ".section .debug_abbrev,\"\",@progbits\n"
        ".uleb128 1, 0x11\n" /* compile_unit, children: low_pc, high_pc */
        ".byte 1\n"
        ".uleb128 0x11, 0x01, 0x12, 0x07, 0, 0\n"
        ".uleb128 2, 0x2e\n" /* subprogram, children: nothing */
        ".byte 1\n"
        ".uleb128 0, 0\n"
        ".uleb128 3, 0x34\n" /* variable: sibling */
        ".byte 0\n"
        ".uleb128 0x01, 0x13, 0, 0\n"
        ".uleb128 0\n"

        ".section .debug_info,\"\",@progbits\n"
        "unit:\n"
        ".long unit_end - unit_version\n"
        "unit_version:\n"
        ".short 4\n"
        ".long .debug_abbrev\n"
        ".byte 8\n"
        ".uleb128 1\n"
        ".quad covered, 16\n"
        "parent:\n"
        ".uleb128 2\n"
        ".uleb128 3\n"
        ".long parent - unit\n"
        ".byte 0, 0\n"
        ".fill 64, 1, 0\n" /* libdw refuses references near the end */
        "unit_end:\n"
        ".text\n");

int main(void)
{
    return 0;
}
