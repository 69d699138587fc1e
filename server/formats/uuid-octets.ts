import { MalformedError } from '../errors.ts'
import type { DerPlace } from './der-header.ts'

export const uuidBytes = 16

/** Octets that are no UUID. builder has words of its own for this one. */
export class BadUuidError extends MalformedError {}

/** A UUID, which builder sends as sixteen octets, in the form 8-4-4-4-12. Throws BadUuidError. */
export function parseUuid(octets: Uint8Array, place: DerPlace): string {
  if (octets.length !== uuidBytes) throw badUuid(place, octets.length)
  return printUuid(octets)
}

/** Sixteen octets in the form 8-4-4-4-12. */
export function printUuid(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export function badUuid({ format, what, offset }: DerPlace, length: number): BadUuidError {
  return new BadUuidError(format, offset, `${what} has ${length} bytes instead of ${uuidBytes}`)
}

/** The sixteen octets of a UUID in the form 8-4-4-4-12. */
export function formatUuid(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}
