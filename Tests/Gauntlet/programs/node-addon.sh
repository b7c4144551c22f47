# SPDX-License-Identifier: Apache-2.0
# What: a native addon, loaded by the main thread and by workers
# Packages: nodejs
# Needs: command -v node && test -e "$root/build/examples/node-addon/addon.node"
# Limit: 60
program() {
  node "$PROJECT/Examples/node-addon/app.js"
  echo "node: $?"
  node -e '
    const { Worker } = require("worker_threads");
    const code = `require(require("worker_threads").workerData).borrow(100)`;
    const addon = process.argv[1];
    let left = 10;
    for (let i = 0; i < 10; i++)
      new Worker(code, { eval: true, workerData: addon }).on("exit", (status) => {
        if (--left === 0) console.log("the last worker ended with", status);
      });
  ' "$PROJECT/build/examples/node-addon/addon.node"
}
