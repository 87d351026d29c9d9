// The sources run as .ts, the published package as .js: a worker has the extension of this file, and lies beside it in both.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** The file that a thread of this package starts at. */
export const workerFile = (name: 'log-worker' | 'skew-worker'): URL => new URL(`./${name}${EXTENSION}`, import.meta.url)
