/** Loads the data files of a workbench, each once. */
export interface Loader {
  /** The content of `data/<name>.js`. Rejects where it is absent. */
  readonly load: (name: string) => Promise<unknown>
}

interface Receiver {
  take: (name: string, data: unknown) => void
}

/** What is kept at a time: older sessions are loaded again. */
const MOST_KEPT = 12

/** A loader that adds scripts to the page: a page opened from a folder may not read files in another way. */
export function scriptLoader(): Loader {
  const kept = new Map<string, Promise<unknown>>()
  const taken = new Map<string, unknown>()
  const receiver: Receiver = { take: (name, data) => void taken.set(name, data) }
  Object.assign(globalThis, { breakwater: receiver })
  const read = (name: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script')
      script.src = `data/${encodeURIComponent(name)}.js`
      script.addEventListener('load', () => {
        script.remove()
        const data = taken.get(name)
        taken.delete(name)
        if (data === undefined) reject(new Error(`data/${name}.js does not hold the expected data.`))
        else resolve(data)
      })
      script.addEventListener('error', () => {
        script.remove()
        kept.delete(name)
        reject(new Error(`data/${name}.js is absent.`))
      })
      document.head.append(script)
    })
  return {
    load(name) {
      const found = kept.get(name) ?? read(name)
      // Set anew, so that the map's order is that of use.
      kept.delete(name)
      kept.set(name, found)
      for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(old)
      return found
    },
  }
}
