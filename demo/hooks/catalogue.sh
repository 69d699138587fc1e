#!/bin/sh
# Keeps a list of what was published: one line for each build, however often this runs. It writes to the cache folder alone.
for flag; do
  case "$flag" in
    --job=*) job=${flag#*=} ;;
    --platform=*) platform=${flag#*=} ;;
    --sha256=*) sha256=${flag#*=} ;;
    --uuid=*) uuid=${flag#*=} ;;
    --cache-dir=*) cache=${flag#*=} ;;
  esac
done
list=$cache/catalogue.txt
exec 9> "$list.lock"
flock 9
if grep -qs "^$uuid " "$list"; then
  echo "$job is in the catalogue already"
else
  echo "$uuid $sha256 $platform $job" >> "$list"
  echo "$job was added to the catalogue, which has $(wc -l < "$list") entries"
fi
