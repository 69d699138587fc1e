import { InvalidArgumentError } from 'commander'

/** CPUs, such as 1.5. Throws InvalidArgumentError. */
export function parseCpus(text: string): number {
  if (/^\d{1,4}(\.\d{1,3})?$/.test(text) && Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('it must be a number such as 2 or 1.5')
}

/** Bytes, or a number of binary units: 512M. Throws InvalidArgumentError. */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})([KMGT]?)$/.exec(text) ?? []
  const bytes = Number(digits) * 1024 ** ' KMGT'.indexOf(unit || ' ')
  if (bytes >= 2 ** 20) return bytes
  throw new InvalidArgumentError('it must be a size from 1M on, such as 512M or 4G')
}
