#!/bin/sh
# install-modules.sh DIR: puts the modules into a folder, without their tests. What
# an earlier installation put there and is no more goes; nothing else is removed.
set -eu
to=$1
mkdir -p "$to"
to=$(cd "$to" && pwd)
list=$to/.installed # a file a line, below the folder
cd "$(dirname "$0")/../modules"

if [ -f "$list" ]; then
  while IFS= read -r file; do
    case $file in '' | /* | ../* | */../*) continue ;; esac
    rm -f -- "$to/$file"
  done <"$list"
  while IFS= read -r file; do
    case $file in '' | /* | ../* | */../*) continue ;; esac
    folder=$(dirname "$file")
    while [ "$folder" != . ] && rmdir -- "$to/$folder" 2>/dev/null; do folder=$(dirname "$folder"); done
  done <"$list"
fi

find . -mindepth 2 \( -name tests -o -name .terraform \) -prune -o \
  -type f ! -name '*.tfstate*' ! -name .terraform.lock.hcl -path './*/*' -print | sed 's,^\./,,' | sort >"$list.new"
while IFS= read -r file; do
  mkdir -p "$to/$(dirname "$file")"
  cp "$file" "$to/$file"
done <"$list.new"
mv "$list.new" "$list"
