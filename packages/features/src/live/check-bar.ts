import type { MinuteBar } from '../signals/day.ts'

/** Throws RangeError unless the bar has a whole minute, positive prices in order, and a volume of at least 0. */
export function checkBar(bar: MinuteBar): void {
  const { minute, open, high, low, close, volume } = bar
  if (!(Number.isSafeInteger(minute) && minute > 0)) {
    throw refused(
      'minute',
      minute,
      'must be a whole number of minutes since 1970. Divide nanoseconds by 60,000,000,000',
    )
  }
  for (const [name, price] of Object.entries({ open, high, low, close })) {
    if (!(price > 0 && price < Infinity)) throw refused(name, price, 'must be a positive price. Leave such a bar out')
  }
  if (!(volume >= 0 && volume < Infinity)) throw refused('volume', volume, 'must be at least 0. Leave such a bar out')
  if (high < Math.max(open, close)) throw refused('high', high, `is below open=${open} or close=${close}. Correct it`)
  if (low > Math.min(open, close)) throw refused('low', low, `is above open=${open} or close=${close}. Correct it`)
}

function refused(name: string, value: number, rule: string): RangeError {
  return new RangeError(`features: bar.${name}=${value}: ${rule}.`)
}
