/** Where the sites of the browser tests serve axe: below what a browser may keep for ever. */
export const axePath = '/assets/axe.min.js'
