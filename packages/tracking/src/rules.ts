import { checkKeys } from './keys.ts'
import type { UsedKeys } from './keys.ts'
import { LIMITS } from './limits.ts'
import type { Artifact, DatasetInput, ParamValue } from './tracker.ts'

const NAME = /^[\w.-]+$/
const ID = /^[0-9a-f]{32}$/

/** A setting as the text that MLflow keeps. */
export const paramText = (value: ParamValue): string => String(value)

/** Throws unless `id` is 32 lower-case hexadecimal digits. */
export function checkId(argument: string, id: string): void {
  if (!ID.test(id)) {
    throw new RangeError(
      `tracking: ${argument}=${JSON.stringify(id)}: must be 32 lower-case hexadecimal digits. Make one with newRunId().`,
    )
  }
}

/** Throws where a tag's key or value cannot be held. */
export function checkTags(values: Readonly<Record<string, string>>, used: UsedKeys): void {
  checkKeys('tags', values, used)
  for (const [key, value] of Object.entries(values)) {
    if (value.length > LIMITS.tagLength) {
      throw new RangeError(
        `tracking: tags: ${key} has ${value.length} characters: at most ${LIMITS.tagLength}. Keep it as an artifact.`,
      )
    }
  }
}

/** Throws where a setting cannot be held or contradicts one in `known`; adds the settings to `known`. */
export function checkParams(
  values: Readonly<Record<string, ParamValue>>,
  known: Map<string, string>,
  used: UsedKeys,
): void {
  checkKeys('params', values, used)
  const texts = Object.entries(values).map(([key, value]) => [key, paramText(value)] as const)
  for (const [key, text] of texts) {
    if (text.length > LIMITS.paramLength) {
      throw new RangeError(
        `tracking: params: ${key} has ${text.length} characters: at most ${LIMITS.paramLength}. ` +
          'Use recordSettings(), which keeps long values as an artifact.',
      )
    }
    const before = known.get(key)
    if (before !== undefined && before !== text) {
      throw new RangeError(
        `tracking: params: ${key}=${text}: is ${before} already, and a setting never changes. Record it as a metric, or under another key.`,
      )
    }
  }
  for (const [key, text] of texts) known.set(key, text)
}

/** Throws where a number is not finite, or the step is not a whole number of at least `last`. */
export function checkMetrics(values: Readonly<Record<string, number>>, step: number, last: number): void {
  for (const [key, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`tracking: metrics: ${key}=${value}: must be finite. Pass them through flattenMetrics().`)
    }
  }
  if (!Number.isSafeInteger(step) || step < last) {
    throw new RangeError(
      `tracking: metrics: step=${step}: must be a whole number, and not below the last step, ${last}. Record steps in order.`,
    )
  }
}

/** Throws where an artifact's name or paths cannot be held, or its name is in `known`; adds the name to `known`. */
export function checkArtifact({ name, files }: Artifact, known: Set<string>): void {
  if (!NAME.test(name) || /^\.+$/.test(name) || name.length > 128) {
    throw new RangeError(
      `tracking: artifact: name=${JSON.stringify(name)}: must be at most 128 letters, digits, _ - and . Rename it.`,
    )
  }
  if (known.has(name)) {
    throw new RangeError(`tracking: artifact: ${name} was recorded already in this run. Record its files together.`)
  }
  if (files.length === 0) throw new RangeError(`tracking: artifact: ${name} has no files. Leave it out.`)
  const paths = new Set<string>()
  for (const { path } of files) {
    const plain = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
    if (!plain || path.includes('\\') || path.includes('\0')) {
      throw new RangeError(
        `tracking: artifact: ${name}: path=${JSON.stringify(path)}: must be relative, with / between its parts. Correct it.`,
      )
    }
    if (paths.has(path)) throw new RangeError(`tracking: artifact: ${name}: ${path} is there twice. Rename one.`)
    paths.add(path)
  }
  known.add(name)
}

/** Throws where the description of a data set cannot be held. */
export function checkDataset({ name, digest, rows }: DatasetInput): void {
  if (name === '' || digest === '') {
    throw new RangeError(
      `tracking: dataset: name=${JSON.stringify(name)}, digest=${JSON.stringify(digest)}: both are needed.`,
    )
  }
  if (!Number.isSafeInteger(rows) || rows < 0) {
    throw new RangeError(`tracking: dataset: rows=${rows}: must be a whole number of at least 0.`)
  }
}
