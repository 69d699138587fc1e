import { InvalidArgumentError } from 'commander'

/** A number of a row, from 1. Throws InvalidArgumentError. */
export function parseNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('it must be a number, from 1')
  return Number(text)
}
