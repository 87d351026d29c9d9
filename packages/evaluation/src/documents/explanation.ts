/** A column of the model and the share of the head's total split gain that it earned. */
export interface Importance {
  readonly column: string
  readonly gain: number
  /** `gain` over the head's total, in [0, 1]; null where the head made no split. */
  readonly share: number | null
}

/** What the columns contributed to a model's raw score, by exact Shapley values (TreeSHAP, path-dependent). */
export interface Attributions {
  /** Rows that were explained, evenly spaced: of those that the folds' models did not train on. A final fit has seen them all. */
  readonly rows: number
  /** Of the raw score: log odds for a binary head, dollars for a regression head. */
  readonly unit: 'log odds' | 'dollars'
  /** By falling mean absolute contribution. */
  readonly columns: readonly { readonly column: string; readonly meanAbsolute: number; readonly mean: number }[]
}

/** Why a model's scores cannot be taken apart. */
export interface NoAttributions {
  readonly reason: string
}
