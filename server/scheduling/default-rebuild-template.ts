/**
 * The template of rebuilds of platforms that have none: docs/scheduling.md explains it. Each line of `%%INPUTS%%` is the SHA-256, the
 * path and the address of a recorded input. The inputs lie in a hidden folder, so that they are no outputs. `orb rebuild` exits 0
 * whether or not the outputs are equal: the hub compares them itself. But it exits 1 without the file of hashes of its root package, which
 * the hub does not keep, so it gets one without hashes. Addresses and paths have no character that a shell reads. Source: src/orb.ml of
 * orb 1.0.1.
 */
export const defaultRebuildTemplate = `#!/bin/sh
set -e

mkdir -p .inputs
while read -r sha256 path url; do
  echo "fetching $url"
  if command -v curl >/dev/null; then
    curl -fsSL -o ".inputs/$path" "$url"
  elif command -v wget >/dev/null; then
    wget -q -O ".inputs/$path" "$url"
  else
    fetch -q -o ".inputs/$path" "$url"
  fi
  if command -v sha256sum >/dev/null; then
    echo "$sha256  .inputs/$path" | sha256sum -c -
  else
    sha256 -q -c "$sha256" ".inputs/$path"
  fi
done <<'END'
%%INPUTS%%
END

# orb compares with these hashes, and ends with an error where there are none. The hub keeps only the files: it compares them itself, so
# whatever orb says of mismatching hashes does not count.
package=$(sed -n 's/^roots: *\\[* *"\\([A-Za-z0-9_+-]*\\)\\..*/\\1/p' .inputs/opam-switch)
echo 'opam-version: "2.0"' > ".inputs/$package.build-hashes"

echo "repeating build %%BUILD_UUID%% on %%PLATFORM%%"
orb rebuild --disable-sandboxing --out=. .inputs
`
