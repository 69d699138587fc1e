/** The 64 digits of a SHA-256 in eight groups. */
export const groupsOfHash = (sha256: string): string[] => sha256.match(/.{1,8}/g) ?? []
