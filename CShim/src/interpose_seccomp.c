/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors by which a program restricts itself to some system calls: prctl,
 * and syscall, which libseccomp uses.
 */
#include "attributes.h"
#include "real.h"
#include "seccomp.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

MT_EXPORT int prctl(int option, ...)
{
    va_list list;
    va_start(list, option);
    unsigned long two = va_arg(list, unsigned long);
    unsigned long three = va_arg(list, unsigned long);
    unsigned long four = va_arg(list, unsigned long);
    unsigned long five = va_arg(list, unsigned long);
    va_end(list);
    mt_real_begin();
    if (MT_UNLIKELY(option == PR_SET_SECCOMP))
        mt_seccomp_foresee(two, (const struct sock_fprog *)three);
    return mt_real.prctl(option, two, three, four, five);
}

/* What syscall() leads to, once that is known. */
typedef long syscall_function(long, ...);
syscall_function *mt_syscall_target HIDDEN;

/* The kernel itself, while libc's function is still looked for; below. */
syscall_function mt_syscall_kernel HIDDEN;
long mt_syscall_fail(long result) HIDDEN;

long mt_syscall_fail(long result)
{
    errno = (int)-result;
    return -1;
}

/* Looks at what is to be called for; returns what is to do it. */
syscall_function *mt_syscall_notice(long number, unsigned long one,
                                    unsigned long two,
                                    unsigned long three) HIDDEN;

syscall_function *mt_syscall_notice(long number, unsigned long one,
                                    unsigned long two, unsigned long three)
{
    mt_real_begin();
    mt_syscall_target = mt_real.syscall;
    if (number == SYS_prctl && one == PR_SET_SECCOMP)
        mt_seccomp_foresee(two, (const struct sock_fprog *)three);
    else if (number == SYS_seccomp && one == SECCOMP_SET_MODE_STRICT)
        mt_seccomp_foresee(SECCOMP_MODE_STRICT, NULL);
    else if (number == SYS_seccomp && one == SECCOMP_SET_MODE_FILTER)
        mt_seccomp_foresee(SECCOMP_MODE_FILTER,
                           (const struct sock_fprog *)three);
    return mt_syscall_target ? mt_syscall_target : mt_syscall_kernel;
}

/* Without a frame of its own: a system call may return twice, or on another
 * stack. 317 is SYS_seccomp, 157 SYS_prctl; checked below. */
__asm__(".text\n"
        ".globl syscall\n"
        ".type syscall, @function\n"
        "syscall:\n"
        ".cfi_startproc\n"
        "    cmp $317, %rdi\n"
        "    je 1f\n"
        "    cmp $157, %rdi\n"
        "    je 1f\n"
        "    mov mt_syscall_target(%rip), %r11\n"
        "    test %r11, %r11\n"
        "    je 1f\n"
        "    jmp *%r11\n"
        "1:  push %rdi\n"
        "    push %rsi\n"
        "    push %rdx\n"
        "    push %rcx\n"
        "    push %r8\n"
        "    push %r9\n"
        "    sub $8, %rsp\n"
        ".cfi_adjust_cfa_offset 56\n"
        "    call mt_syscall_notice\n"
        "    add $8, %rsp\n"
        "    pop %r9\n"
        "    pop %r8\n"
        "    pop %rcx\n"
        "    pop %rdx\n"
        "    pop %rsi\n"
        "    pop %rdi\n"
        ".cfi_adjust_cfa_offset -56\n"
        "    jmp *%rax\n"
        ".cfi_endproc\n"
        ".size syscall, .-syscall\n"
        ".globl mt_syscall_kernel\n"
        ".type mt_syscall_kernel, @function\n"
        "mt_syscall_kernel:\n"
        ".cfi_startproc\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %rdi\n"
        "    mov %rdx, %rsi\n"
        "    mov %rcx, %rdx\n"
        "    mov %r8, %r10\n"
        "    mov %r9, %r8\n"
        "    mov 8(%rsp), %r9\n"
        "    syscall\n"
        "    cmp $-4095, %rax\n"
        "    jae 2f\n"
        "    ret\n"
        "2:  mov %rax, %rdi\n"
        "    jmp mt_syscall_fail\n"
        ".cfi_endproc\n"
        ".size mt_syscall_kernel, .-mt_syscall_kernel\n");
_Static_assert(SYS_seccomp == 317 && SYS_prctl == 157, "as written above");
