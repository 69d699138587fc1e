/** Where packages come from, by the name in addresses. */
export const ecosystemNames: Readonly<Record<string, string>> = { opam: 'opam' }
