import { hitAnyDrift } from './any-drift.ts'
import { lookUp, type Tables } from './hit-table.ts'
import { IMAGES_FROM } from './two-barriers.ts'

/** A volatility and an absolute drift, in forecast volatilities, with what is constant at each time. */
export interface PairTables {
  readonly volatility: number
  /** |drift| */
  readonly drift: number
  /** Table of hit at each time. */
  readonly tables: Int32Array
  /** |drift| sqrt(t) / volatility at each time. */
  readonly scaled: Float64Array
}

/**
 * Scratch of one band at one time: the probabilities of a drift beyond the level, and (`Back`) of the same drift back.
 */
export interface BandCell {
  readonly hits: Tables
  /** Table of hit at the cell's time; -1 where it has none. */
  table: number
  /** Scaled drift at the cell's time. */
  scaled: number
  either: number
  up: number
  down: number
  upFirst: number
  eitherBack: number
  upBack: number
  downBack: number
  upFirstBack: number
  /** Distances to the barriers, price. */
  x: number
  y: number
  /** e^(-m x) and e^(-m y), the same at every time. */
  decayX: number
  decayY: number
  /** Sines of the first three eigenfunctions at the position, the same for every expert and time. */
  sine1: number
  sine2: number
  sine3: number
}

/** A cell to be filled from tables of hit. */
export function makeBandCell(hits: Tables): BandCell {
  return {
    hits,
    table: -1,
    scaled: 0,
    either: 0,
    up: 0,
    down: 0,
    upFirst: 0,
    eitherBack: 0,
    upBack: 0,
    downBack: 0,
    upFirstBack: 0,
    x: 0,
    y: 0,
    decayX: 0,
    decayY: 0,
    sine1: 0,
    sine2: 0,
    sine3: 0,
  }
}

/** Moves the cell to the band of a threshold around a position. */
export function setBand(cell: BandCell, displacement: number, threshold: number): void {
  cell.x = threshold - displacement
  cell.y = threshold + displacement
  const angle = (Math.PI * cell.y) / (2 * threshold)
  const sine = Math.sin(angle)
  cell.sine1 = sine
  cell.sine2 = 2 * sine * Math.cos(angle)
  cell.sine3 = sine * (3 - 4 * sine * sine)
}

/** Sets what the times of the band share for a pair under a forecast volatility. */
export function setDecay(cell: BandCell, { volatility, drift }: PairTables, sigma: number): void {
  const rate = drift / (volatility * volatility * sigma)
  cell.decayX = Math.exp(-rate * Math.max(0, cell.x))
  cell.decayY = Math.exp(-rate * Math.max(0, cell.y))
}

/** Sets a pair's time: the j-th of those that have tables, or where j is -1 any other, by its root in minutes. */
export function setTime(cell: BandCell, pair: PairTables, j: number, root: number): void {
  cell.table = j < 0 ? -1 : (pair.tables[j] as number)
  cell.scaled = j < 0 ? (pair.drift * root) / pair.volatility : (pair.scaled[j] as number)
}

/** hit at the cell's time. */
function hitAt(cell: BandCell, distance: number): number {
  return cell.table < 0 ? hitAnyDrift(distance, cell.scaled) : lookUp(cell.hits, cell.table, distance)
}

/** Fills in what is so without time: what has been passed is reached, and nothing else. */
export function fillNow(cell: BandCell): void {
  const [up, down] = [Number(cell.x <= 0), Number(cell.y <= 0)]
  cell.up = up
  cell.upBack = up
  cell.down = down
  cell.downBack = down
  cell.either = Math.max(up, down)
  cell.eitherBack = cell.either
  cell.upFirst = up
  cell.upFirstBack = up
}

/**
 * Fills in the probabilities of a pair in the band at the time that was set, `unit` = sigma sqrt(t): by images of `first` from the
 * width of {@link IMAGES_FROM} on, else by eigenfunctions.
 */
export function fillCell(cell: BandCell, pair: PairTables, unit: number): void {
  const inverse = 1 / (unit * pair.volatility)
  const x = cell.x * inverse
  const y = cell.y * inverse
  const up = x > 0 ? hitAt(cell, x) : 1
  const down = y > 0 ? hitAt(cell, y) : 1
  const { decayX, decayY } = cell
  cell.up = up
  cell.down = y > 0 ? decayY * decayY * down : 1
  cell.upBack = x > 0 ? decayX * decayX * up : 1
  cell.downBack = down
  if (x <= 0 || y <= 0) {
    cell.either = 1
    cell.eitherBack = 1
    cell.upFirst = Number(x <= 0)
    cell.upFirstBack = Number(x <= 0)
  } else if (x + y >= IMAGES_FROM) fillByImages(cell, x, y)
  else fillByWaves(cell, x, y, cell.scaled)
}

/** The image series of `first` for both sides; `cell` holds hit at x and y already. */
function fillByImages(cell: BandCell, x: number, y: number): void {
  const width = x + y
  const squareX = cell.decayX * cell.decayX
  const squareY = cell.decayY * cell.decayY
  const across = squareX * squareY
  let sumX = cell.up
  let sumY = cell.downBack
  let factor = 1
  for (let n = 2; n <= 6; n += 2) {
    const far = n * width
    const nearX = hitAt(cell, far - x)
    const nearY = hitAt(cell, far - y)
    if (nearX + nearY === 0) break
    sumX -= factor * squareY * nearX
    sumY -= factor * squareX * nearY
    factor *= across
    sumX += factor * hitAt(cell, far + x)
    sumY += factor * hitAt(cell, far + y)
  }
  setFirsts(cell, sumX, squareY * sumY, squareX * sumX, sumY)
}

/** The eigenfunction series: three terms are exact to 1e-9 below the width at which images take over. */
function fillByWaves(cell: BandCell, x: number, y: number, m: number): void {
  const width = x + y
  const wave = Math.PI / width
  const square = wave * wave
  const q = Math.exp(-0.5 * square)
  const q4 = q * q * q * q
  const one = (wave * cell.sine1 * q) / (square + m * m)
  const two = (2 * wave * cell.sine2 * q4) / (4 * square + m * m)
  const three = (3 * wave * cell.sine3 * q4 * q4 * q) / (9 * square + m * m)
  const scale = (2 / width) * Math.exp(-0.5 * m * m)
  const lateUp = scale * (one - two + three)
  const lateDown = scale * (one + two + three)
  const { decayX, decayY } = cell
  const squareX = decayX * decayX
  const squareY = decayY * decayY
  // Without drift the ratio of the scale function is 0/0; its limit is the ratio of distances.
  const straight = m * width < 1e-7
  const evers = straight ? 1 : 1 - squareX * squareY
  const towardsUp = straight ? y / width : (1 - squareY) / evers
  const towardsDown = straight ? x / width : (1 - squareX) / evers
  setFirsts(
    cell,
    towardsUp - lateUp / decayX,
    squareY * towardsDown - lateDown * decayY,
    squareX * towardsUp - lateUp * decayX,
    towardsDown - lateDown / decayY,
  )
}

function setFirsts(cell: BandCell, up: number, down: number, upBack: number, downBack: number): void {
  cell.either = up + down
  cell.upFirst = Math.max(0, up)
  cell.eitherBack = upBack + downBack
  cell.upFirstBack = Math.max(0, upBack)
}
