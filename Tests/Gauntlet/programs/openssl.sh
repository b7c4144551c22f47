# SPDX-License-Identifier: Apache-2.0
# What: keys, certificates, ciphers, and a TLS server with its clients
# Packages: openssl
# Needs: command -v openssl
# Ignore: .*
# Limit: 60
program() {
  seq 1 50000 >text
  openssl dgst -sha3-512 text
  openssl enc -aes-256-ctr -K 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff \
    -iv 000102030405060708090a0b0c0d0e0f -in text | sha256sum
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem 2>/dev/null
  openssl req -x509 -new -key ec.pem -subj /CN=localhost -days 2 -out cert.pem
  openssl verify -CAfile cert.pem cert.pem
  openssl dgst -sha256 -sign ec.pem -out text.sig text
  openssl dgst -sha256 -verify <(openssl pkey -in ec.pem -pubout) -signature text.sig text
  openssl pkcs12 -export -inkey ec.pem -in cert.pem -passout pass:x -out store.p12
  openssl pkcs12 -in store.p12 -passin pass:x -nodes 2>/dev/null | grep -c BEGIN
  openssl s_server -accept 127.0.0.1:18444 -key ec.pem -cert cert.pem -www -quiet &
  local server=$! i
  until echo | openssl s_client -connect 127.0.0.1:18444 >/dev/null 2>&1; do sleep 0.05; done
  for i in {1..20}; do
    printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -quiet -connect 127.0.0.1:18444 2>/dev/null | head -1
  done | sort | uniq -c
  kill $server
  wait $server
  echo "server: $?"
}
