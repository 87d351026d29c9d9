import { LIMITS } from './limits.ts'

const KEY = /^[\w.\- /]+$/

/** The keys of one kind that a run has used. */
export interface UsedKeys {
  readonly keys: Set<string>
  /** What stands before a `/` in them. */
  readonly folders: Set<string>
}

/** No keys yet. */
export const noKeys = (): UsedKeys => ({ keys: new Set(), folders: new Set() })

/**
 * Throws where a key is empty, too long, not a plain path, has characters that MLflow refuses, or is a part of another
 * key's path, which its folders cannot hold; adds the keys to `used`.
 */
export function checkKeys(argument: string, values: Readonly<Record<string, unknown>>, used: UsedKeys): void {
  for (const key of Object.keys(values)) {
    const parts = key.split('/')
    const plain = parts.every((part) => part !== '' && part !== '.' && part !== '..')
    if (!KEY.test(key) || !plain || key.length > LIMITS.keyLength) {
      throw new RangeError(
        `tracking: ${argument}: key ${JSON.stringify(key.slice(0, 300))}: keys have at most ${LIMITS.keyLength} letters, ` +
          'digits, spaces, _ - . and / between parts. Rename it.',
      )
    }
    const folders = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'))
    const clash = used.folders.has(key) ? `${key}/...` : folders.find((folder) => used.keys.has(folder))
    if (clash !== undefined) {
      throw new RangeError(
        `tracking: ${argument}: key ${key}: there is ${clash}: a key is not a part of another's path. Rename one.`,
      )
    }
    used.keys.add(key)
    for (const folder of folders) used.folders.add(folder)
  }
}
