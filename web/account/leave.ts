/**
 * Goes to an address with a full load. Who is signed in changes what every answer may say: nothing that is remembered stays.
 */
export const leaveTo = (address: string): void => window.location.assign(address)
