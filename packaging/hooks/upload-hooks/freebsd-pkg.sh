#!/bin/sh
# Publishes FreeBSD packages with pkg: each ABI is a repository of its own, below REPO.
#
# It needs pkg and jq. Settings are lines of hooks.conf in the configuration directory, above this folder:
#
#   REPO=/usr/local/www/pkg                            the folder that is served
#   REPO_KEY=/usr/local/etc/builder-hub/repo.key       RSA key that signs
#
# A package is published as VERSION.BUILDTIME.SHA256, so that each build is newer than those before it. VERSION is 1.2.3,
# which becomes 1.2.3.0.g0000000, or 1.2.3.N.gHASH. What is published already is left alone.
set -eu

# One at a time: hooks of several builds run at once.
if [ "${IS_LOCKED:-no}" = no ]; then
  export IS_LOCKED=yes
  lock=${TMPDIR:?}/../freebsd-pkg.lock
  if command -v lockf > /dev/null; then exec lockf -k "$lock" "$0" "$@"; fi
  exec flock "$lock" "$0" "$@"
fi

say() { echo "freebsd-pkg.sh: $*" >&2; }
die() { say "$*"; exit 1; }

BUILD_TIME='' SHA256='' FILEPATH=''
while [ $# -gt 1 ]; do
  case "$1" in
    --build-time=*) BUILD_TIME=${1#*=} ;;
    --sha256=*) SHA256=${1#*=} ;;
    --main-binary-filepath=*) FILEPATH=${1#*=} ;;
    --*) ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done
FILE=${1:?"freebsd-pkg.sh: the file is missing"}
[ -n "$BUILD_TIME" ] && [ -n "$SHA256" ] || die 'flags are missing'

case "$FILEPATH" in
  *.pkg) ;;
  *)
    echo "$FILEPATH is no FreeBSD package"
    exit 0
    ;;
esac

REPO=/usr/local/www/pkg
REPO_KEY=/usr/local/etc/builder-hub/repo.key
settings=$(dirname "$0")/../hooks.conf
if [ -f "$settings" ]; then . "$settings"; fi

# The version that is published. Fails if the rule does not allow it.
full_version() {
  case "$(echo "$1" | sed -E 's/^[0-9]+\.[0-9]+\.[0-9]+$/plain/; s/^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\.g[0-9a-fA-F]+$/described/')" in
    plain) echo "$1.0.g0000000.$BUILD_TIME.$SHA256" ;;
    described) echo "$1.$BUILD_TIME.$SHA256" ;;
    *) return 1 ;;
  esac
}

# The working directory is of this run alone.
mkdir files
tar -x -C files -f "$FILE"
mv files/+MANIFEST MANIFEST
rm -f files/+COMPACT_MANIFEST
name=$(jq -r .name MANIFEST)
abi=$(jq -r .abi MANIFEST)
version=$(jq -r .version MANIFEST)
published=$(full_version "$version") || die "version $version is neither 1.2.3 nor 1.2.3.N.gHASH"

all=$REPO/$abi/All
is_there=no
for known in "$all/$name-"*".$SHA256.pkg"; do
  if [ -e "$known" ]; then is_there=yes; fi
done
if [ "$is_there" = yes ]; then
  echo "a package with the SHA-256 $SHA256 is in $REPO/$abi already"
else
  jq -c --arg version "$published" '.version = $version' MANIFEST > +MANIFEST
  pkg create -r files -M +MANIFEST -o .
  mkdir -p "$all"
  rm -f "$all/$name-"[0-9]*.pkg
  mv "$name-$published.pkg" "$all"
fi

# Also what was added before: an earlier run may have ended in between.
pkg repo "$REPO/$abi" "$REPO_KEY"
