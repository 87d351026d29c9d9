import type { BarColumns, BarField } from '@breakwater/features/parquet'
import { InvalidArgumentError } from 'commander'

const BAR_FIELDS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const satisfies readonly BarField[]

/** Columns of bars by part, given as `--x open=o,close=c,volume=-`; a volume of - is none. */
export function columnNames(value: string, previous: Partial<BarColumns> | undefined): Partial<BarColumns> {
  const names: Partial<Record<BarField, string | null>> = { ...previous }
  for (const piece of value.split(',')) {
    const [, part = '', name = ''] = /^\s*([a-z]+)=(.+?)\s*$/.exec(piece) ?? []
    const field = BAR_FIELDS.find((each) => each === part)
    if (field === undefined) {
      throw new InvalidArgumentError(`"${piece}" is not part=column, with a part of ${BAR_FIELDS.join(', ')}.`)
    }
    if (name === '-' && field !== 'volume') throw new InvalidArgumentError(`"${piece}": only volume can be absent.`)
    names[field] = name === '-' ? null : name
  }
  return names as Partial<BarColumns>
}
