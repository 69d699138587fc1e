/**
 * Whether somebody may be signed in in this browser: the server sets this cookie beside that of the session, which scripts
 * cannot read. Visitors who have never signed in send no request to find out.
 */
export const maybeSignedIn = (): boolean =>
  // The server renders pages for visitors only.
  typeof document !== 'undefined' && /(?:^|; )hub-signed-in=1(?:;|$)/.test(document.cookie)
