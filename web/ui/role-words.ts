/** What a user is, in words, by the names of roles in the API. */
export const roleWords = {
  ...{ ADMIN: 'administrator', UPLOADER: 'uploader', READER: 'reader', WORKER: 'worker' },
} as const
