import type { Unikernel } from './describe.ts'

/** How to start a unikernel: a command for a shell, or, where there is none, only `note`. */
export type HowToRun = { command: string | null; note: string }

/**
 * The command that runs a unikernel whose file is called `file`, with stand-ins for what is attached.
 * Source: Solo5, docs/building.md, "Running Solo5-based unikernels".
 */
export function howToRun(unikernel: Unikernel, file: string): HowToRun {
  const { target, netDevices, blockDevices } = unikernel
  const needsDevices = netDevices.length + blockDevices.length > 0
  switch (target) {
    case 'HVT':
    case 'SPT': {
      const tender = `solo5-${target.toLowerCase()}`
      const options = [
        ...netDevices.map((name, i) => `--net:${name}=tap${i}`),
        ...blockDevices.map((name, i) => `--block:${name}=${imageFor(name, i)}`),
      ]
      return {
        command: shellCommand([tender, ...options, '--', `./${file}`]),
        note: needsDevices
          ? 'All devices of the unikernel have to be attached: replace the TAP interfaces and disk images of this command with yours. Arguments of the unikernel go at the end.'
          : 'The unikernel needs no devices. Its arguments go at the end.',
      }
    }
    case 'VIRTIO':
      return {
        command: shellCommand([
          'solo5-virtio-run',
          ...(netDevices.length > 0 ? ['-n', 'tap0'] : []),
          ...blockDevices.slice(0, 1).flatMap((name) => ['-d', imageFor(name, 0)]),
          '--',
          `./${file}`,
        ]),
        note:
          netDevices.length > 1 || blockDevices.length > 1
            ? 'A virtio unikernel uses one network and one block device at most: the first of each kind that it asks for.'
            : 'The command starts QEMU or bhyve. Any other machine with virtio devices that boots a multiboot kernel works, too.',
      }
    case 'XEN':
      return {
        command: null,
        note: `It is a Xen guest: name ./${file} as the kernel, and type = "pvh", in a configuration for xl create. Its devices are attached there.`,
      }
    case 'MUEN':
      return {
        command: null,
        note: 'It is a subject of a Muen system: the system’s policy names it and connects its devices; there is no command that starts it.',
      }
    case 'GENODE':
      return {
        command: null,
        note: 'It is a component of a Genode system, which starts it and connects its devices.',
      }
    default:
      return { command: null, note: 'What it was linked for is not known.' }
  }
}

const plainPattern = /^[A-Za-z0-9_.-]+$/

function imageFor(name: string, index: number): string {
  return plainPattern.test(name) ? `${name}.img` : `disk${index}.img`
}

/** Null when a word could do something to the terminal that it is pasted into: names come from builds. */
function shellCommand(words: readonly string[]): string | null {
  if (words.some((word) => /[^\x20-\x7e]/.test(word))) return null
  return words
    .map((word) => (/^[A-Za-z0-9_.:=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
