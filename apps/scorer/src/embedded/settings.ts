import {
  type Ablation,
  ABLATIONS,
  type Anchor,
  ANCHORS,
  DEFAULT_HORIZONS,
  liveNeeds,
  PRIMARY_ANCHOR,
} from '@breakwater/features'
import { MIX_KINDS, type MixKind, UTILITY_ORDERS, type UtilityOrder } from '@breakwater/viewport'
import { PAYLOAD_VERSIONS, type PayloadVersion, VIEWPORT_VERSION } from '@breakwater/viewport/payload'
import { z } from 'zod'

/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Settings of a scorer from options or the environment; options take precedence. */
export interface ScorerSettings {
  /** VIEWPORT_SCORING_ENABLED; only `true` turns scoring on. Default false. */
  readonly enabled: boolean
  /** VIEWPORT_MODEL_DIR: folder of the bundles. Default data/ml/boosted_trees. */
  readonly modelDir: string
  /**
   * VIEWPORT_RETRIEVAL_INDEX: an index, or a folder with those of both stages; null (an empty value) scores without
   * neighbours.
   */
  readonly retrievalIndex: string | null
  /**
   * VIEWPORT_TOUCHES: file that keeps the touches that the indexes grow by, so that they survive a restart; null (an empty value, the default)
   * keeps them in memory alone. A file of one scorer.
   */
  readonly touchesFile: string | null
  /** VIEWPORT_TIMEFRAME: anchor of the heads. Default 4min. */
  readonly timeframe: Anchor
  /** VIEWPORT_ABLATION. Default full. */
  readonly ablation: Ablation
  /** VIEWPORT_HORIZONS, seconds; null (an empty value, the default) for those that the models were trained for. */
  readonly horizons: readonly number[] | null
  /** VIEWPORT_PHYSICS: physics columns that come with the levels, or `all`. Default none. */
  readonly physics: readonly string[]
  /**
   * VIEWPORT_ALLOW_MISSING: features that may be missing in every row, or `physics` for all that need an order book.
   * Default none.
   */
  readonly allowMissing: readonly string[]
  /** VIEWPORT_PAYLOAD: version of the published `viewport`. Default 2. */
  readonly payload: PayloadVersion
  /** VIEWPORT_ORDER: what orders the targets. Default utility_score. */
  readonly order: UtilityOrder
  /** VIEWPORT_MIX: how neighbours and gate enter direction; null (an empty value, the default) as the set was trained for. */
  readonly mix: MixKind | null
  /** VIEWPORT_COST: cost in dollars that utility_net deducts. Default 0.05. */
  readonly cost: number
}

const list = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

const environment = z.object({
  VIEWPORT_SCORING_ENABLED: z.string().optional(),
  VIEWPORT_MODEL_DIR: z.string().default('data/ml/boosted_trees'),
  VIEWPORT_RETRIEVAL_INDEX: z.string().default(''),
  VIEWPORT_TOUCHES: z.string().default(''),
  VIEWPORT_TIMEFRAME: z.enum(ANCHORS).default(PRIMARY_ANCHOR),
  VIEWPORT_ABLATION: z.enum(ABLATIONS).default('full'),
  VIEWPORT_HORIZONS: z.string().default(''),
  VIEWPORT_PHYSICS: z.string().default(''),
  VIEWPORT_ALLOW_MISSING: z.string().default(''),
  VIEWPORT_PAYLOAD: z.coerce.number().pipe(z.literal(PAYLOAD_VERSIONS)).default(VIEWPORT_VERSION),
  VIEWPORT_ORDER: z.enum(UTILITY_ORDERS).default('utility_score'),
  VIEWPORT_MIX: z.enum(['', ...MIX_KINDS]).default(''),
  VIEWPORT_COST: z.coerce.number().min(0).default(0.05),
})

/**
 * The settings that the environment gives. Throws naming the variable that cannot be used; says nothing while scoring
 * is off.
 */
export function settingsOf(env: Environment): ScorerSettings {
  const enabled = env['VIEWPORT_SCORING_ENABLED'] === 'true'
  const parsed = environment.safeParse(enabled ? env : {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0])
    throw new RangeError(`scorer: ${name}=${env[name]}: ${issue?.message}. Correct it, or unset it for the default.`)
  }
  const given = parsed.data
  return {
    enabled,
    modelDir: given.VIEWPORT_MODEL_DIR,
    retrievalIndex: given.VIEWPORT_RETRIEVAL_INDEX === '' ? null : given.VIEWPORT_RETRIEVAL_INDEX,
    touchesFile: given.VIEWPORT_TOUCHES === '' ? null : given.VIEWPORT_TOUCHES,
    timeframe: given.VIEWPORT_TIMEFRAME,
    ablation: given.VIEWPORT_ABLATION,
    horizons: horizonsOf(given.VIEWPORT_HORIZONS),
    physics: list(given.VIEWPORT_PHYSICS),
    allowMissing: list(given.VIEWPORT_ALLOW_MISSING),
    payload: given.VIEWPORT_PAYLOAD,
    order: given.VIEWPORT_ORDER,
    mix: given.VIEWPORT_MIX === '' ? null : given.VIEWPORT_MIX,
    cost: given.VIEWPORT_COST,
  }
}

function horizonsOf(text: string): number[] | null {
  if (text === '') return null
  const horizons = list(text).map(Number)
  const wrong = horizons.find((seconds) => !(Number.isSafeInteger(seconds) && seconds > 0))
  if (horizons.length > 0 && wrong === undefined) return horizons
  throw new RangeError(
    `scorer: VIEWPORT_HORIZONS=${text}: must be whole seconds above 0, such as ${DEFAULT_HORIZONS.join(',')}.`,
  )
}

/** The physics columns that words name: `all` is every one. */
export function physicsOf(words: readonly string[]): string[] {
  const columns = [...liveNeeds].filter(([name, needs]) => needs.includes(name)).map(([name]) => name)
  return words.flatMap((word) => (word === 'all' ? columns : [word]))
}

/** The features that words name: `physics` is every one that needs an order book, tape or options. */
export function allowedOf(words: readonly string[]): string[] {
  const needing = [...liveNeeds].filter(([, needs]) => needs.length > 0).map(([name]) => name)
  return words.flatMap((word) => (word === 'physics' ? needing : [word]))
}
