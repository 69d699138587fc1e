import { InvalidArgumentError } from 'commander'

/** A UUID, in lower case. Throws InvalidArgumentError. */
export function parseUuid(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a UUID`)
  return text.toLowerCase()
}
