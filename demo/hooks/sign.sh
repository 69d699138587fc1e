#!/bin/sh
# Would ask another machine for a signature, and the demo has none: it fails.
echo "asking signer.example.org for a signature"
echo "signer.example.org: host not found" >&2
exit 1
