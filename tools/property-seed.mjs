// Set up before the tests of every package that states properties: they are tried on the same values in each run, so that what passed
// once passes again. BREAKWATER_SEED=random tries others, and a number those of a run that failed, which prints it.
import process from 'node:process'
import { configureGlobal, readConfigureGlobal } from 'fast-check'

const { BREAKWATER_SEED: given = '20261201' } = process.env

if (given !== 'random') configureGlobal({ ...readConfigureGlobal(), seed: Number(given) })
