# SPDX-License-Identifier: Apache-2.0
# What: nginx with two workers under ab, with gzip and tls, reloaded under load
# Packages: nginx-light apache2-utils openssl
# Needs: command -v nginx && command -v ab
# Ignore: .*
# Limit: 120
program() {
  mkdir -p html logs && seq 1 3000 >html/numbers.txt && echo hello >html/index.html
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 2 2>/dev/null
  chmod 755 . .. && chmod -R a+rX html
  cat >nginx.conf <<N
worker_processes 2; daemon off; pid $PWD/pid; error_log $PWD/errors crit;
events { worker_connections 256; }
http {
  access_log off; gzip on; gzip_types text/plain;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  types { text/plain txt; text/html html; }
  server { listen 127.0.0.1:18080; root $PWD/html; location /proxy/ { proxy_pass http://127.0.0.1:18080/; } }
  server { listen 127.0.0.1:18443 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; root $PWD/html; }
}
N
  nginx -p "$PWD" -c nginx.conf &
  local server=$!
  until ab -n 1 http://127.0.0.1:18080/ >/dev/null 2>&1; do kill -0 $server || return 1; sleep 0.05; done
  ab -q -n 4000 -c 20 -k http://127.0.0.1:18080/ 2>/dev/null | grep -E 'Complete|Failed|Non-2xx'
  ab -q -n 1000 -c 10 -H 'Accept-Encoding: gzip' http://127.0.0.1:18080/numbers.txt 2>/dev/null |
    grep -E 'Complete|Failed|Document Length'
  (ab -q -n 3000 -c 10 http://127.0.0.1:18080/proxy/ 2>/dev/null | grep -E 'Complete') &
  local load=$!
  kill -HUP $server
  wait $load
  ab -q -n 300 -c 10 https://127.0.0.1:18443/ 2>/dev/null | grep -E 'Complete|Failed'
  kill -QUIT $server
  wait $server
  echo "server: $?"
  cat errors
}
