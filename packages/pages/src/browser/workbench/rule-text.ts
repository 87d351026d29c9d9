import { type Anchor, ANCHOR_SECONDS } from '@breakwater/features/vocabulary'
import type { WorkbenchScore } from '../../workbench/data.ts'
import { signedTo } from '../format.ts'

/** What {@link ruleText} says. */
export interface RuleWords {
  readonly anchor: Anchor
  /** Which touches it takes, as in 'where the forecast is at least 10%'. */
  readonly where: string
  /** The second threshold of the heads, dollars. */
  readonly far: number
  readonly holdSeconds: number
}

const minutes = (seconds: number): string => `${seconds / 60} minutes`

/** A rule in words. */
export const ruleText = ({ anchor, where, far, holdSeconds }: RuleWords): string =>
  `${minutes(ANCHOR_SECONDS[anchor])} after the minute of a touch begins, ${where}, take one share in the direction of a break if the forecast says that a break is more likely than a bounce, otherwise in the direction of a bounce. Hold it for ${minutes(holdSeconds)}. Touches whose price is already $${far} away from the level are skipped.`

/** What its figures are not. */
export const warningText = ({
  trades,
  overlapping,
}: {
  readonly trades: number
  readonly overlapping: number
}): string =>
  `This is not a backtest of what could have been traded. ${overlapping} of ${trades} trades begin while an earlier one is open: such trades share their luck and need capital at the same time. Both prices are last closes of one-minute bars; fills, slippage beyond the cost, size and the borrowing of shares are not modelled. The threshold that looks best here is chosen with hindsight.`

/** What its figures lack; empty where that is nothing. */
export const unresolvedText = (count: number, holdSeconds: number): string =>
  count === 0 ? '' : ` ${count} touches without a price ${minutes(holdSeconds)} later are left out.`

type Format = (value: number | null) => string

/** Tenths of a cent. */
export const fine: Format = (value) => signedTo(value, 3)

/** The interval of a score in words. */
export const range = ({ low, high }: Pick<WorkbenchScore, 'low' | 'high'>, format: Format): string =>
  low === null || high === null ? 'no interval' : `${format(low)} to ${format(high)}`

/** A score with its interval. */
export const intervalText = (score: WorkbenchScore, format: Format): string =>
  `${format(score.estimate)} (${range(score, format)})`
