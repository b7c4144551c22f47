# SPDX-License-Identifier: Apache-2.0
# What: gdb starts a program, breaks, steps, calls malloc in it and watches it crash
# Packages: gdb gcc
# Needs: command -v gdb && command -v gcc
# Limit: 60
program() {
  cat >p.c <<'C'
#include <stdlib.h>
#include <pthread.h>
static void *work(void *x) { void *volatile p = malloc(10); free(p); return x; }
int add(int a, int b) { return a + b; }
int main(void) {
  pthread_t t; pthread_create(&t, 0, work, 0); pthread_join(t, 0);
  int n = add(2, 3); char *p = malloc(n); p[0] = 'x';
  *(volatile int *)0 = n; return 0;
}
C
  gcc -g -O0 -o p p.c -pthread
  gdb -q -nx -batch -ex 'set debuginfod enabled off' -ex 'set disable-randomization on' -ex 'break add' \
    -ex run -ex 'print a' -ex 'print ((void *(*)(long))malloc)(100) != 0' -ex finish -ex continue \
    -ex 'frame' -ex 'info threads' ./p 2>&1 |
    grep -Ev 'New Thread|exited\]|^warning|libthread_db|Using host|process [0-9]+|LWP' | sed 's/0x[0-9a-f]*/0x/g'
}
