import { hitAnyDrift } from './any-drift.ts'
import { lookUp, type Tables } from './hit-table.ts'

/** A volatility and an absolute drift, in forecast volatilities, with what is constant at each time. */
export interface PairTables {
  readonly volatility: number
  /** |drift| */
  readonly drift: number
  /** Table of hit at each time. */
  readonly tables: Int32Array
  /** m = |drift| sqrt(t) / volatility at each time, and e^(-m^2 / 2). */
  readonly scaled: Float64Array
  readonly damping: Float64Array
}

/**
 * Scratch of one band at one time: the probabilities of a drift beyond the level, and (`Back`) of the same drift back.
 */
export interface BandCell {
  readonly tables: Tables
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
  /** 1 / (sigma x volatility), price. */
  inverse: number
  /** e^(-m x) and e^(-m y), the same at every time, and their squares. */
  decayX: number
  decayY: number
  squareX: number
  squareY: number
  /** P(a barrier is reached first, ever) under the drift towards it; set for eigenfunctions. */
  towardsUp: number
  towardsDown: number
  /** e^(m x) and e^(m y); set for eigenfunctions. */
  growthX: number
  growthY: number
  /** The first eigenvalue, a minute. */
  rate: number
  /** sin(k pi y / W) of each eigenfunction, the same for every expert. */
  readonly sines: Float64Array
  /** Coefficient of each eigenfunction, the same at every time. */
  readonly waves: Float64Array
  /** Scratch: distances in sigma sqrt(t), replaced by `hit` of each. */
  readonly hits: Float64Array
}

/** Width of the band, in sigma sqrt(t) of the expert, below which it takes eigenfunctions, else images. */
const WAVES_BELOW = 2.6
/** Eigenfunctions: below that width the next adds less than 1e-11. */
const WAVES = 5
/** Rounds of images, each beyond the ones before by twice the width; the next are beyond every table. */
const IMAGE_ROUNDS = 3

/** A cell to be filled from tables of hit. */
export function makeBandCell(tables: Tables): BandCell {
  return {
    tables,
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
    inverse: 0,
    decayX: 0,
    decayY: 0,
    squareX: 0,
    squareY: 0,
    towardsUp: 0,
    towardsDown: 0,
    growthX: 0,
    growthY: 0,
    rate: 0,
    sines: new Float64Array(WAVES),
    waves: new Float64Array(WAVES),
    hits: new Float64Array(4),
  }
}

/** Moves the cell to the band of a threshold around a position. */
export function setBand(cell: BandCell, displacement: number, threshold: number): void {
  const { sines } = cell
  cell.x = threshold - displacement
  cell.y = threshold + displacement
  const angle = (Math.PI * cell.y) / (2 * threshold)
  const turn = 2 * Math.cos(angle)
  let before = 0
  let sine = Math.sin(angle)
  for (let k = 0; k < WAVES; k++) {
    sines[k] = sine
    const next = turn * sine - before
    before = sine
    sine = next
  }
}

/** Sets what the times of the band share for a pair under a forecast volatility; `root` is that of the longest time in minutes. */
export function setPair(cell: BandCell, { volatility, drift }: PairTables, sigma: number, root: number): void {
  const scale = volatility * sigma
  const lean = drift / (volatility * scale)
  cell.inverse = 1 / scale
  cell.decayX = Math.exp(-lean * Math.max(0, cell.x))
  cell.decayY = Math.exp(-lean * Math.max(0, cell.y))
  cell.squareX = cell.decayX * cell.decayX
  cell.squareY = cell.decayY * cell.decayY
  const width = cell.x + cell.y
  if (cell.x <= 0 || cell.y <= 0 || width * cell.inverse >= WAVES_BELOW * root) return
  setWaves(cell, lean * width, (Math.PI * scale) / width, drift / volatility)
}

/**
 * With W and m at any time, sum over k of (2 / W) k' sin(k' y) / (k'^2 + m^2), k' = k pi / W: time drops out of each coefficient.
 */
function setWaves(cell: BandCell, across: number, wave: number, drift: number): void {
  const { sines, waves, x, y, squareX, squareY } = cell
  const square = wave * wave
  cell.rate = 0.5 * square
  for (let k = 1; k <= WAVES; k++) {
    const rate = k * k * square
    waves[k - 1] = ((2 / Math.PI) * k * square * (sines[k - 1] as number)) / (rate + drift * drift)
  }
  // Without drift the ratio of the scale function is 0/0; its limit is the ratio of distances.
  const straight = across < 1e-7
  const evers = straight ? x + y : 1 - squareX * squareY
  cell.towardsUp = (straight ? y : 1 - squareY) / evers
  cell.towardsDown = (straight ? x : 1 - squareX) / evers
  cell.growthX = 1 / cell.decayX
  cell.growthY = 1 / cell.decayY
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

/** A time in minutes with its root, one over that, and the place of its table of each pair; -1 where it has none. */
export interface CellTime {
  readonly minutes: number
  readonly root: number
  readonly inverseRoot: number
  readonly table: number
}

/**
 * Fills in the probabilities of a pair in the band at a time: by images of `first` from the width of {@link WAVES_BELOW} on, else by
 * eigenfunctions.
 */
export function fillCell(cell: BandCell, pair: PairTables, time: CellTime): void {
  const { hits, squareX, squareY } = cell
  const inverse = cell.inverse * time.inverseRoot
  const x = cell.x * inverse
  const y = cell.y * inverse
  hits[0] = Math.max(0, x)
  hits[1] = Math.max(0, y)
  if (time.table >= 0) replaceByHits(cell, pair, time, 2)
  else replaceByHitsAnyTime(cell, pair, time, 2)
  const up = hits[0]
  const down = hits[1]
  cell.up = up
  cell.down = squareY * down
  cell.upBack = squareX * up
  cell.downBack = down
  if (x <= 0 || y <= 0) {
    cell.either = 1
    cell.eitherBack = 1
    cell.upFirst = Number(x <= 0)
    cell.upFirstBack = Number(x <= 0)
  } else if (x + y >= WAVES_BELOW) fillByImages(cell, pair, time)
  else fillByWaves(cell, pair, time)
}

/**
 * Replaces the first `count` distances in `hits` by what {@link hit} is there at the pair's drift, up to 1. This and what follows
 * passes numbers through the cell: a function that is called rather than inlined would allocate each one.
 */
function replaceByHits({ tables, hits }: BandCell, pair: PairTables, { table }: CellTime, count: number): void {
  const t = pair.tables[table] as number
  for (let i = 0; i < count; i++) hits[i] = lookUp(tables, t, hits[i] as number)
}

/** The same at a time that has no table. */
function replaceByHitsAnyTime({ hits }: BandCell, pair: PairTables, { root }: CellTime, count: number): void {
  const m = (pair.drift * root) / pair.volatility
  for (let i = 0; i < count; i++) hits[i] = hitAnyDrift(hits[i] as number, m)
}

/** The image series of `first` for both sides; `cell` holds hit at x and y already. */
function fillByImages(cell: BandCell, pair: PairTables, time: CellTime): void {
  const { hits, squareX, squareY } = cell
  const inverse = cell.inverse * time.inverseRoot
  const x = cell.x * inverse
  const y = cell.y * inverse
  const width = x + y
  const across = squareX * squareY
  let sumX = cell.up
  let sumY = cell.downBack
  let factor = 1
  for (let round = 1; round <= IMAGE_ROUNDS; round++) {
    const far = 2 * round * width
    hits[0] = far - x
    hits[1] = far - y
    hits[2] = far + x
    hits[3] = far + y
    if (time.table >= 0) replaceByHits(cell, pair, time, 4)
    else replaceByHitsAnyTime(cell, pair, time, 4)
    const nearX = hits[0]
    const nearY = hits[1]
    if (nearX + nearY === 0) break
    sumX -= factor * squareY * nearX
    sumY -= factor * squareX * nearY
    factor *= across
    sumX += factor * hits[2]
    sumY += factor * hits[3]
  }
  setFirsts(cell, sumX, squareY * sumY, squareX * sumX, sumY)
}

/** The eigenfunction series. */
function fillByWaves(cell: BandCell, pair: PairTables, { minutes, root, table }: CellTime): void {
  const { waves, decayX, decayY, squareX, squareY, growthX, growthY, towardsUp, towardsDown } = cell
  const m = (pair.drift * root) / pair.volatility
  const damping = table >= 0 ? (pair.damping[table] as number) : Math.exp(-0.5 * m * m)
  const q = Math.exp(-cell.rate * minutes)
  const q2 = q * q
  const q4 = q2 * q2
  const q8 = q4 * q4
  const q16 = q8 * q8
  const odd = (waves[0] as number) * q + (waves[2] as number) * q8 * q + (waves[4] as number) * q16 * q8 * q
  const even = (waves[1] as number) * q4 + (waves[3] as number) * q16
  const lateUp = damping * (odd - even)
  const lateDown = damping * (odd + even)
  setFirsts(
    cell,
    towardsUp - lateUp * growthX,
    squareY * towardsDown - lateDown * decayY,
    squareX * towardsUp - lateUp * decayX,
    towardsDown - lateDown * growthY,
  )
}

function setFirsts(cell: BandCell, up: number, down: number, upBack: number, downBack: number): void {
  cell.either = up + down
  cell.upFirst = Math.max(0, up)
  cell.eitherBack = upBack + downBack
  cell.upFirstBack = Math.max(0, upBack)
}
