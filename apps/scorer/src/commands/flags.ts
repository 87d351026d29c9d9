import { resolve } from 'node:path'
import type { Ablation, Anchor } from '@breakwater/features'
import type { MixKind, UtilityOrder } from '@breakwater/viewport'
import { PAYLOAD_VERSIONS, type PayloadVersion } from '@breakwater/viewport/payload'
import { InvalidArgumentError } from 'commander'
import type { Context } from '../context.ts'
import { type ScorerSettings, settingsOf } from '../embedded/settings.ts'

/** Flags that choose models; each wins over its variable. */
export interface ModelFlags {
  readonly modelDir?: string
  readonly retrievalIndex?: string
  /** false where it is asked that none is kept. */
  readonly touches?: string | false
  readonly timeframe?: Anchor
  readonly ablation?: Ablation
  readonly horizons?: readonly number[]
  readonly physics?: readonly string[]
  readonly allowMissing?: readonly string[]
  readonly payload?: PayloadVersion
  readonly order?: UtilityOrder
  readonly mix?: MixKind
  readonly cost?: number
}

/** The settings that flags and environment give together, paths from the working folder. */
export function settingsFrom({ env, cwd }: Context, flags: ModelFlags): ScorerSettings {
  const settings = settingsOf(env)
  const index = flags.retrievalIndex ?? settings.retrievalIndex
  return {
    enabled: settings.enabled,
    modelDir: resolve(cwd, flags.modelDir ?? settings.modelDir),
    retrievalIndex: index === null || index === '' ? null : resolve(cwd, index),
    touchesFile: touchesOf(settings.touchesFile, cwd, flags.touches),
    timeframe: flags.timeframe ?? settings.timeframe,
    ablation: flags.ablation ?? settings.ablation,
    horizons: flags.horizons ?? settings.horizons,
    physics: flags.physics ?? settings.physics,
    allowMissing: flags.allowMissing ?? settings.allowMissing,
    payload: flags.payload ?? settings.payload,
    order: flags.order ?? settings.order,
    mix: flags.mix ?? settings.mix,
    cost: flags.cost ?? settings.cost,
  }
}

function touchesOf(named: string | null, cwd: string, flag: ModelFlags['touches']): string | null {
  const path = flag === false ? null : (flag ?? named)
  return path === null || path === '' ? null : resolve(cwd, path)
}

/** A version of the payload. */
export function payloadVersion(value: string): PayloadVersion {
  const version = PAYLOAD_VERSIONS.find((one) => String(one) === value)
  if (version !== undefined) return version
  throw new InvalidArgumentError(`"${value}" is not a version of the payload: ${PAYLOAD_VERSIONS.join(' or ')}.`)
}
