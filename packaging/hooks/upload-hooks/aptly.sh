#!/bin/sh
# Publishes Debian packages with aptly: each platform, such as debian-12, is a repository and a distribution of its own.
#
# It needs aptly, dpkg-deb and flock. Settings are lines of hooks.conf in the configuration directory, above this folder:
#
#   APTLY_CONFIG=/etc/builder-hub/aptly.conf    aptly's configuration, whose rootDir the server can write to
#   APTLY_GPG_KEY=0123456789ABCDEF              key that signs; absent: gpg's default key
#   APTLY_SKIP_SIGNING=yes                      publish without a signature
#
# A package is published as VERSION-BUILDTIME-SHA256, so that each build is newer than those before it. VERSION is 1.2.3,
# which becomes 1.2.3-0-g0000000, or 1.2.3-N-gHASH as "git describe" says it. What is published already is left alone.
set -eu

say() { echo "aptly.sh: $*" >&2; }
die() { say "$*"; exit 1; }

BUILD_TIME='' SHA256='' PLATFORM='' CACHE='' FILEPATH=''
while [ $# -gt 1 ]; do
  case "$1" in
    --build-time=*) BUILD_TIME=${1#*=} ;;
    --sha256=*) SHA256=${1#*=} ;;
    --platform=*) PLATFORM=${1#*=} ;;
    --cache-dir=*) CACHE=${1#*=} ;;
    --main-binary-filepath=*) FILEPATH=${1#*=} ;;
    --*) ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done
FILE=${1:?"aptly.sh: the file is missing"}
[ -n "$BUILD_TIME" ] && [ -n "$SHA256" ] && [ -n "$PLATFORM" ] && [ -n "$CACHE" ] || die 'flags are missing'

case "$FILEPATH" in
  *.deb) ;;
  *)
    echo "$FILEPATH is no Debian package"
    exit 0
    ;;
esac

settings=$(dirname "$0")/../hooks.conf
if [ -f "$settings" ]; then . "$settings"; fi
aptly() { command aptly ${APTLY_CONFIG:+-config="$APTLY_CONFIG"} "$@"; }

# The version that is published. Fails if the rule does not allow it.
full_version() {
  case "$(echo "$1" | sed -E 's/^[0-9]+\.[0-9]+\.[0-9]+$/plain/; s/^[0-9]+\.[0-9]+\.[0-9]+-[0-9]+-g[0-9a-fA-F]+$/described/')" in
    plain) echo "$1-0-g0000000-$BUILD_TIME-$SHA256" ;;
    described) echo "$1-$BUILD_TIME-$SHA256" ;;
    *) return 1 ;;
  esac
}

version=$(dpkg-deb --field "$FILE" Version)
published=$(full_version "$version") || die "version $version is neither 1.2.3 nor 1.2.3-N-gHASH"

# One at a time: hooks of several builds run at once, and aptly has one database.
exec 9> "$CACHE/aptly.lock"
flock 9

if ! aptly repo show "$PLATFORM" > /dev/null 2>&1; then
  aptly repo create -distribution="$PLATFORM" "$PLATFORM" > /dev/null
fi
if aptly repo show -with-packages "$PLATFORM" | grep -q -e "-${SHA256}_"; then
  echo "a package with the SHA-256 $SHA256 is in $PLATFORM already"
else
  # The working directory is of this run alone.
  dpkg-deb --raw-extract "$FILE" package
  sed -i "s/^Version:.*/Version: $published/" package/DEBIAN/control
  dpkg-deb --root-owner-group --build package . > /dev/null
  aptly repo add "$PLATFORM" ./*.deb
fi

# Also what was added before: an earlier run may have ended in between.
signing=${APTLY_GPG_KEY:+-gpg-key=$APTLY_GPG_KEY}
if [ "${APTLY_SKIP_SIGNING:-no}" = yes ]; then signing=-skip-signing; fi
if aptly publish show "$PLATFORM" > /dev/null 2>&1; then
  aptly publish update -batch ${signing:+"$signing"} "$PLATFORM"
else
  aptly publish repo -batch ${signing:+"$signing"} "$PLATFORM"
fi
