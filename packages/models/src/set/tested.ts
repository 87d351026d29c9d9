import { z } from 'zod'

/** Scores of probabilities on some rows. */
export interface TestedFigures {
  readonly brier: number
  readonly logLoss: number
  readonly smoothEce: number
}

/** How a probability did on the test rows of all folds: what live figures are held against. */
export interface TestedHead {
  readonly name: string
  readonly rows: number
  /** Of what is served. */
  readonly served: TestedFigures
  /** Of the law of first passage alone, without its tilt, on the same rows; null without a law. */
  readonly law: TestedFigures | null
}

const figures = z.object({ brier: z.number(), logLoss: z.number(), smoothEce: z.number() })

/** What is checked of tested heads in a file. */
export const testedHeads: z.ZodType<readonly TestedHead[]> = z.array(
  z.object({ name: z.string(), rows: z.number(), served: figures, law: figures.nullable() }),
)

/** The `tested` of a set's details; empty where it has none, as sets of older versions. Throws on what is none. */
export function testedOf(details: unknown): readonly TestedHead[] {
  if (typeof details !== 'object' || details === null || !('tested' in details)) return []
  return details.tested === undefined ? [] : testedHeads.parse(details.tested)
}
