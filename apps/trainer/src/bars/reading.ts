import type { BarsReading } from '@breakwater/models'
import type { Command } from 'commander'
import { option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'

/** The flags that say how bars are read. */
export type BarFlags = SharedFlags<'timezone' | 'repair' | 'adjust' | 'stamps' | 'priceUnit' | 'accept' | 'columns'>

/** How the flags say that bars are read. */
export function readingOf({ timezone, repair, adjust, stamps, priceUnit, accept, columns }: BarFlags): BarsReading {
  return { timezone, repair: repair === true, adjust, stamps, priceUnit, accept, columns }
}

/** Adds the flags to a command; `repair` words the flag of that name. */
export function addBarOptions(command: Command, repair: string): Command {
  return command
    .addOption(option(SHARED_OPTIONS.timezone, 'time zone of time stamps without one, such as America/New_York'))
    .addOption(option(SHARED_OPTIONS.columns))
    .addOption(option(SHARED_OPTIONS.stamps))
    .addOption(option(SHARED_OPTIONS.priceUnit))
    .addOption(option(SHARED_OPTIONS.repair, repair))
    .addOption(option(SHARED_OPTIONS.adjust))
    .addOption(option(SHARED_OPTIONS.accept))
}
