/** A number with its interval. */
interface Score {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
}

/** `data/equity.js`. */
export interface Equity {
  readonly sets: Readonly<
    Record<
      string,
      {
        readonly cost: number
        readonly dates: readonly string[]
        readonly rules: readonly {
          readonly anchor: string
          readonly least: number
          readonly trades: number
          readonly total: Score
          readonly cumulative: readonly number[]
        }[]
      }
    >
  >
}

/** `data/curves.js`, as far as it is read. */
export interface Curves {
  readonly sets: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly thresholds: readonly {
              readonly point: { readonly threshold: number }
              readonly acting: {
                readonly trades: number
                readonly perTrade: readonly (readonly [number, number, number])[]
                readonly total: readonly (readonly [number, number, number])[]
              }
            }[]
          }
        >
      >
    >
  >
  readonly acting: Readonly<Record<string, { readonly cost: number; readonly costs: readonly number[] }>>
}

/** `data/drift.js`, as far as it is read. */
export interface Drift {
  readonly sets: Readonly<
    Record<
      string,
      {
        readonly dates: readonly string[]
        readonly trained: readonly boolean[]
        readonly features: readonly {
          readonly name: string
          readonly stability: readonly (number | null)[]
          readonly missing: readonly number[]
        }[]
      }
    >
  >
}

/** `data/runs.js`, as far as it is read. */
export interface Runs {
  readonly comparison: { readonly heads: readonly { readonly name: string; readonly anchor: string }[] } | null
}

/** `data/<date>-why.js`. */
export interface Reasons {
  readonly sets: Readonly<Record<string, SetReasons>>
}

/** Why the forecasts of a set are what they are, as far as it is read. */
export interface SetReasons {
  readonly trained: boolean
  readonly columns: readonly string[]
  readonly heads: Readonly<
    Record<
      string,
      {
        readonly unit: string
        readonly touches: readonly ({
          readonly score: number
          readonly top: readonly (readonly [column: number, value: number | null, contribution: number])[]
        } | null)[]
      }
    >
  >
  readonly neighbours: Readonly<
    Record<
      string,
      {
        readonly touches: readonly {
          readonly nearest: readonly (readonly [
            date: string,
            place: number | null,
            minute: number,
            kind: string,
            direction: string,
            outcome: string | null,
          ])[]
        }[]
      }
    >
  >
}
