# SPDX-License-Identifier: Apache-2.0
# What: a repository of 120 commits: clone, merge, gc, fsck, bundle
# Packages: git
# Needs: command -v git
# Ignore: \.git/(index|logs|gc\.log|objects/pack)|\.git/worktrees
# Limit: 120
program() {
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=A
  export GIT_COMMITTER_EMAIL=a@example.com GIT_CONFIG_NOSYSTEM=1
  git -c init.defaultBranch=main init -q one && cd one || return 1
  local i
  for i in {1..120}; do
    export GIT_AUTHOR_DATE="2024-01-01T00:00:00Z" GIT_COMMITTER_DATE="2024-01-01T00:00:00Z"
    seq "$i" $((i + 200)) >"file$((i % 12))"
    git add . && git commit -qm "number $i"
    [ $((i % 30)) -ne 0 ] || git branch "branch$i" HEAD~5
  done
  git merge -q -m merged branch60 && git log --oneline | wc -l
  git rebase -q main branch90 2>&1 | tail -1
  git log -p --stat main | sha256sum
  git blame file3 | sha256sum
  git gc -q --aggressive && git count-objects -v | grep -E 'in-pack|garbage'
  git fsck --full --strict && git rev-parse HEAD
  cd .. && git clone -q one two && git -C two log --format=%H | sha256sum
  git -C one bundle create -q ../one.bundle main && git -C one bundle verify -q ../one.bundle
  git -C one archive main | sha256sum
  rm -f one.bundle
  git -C one grep -c 100 | tail -2
}
