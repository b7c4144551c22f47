# SPDX-License-Identifier: Apache-2.0
# What: worker threads that come and go, share memory, are terminated and run out of memory
# Packages: nodejs
# Needs: command -v node
# Limit: 120
program() {
  node "$GAUNTLET/node/threads.js"
  echo "node: $?"
}
