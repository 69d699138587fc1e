/**
 * The way to the other site that signs people in, and back to `next`. It leads to the server, not to a page. `isAgain`: that site
 * has to ask for the password once more.
 */
export const elsewherePath = (next: string, { isAgain = false } = {}): string =>
  `/oidc/sign-in?next=${encodeURIComponent(next)}${isAgain ? '&again=true' : ''}`
