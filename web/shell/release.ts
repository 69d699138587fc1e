/** How the server is found: silent, with the release of this page, or with another one. */
export type ServerState = 'unreachable' | 'same' | 'newer'

const scriptPattern = /<script type="module"[^>]* src="([^"]+)"/

/** Asks the server for the page anew, and compares the script that it names with the one that runs. */
export async function findServerState(): Promise<ServerState> {
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { Accept: 'text/html' } })
    if (!answer.ok) return 'unreachable'
    const script = scriptPattern.exec(await answer.text())?.[1]
    const running = document.querySelector('script[type=module][src]')?.getAttribute('src')
    return script === undefined || script === running ? 'same' : 'newer'
  } catch {
    return 'unreachable'
  }
}

/**
 * Whether an error is a part of the application that could not be loaded: the network is gone, or a new release
 * took the place of the files. The words are those of Vite, Chromium, Firefox and Safari.
 */
export function isPartMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^Unable to preload|dynamically imported module|Importing a module script failed/i.test(error.message)
  )
}

/** Whether an error is a request that got no answer. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && /fetch|network|load failed/i.test(error.message)
}

const storageKey = 'reloaded-for'
const chainMs = 60_000

/**
 * Loads the page anew, unless the same cause led to that within the last minute: a reload that mends nothing must
 * not follow another. Tells whether it does.
 */
export function reloadOnce(cause: string): boolean {
  try {
    const [at = '', before] = (sessionStorage.getItem(storageKey) ?? '').split(/ (.*)/s)
    if (before === cause && Date.now() - Number(at) < chainMs) return false
    sessionStorage.setItem(storageKey, `${Date.now()} ${cause}`)
  } catch {
    // Without storage nothing would end a chain of reloads.
    return false
  }
  location.reload()
  return true
}

/** A new release replaces the parts that this one has not loaded yet: when one is missing, it takes over. */
export function followReleases(): void {
  addEventListener('vite:preloadError', (event) => {
    void findServerState().then((state) => {
      if (state === 'newer') reloadOnce(event.payload.message)
    })
  })
}
