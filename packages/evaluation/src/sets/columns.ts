import { parseHeadName } from '@breakwater/features'
import {
  importedFrom,
  type MixTuning,
  type Predictions,
  retrievalHeads,
  serveTable,
  type ServeOptions,
  withOutcomes,
} from '@breakwater/models'
import type { NeighbourAnswers, PredictedPart, TrainedSet } from '@breakwater/models/node'
import type { ComparedColumn } from '../side-by-side.ts'

/**
 * A column of forecasts: for predicted rows its heads, one value per row (aligned with `part.predictions`), NaN where it has
 * none. A head that the column does not forecast is absent.
 */
export interface ForecastColumn extends ComparedColumn {
  readonly heads: (part: PredictedPart) => ReadonlyMap<string, Float64Array>
}

/** Id of the column of what is served, which the others of a comparison are compared with. */
export const SERVED = 'served'
/** Id of the constant forecast's column, which all must beat. */
export const BASE = 'base'
/** Id of the column of the law of first passage, beyond which skill is told. */
export const LAW = 'law'

/**
 * What `calibrate` sets side by side, in order; the first is what the others are compared with. With `tuning` the hand-set mix by those numbers is
 * among them.
 */
export function servedColumns(
  answers: NeighbourAnswers,
  k: number,
  serving: ServeOptions = {},
  tuning?: MixTuning,
): ForecastColumn[] {
  const mixes = tuning === undefined ? OTHER_MIXES : [...OTHER_MIXES, { ...TUNED_MIX, ...tuning }]
  return [
    {
      id: 'raw',
      title: 'Raw trees',
      note: 'The trees, uncalibrated.',
      heads: ({ predictions }) => withOutcomes(predictions.heads),
    },
    {
      id: 'calibrated',
      title: 'Calibrated trees',
      note: 'The trees after the calibrators of their bundles, with reach heads put in order.',
      heads: ({ predictions }) => withOutcomes(predictions.calibrated),
    },
    retrievalColumn(answers, k),
    lawColumn(),
    {
      id: SERVED,
      title: 'Served mix',
      note:
        'What each fold chose, the law with the tilt of features or the heads made coherent, where the set has a law, with the mix of neighbours and ' +
        'gate that the set was trained for. Without a law calibrated direction, by default with the hand-set mix, and break and bounce with ' +
        "calibrated tradeable; every other head is served as calibrated trees. Strength is the law's, where there is one.",
      noIntervals: 'the law, which serves strength, has no intervals',
      heads: (part) =>
        new Map([
          ...serveTable(part, (anchor) => answers(part, anchor), serving),
          ...(serving.source === 'heads' ? [] : strengthOf(part.predictions)),
        ]),
    },
    ...mixes.map(({ id, title, note, ...mix }) => ({
      id,
      title,
      note,
      heads: (part: PredictedPart) => serveTable(part, (anchor) => answers(part, anchor), { ...serving, ...mix }),
    })),
  ]
}

/** What is served of strength at each anchor where the law says anything of it. */
const strengthOf = ({ served, tilted }: Predictions): (readonly [string, Float64Array])[] =>
  [...served].filter(([name]) => tilted.has(name) && parseHeadName(name)?.question.kind === 'strength_signed')

/** What would be served by another mix than the set's. */
const OTHER_MIXES = [
  {
    id: 'unmixed',
    title: 'Served, no mix',
    note: 'As served, without neighbours and gate (--mix none).',
    mix: 'none',
  },
  {
    id: 'documented',
    title: 'Served, hand-set mix',
    note: 'As served, with neighbours and gate by the hand-set formulas (--mix documented), kept coherent with the rest.',
    mix: 'documented',
  },
] as const

/** What a scorer with numbers of its own would serve. */
const TUNED_MIX = {
  id: 'tuned',
  title: 'Served, tuned mix',
  note: 'As served, with neighbours and gate by the hand-set formulas with the numbers that were given (--tuning).',
  mix: 'documented',
} as const

/** The neighbours alone: what became of the most similar past touches, as a forecast of every head. */
export function retrievalColumn(answers: NeighbourAnswers, k: number): ForecastColumn {
  return {
    id: 'retrieval',
    title: 'Neighbours',
    note: `The ${k} most similar touches of the fold's training dates, without trees and without calibration.`,
    noIntervals: 'neighbours have no intervals',
    heads: (part) => retrievalHeads(part.predictions.heads.keys(), (anchor) => answers(part, anchor)),
  }
}

/** What is served of every head at its anchor, by the choice of each fold. */
export function servedColumn(): ForecastColumn {
  return {
    id: SERVED,
    title: 'Served',
    note: 'What the set serves at the anchor: the law with the tilt of features, or its heads made coherent, as each fold chose.',
    heads: ({ predictions }) => servedForecasts(predictions),
  }
}

/**
 * What is served of every head; NaN where a part has no forecast of it. A head that was imported is scored by itself, whatever the set
 * serves. What is still to come is the law's, whatever the set serves.
 */
export function servedOrNone({
  details: { heads, ahead = [] },
  bundles,
}: Pick<TrainedSet, 'bundles' | 'details'>): ForecastColumn {
  const column = servedColumn()
  const isImported = (name: string): boolean => importedFrom(bundles.get(name)?.description.metrics) !== null
  return {
    ...column,
    heads: (part) => {
      const served = column.heads(part)
      const none = new Float64Array(part.predictions.rows).fill(Number.NaN)
      const { heads: own, tilted } = part.predictions
      return new Map([
        ...heads.map(({ name }) => [name, (isImported(name) ? own.get(name) : served.get(name)) ?? none] as const),
        ...ahead.map(({ name }) => [name, tilted.get(name) ?? none] as const),
      ])
    },
  }
}

/** The served forecast of every head; as calibrated, or of the trees alone, where nothing else is recorded of it. */
export function servedForecasts({
  heads,
  calibrated,
  served,
}: Pick<Predictions, 'heads' | 'calibrated' | 'served'>): ReadonlyMap<string, Float64Array> {
  return new Map([...heads, ...calibrated, ...served])
}

/** A head, or what else has a constant in each fold. */
interface ReferencedHead {
  readonly name: string
  readonly folds: readonly { readonly fold: number; readonly reference: number | null }[]
}

/** The constant that each fold's training rows suggest: the base rate, or the median. */
export function baseColumn({ details }: Pick<TrainedSet, 'details'>): ForecastColumn {
  return {
    id: BASE,
    title: 'Base rate',
    note: 'The base rate, or the median, of the training rows of each fold.',
    heads: ({ predictions }) =>
      new Map(
        [...details.heads, ...(details.ahead ?? [])].map(({ name, folds }: ReferencedHead) => {
          const constants = new Map(folds.map(({ fold, reference }) => [fold, reference ?? Number.NaN]))
          return [name, predictions.fold.map((fold) => constants.get(fold) ?? Number.NaN)]
        }),
      ),
  }
}

/** The law of first passage alone: where price stands, how volatile it is and how long is left, without what features say of the drift. */
export function lawColumn(): ForecastColumn {
  return {
    id: LAW,
    title: 'Law',
    note: 'The law of first passage alone: where price stands, how volatile it is, how long is left. Features do not tilt it.',
    noIntervals: 'the law has no intervals',
    heads: ({ predictions: { law } }) => withOutcomes(law),
  }
}
