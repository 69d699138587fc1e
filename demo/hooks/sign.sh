#!/bin/sh
# Would ask another machine for a signature. The demo has no such machine for debian-12: there the hook fails.
for flag; do
  case "$flag" in
    --platform=*) platform=${flag#*=} ;;
    --sha256=*) sha256=${flag#*=} ;;
  esac
done
case "$platform" in
  debian-12)
    echo "asking signer.example.org for a signature on $platform"
    echo "signer.example.org: host not found" >&2
    exit 1
    ;;
esac
echo "signed $sha256 for $platform"
