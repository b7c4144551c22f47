# SPDX-License-Identifier: Apache-2.0
# What: a script of pipelines, jobs, traps and expansions
# Quick: yes
# Limit: 30
program() {
  local numbers=() i word
  for i in {1..300}; do numbers+=("$((i * i % 97))"); done
  printf '%s\n' "${numbers[@]}" | sort -n | uniq -c | sort -rn | head -5
  trap 'echo "caught USR1"' USR1
  kill -USR1 $BASHPID
  (trap 'echo leaving $?' EXIT; exit 7) || echo "subshell ended with $?"
  coproc UPPER { tr a-z A-Z; }
  echo "to the coprocess" >&"${UPPER[1]}"
  exec {UPPER[1]}>&-
  cat <&"${UPPER[0]}"
  diff <(seq 1 20) <(seq 2 21)
  while read -r word; do echo "${word^} ${#word} ${word//e/E}"; done <<<"three small words"
  for i in {1..40}; do (exit "$i") & done
  for i in $(jobs -p); do wait "$i" || true; done
  declare -A table=([one]=1 [two]=2 [three]=3)
  for word in one two three; do echo "$word=${table[$word]}"; done
  printf '%s\n' {a..e}{1..5} | paste -sd, | tee copy | cut -c1-20
  ls /nonexistent
  bash -c 'kill -TERM $$'
  echo "killed: $?"
  ulimit -n 64
  bash -c 'exec 9>deep; echo nine >&9'
  exit 3
}
