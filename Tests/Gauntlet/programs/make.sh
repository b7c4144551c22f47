# SPDX-License-Identifier: Apache-2.0
# What: make -j4 over 100 generated sources, with its jobserver through the compiler
# Packages: make gcc
# Needs: command -v make && command -v gcc
# Limit: 180
program() {
  local i
  for i in {1..100}; do
    echo "#include <stdio.h>
#include <stdlib.h>
int part$i(int x) { return printf(\"\") + x * $i + abs(x); }" >"part$i.c"
  done
  {
    for i in {1..100}; do echo "int part$i(int);"; done
    echo 'int main(void) { int sum = 0;'
    for i in {1..100}; do echo "sum += part$i($i);"; done
    echo 'return sum & 63; }'
  } >main.c
  cat >Makefile <<'M'
OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))
all: program
	@$(MAKE) --no-print-directory check
program: $(OBJECTS)
	@$(CC) -o $@ $(sort $^)
%.o: %.c
	@+$(CC) -O1 -c -o $@ $<
check: program
	@./program; echo "program: $$?"
M
  make -j4 -s && make -j4 -s -q && echo "nothing to be done"
  touch part7.c && make -j4 -n | wc -l
  make nothing-of-that-name
}
