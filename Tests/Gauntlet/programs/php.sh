# SPDX-License-Identifier: Apache-2.0
# What: arrays, strings, regular expressions, generators, garbage collection, and its own server
# Packages: php-cli
# Needs: command -v php
# Quick: yes
# Limit: 60
program() {
  cat >script.php <<'P'
<?php
$a = []; for ($i = 0; $i < 100000; $i++) $a["k$i"] = [$i, str_repeat("x", $i % 40)];
echo count($a), " ", md5(serialize(array_slice($a, 0, 5000))), "\n";
preg_match_all('/(\d)\1/', implode(",", array_keys($a)), $m); echo count($m[0]), "\n";
function g() { for ($i = 0; $i < 50000; $i++) yield new ArrayObject([$i]); } $s = 0; foreach (g() as $o) $s += $o[0]; echo "$s\n";
for ($i = 0; $i < 20000; $i++) { $x = new stdClass; $x->self = $x; } echo gc_collect_cycles() > 0 ? "cycles\n" : "none\n";
echo json_encode(json_decode('{"a":[1,2,{"b":null}]}')), " ", strlen(gzcompress(str_repeat("abc", 10000))), "\n";
try { intdiv(1, 0); } catch (DivisionByZeroError $e) { echo $e->getMessage(), "\n"; }
ini_set("memory_limit", "8M"); register_shutdown_function(function () { echo "shut down\n"; });
echo strlen(str_repeat("y", 1 << 30));
P
  php -n script.php
  echo "php: $?"
}
