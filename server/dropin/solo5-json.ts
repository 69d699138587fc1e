import type { Solo5Abi, Solo5Manifest } from '../formats/solo5.ts'

/**
 * The manifest and the ABI of a unikernel in builder-web's JSON, as an object to spread into a response. A part
 * that is null is absent. Source: docs/spec/drop-in.md, "URLs"; ocaml-solo5-elftool, its JSON.
 */
export function solo5Json(found: { manifest: Solo5Manifest | null; abi: Solo5Abi | null } | null) {
  const { manifest = null, abi = null } = found ?? {}
  return {
    ...(manifest && {
      solo5_manifest: {
        type: 'solo5.manifest',
        version: manifest.version,
        devices: manifest.devices.map(({ name, type }) => ({ name, type })),
      },
    }),
    ...(abi && { solo5_abi: { type: 'solo5.abi', target: abi.target, version: abi.version } }),
  }
}
