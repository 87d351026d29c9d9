import { InvalidArgumentError } from 'commander'
import { resolve } from 'node:path'
import type { Ablation } from '@breakwater/features'
import type { Anchor } from '@breakwater/features'
import type { Context } from '../context.ts'
import { type ScorerSettings, settingsOf } from '../embedded/settings.ts'

/** Flags that choose models; each wins over its variable. */
export interface ModelFlags {
  readonly modelDir?: string
  readonly retrievalIndex?: string
  readonly timeframe?: Anchor
  readonly ablation?: Ablation
  readonly horizons?: readonly number[]
  readonly physics?: readonly string[]
  readonly allowMissing?: readonly string[]
}

/** The settings that flags and environment give together, paths from the working folder. */
export function settingsFrom({ env, cwd }: Context, flags: ModelFlags): ScorerSettings {
  const settings = settingsOf(env)
  const index = flags.retrievalIndex ?? settings.retrievalIndex
  return {
    enabled: settings.enabled,
    modelDir: resolve(cwd, flags.modelDir ?? settings.modelDir),
    retrievalIndex: index === null || index === '' ? null : resolve(cwd, index),
    timeframe: flags.timeframe ?? settings.timeframe,
    ablation: flags.ablation ?? settings.ablation,
    horizons: flags.horizons ?? settings.horizons,
    physics: flags.physics ?? settings.physics,
    allowMissing: flags.allowMissing ?? settings.allowMissing,
  }
}

const pieces = (value: string): string[] => value.split(/[\s,]+/).filter((piece) => piece !== '')

/** Collects words given as `--x a b`, as `--x a,b`, or by repeating the flag. */
export function words(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), ...pieces(value)]
}

/** Collects whole numbers above 0 in the same ways. */
export function counts(value: string, previous: readonly number[] | undefined): number[] {
  return [...(previous ?? []), ...pieces(value).map(whole(1))]
}

/** A whole number of at least `least`. */
export function whole(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (value.trim() === '' || !Number.isSafeInteger(number) || number < least) {
      throw new InvalidArgumentError(`"${value}" is not a whole number of at least ${least}.`)
    }
    return number
  }
}

/** A finite number of at least 0. */
export function notNegative(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError(`"${value}" is not a number of at least 0.`)
  }
  return number
}
