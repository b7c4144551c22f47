# SPDX-License-Identifier: Apache-2.0
# What: crypto, zlib, child processes, streams, modules, wasm
# Packages: nodejs
# Needs: command -v node
# Quick: yes
# Limit: 60
program() {
  node "$GAUNTLET/node/library.js"
  echo "node: $?"
  node -e 'setTimeout(() => { throw new TypeError("late") }, 5)' 2>&1 | grep TypeError
  # The shell's word on its end has the process id in it.
  (
    node --max-old-space-size=30 -e 'const a = []; for (;;) a.push(new Array(1000).fill(a.length + 0.5))'
    echo "out of memory: $?" >&3
  ) 3>&1 >/dev/null 2>&1
  echo 'console.log(await import("node:os").then((os) => typeof os.cpus))' >module.mjs && node module.mjs
  node --test "$GAUNTLET/node/unit.test.js" | grep -E '^# (tests|pass|fail)'
}
