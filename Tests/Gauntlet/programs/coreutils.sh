# SPDX-License-Identifier: Apache-2.0
# What: sort in threads, sums, joins, splits, tar, xz
# Packages: xz-utils tar
# Limit: 60
program() {
  seq 1 200000 | awk '{ print ($1 * 7919) % 200003, $1 }' >numbers
  sort -n --parallel=4 -S 8M numbers | sha256sum
  sort -k2,2 numbers | head -20000 >left
  sort -k2,2 numbers | sed -n '10000,30000p' >right
  join -1 2 -2 2 left right | wc -l
  comm -12 <(sort left) <(sort right) | md5sum
  split -l 50000 -d numbers part. && cat part.* | cmp - numbers && ls part.*
  tr 0-9 a-j <numbers | fold -w 60 | nl | tail -2
  factor {1000000007..1000000020}
  base64 numbers | base64 -d | cksum
  tac numbers | head -3
  shuf --random-source=numbers -i 1-1000 | head -3
  date -u -d @1700000000 +%FT%T
  dd if=numbers bs=4096 count=10 2>/dev/null | od -A d -t x1 | tail -2
  find . -name 'part.*' -print0 | xargs -0 -P4 -n1 sha1sum | sort
  tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - part.* | xz -T2 -3 >parts.tar.xz
  xz -dc parts.tar.xz | tar -tf -
  timeout 0.2 sleep 10
  echo "timed out: $?"
  env -i /bin/echo bare
  stat -c %a,%s numbers
}
