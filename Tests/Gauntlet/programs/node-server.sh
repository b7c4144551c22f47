# SPDX-License-Identifier: Apache-2.0
# What: an http server and its cluster under load, one worker of which is killed; https
# Packages: nodejs openssl
# Needs: command -v node
# Ignore: .*
# Limit: 120
program() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 2 2>/dev/null
  node "$GAUNTLET/node/server.js"
  echo "node: $?"
}
