import {
  calibrationNullBand,
  ECE_BINS,
  eceStatistic,
  expectedCalibrationError,
  logLoss,
  logLossBySession,
  maeBySession,
  type Overlap,
  overlapOf,
  rateBand,
  reliabilityCurve,
  sessionBlockBootstrap,
} from '@breakwater/calibration'
import type { HeadTask, Thresholds } from '@breakwater/features'
import type { PublishedCell, PublishedGroup, PublishedGroups, PublishedHead } from '../documents/served.ts'
import { LEVEL, SAMPLES, SMOOTH_SAMPLES } from '../score.ts'
import { placeEdges } from '../scoring/places.ts'
import { figuresOf } from '../side-by-side.ts'
import type { ForecastRow, PublishedRows, QuestionRows } from './rows.ts'

/** How published numbers are scored. */
export interface RowScoring {
  readonly thresholds: Thresholds
  readonly seed: number
}

/** Ages in seconds, and distances in dollars, at which groups begin. */
const AGES = [0, 120, 240, 480, 720]
const DISTANCES = [0, 0.1, 0.25, 0.5, 1]

interface Rows {
  readonly p: Float64Array
  readonly y: Float64Array
  readonly about: readonly ForecastRow[]
  readonly halves: readonly number[]
}

/** Scores the numbers of one question; null where none has an outcome. */
export function scoreRows(
  name: string,
  task: HeadTask,
  { forecasts, byQuestion }: PublishedRows,
  scoring: RowScoring,
): PublishedHead | null {
  const found = byQuestion.get(name)
  if (found === undefined || found.predictions.length === 0) return null
  const rows = rowsOf(found, forecasts)
  const sessions = Int32Array.from(rows.about, ({ session }) => session)
  const loss = task === 'binary' ? logLossBySession(rows.p, rows.y) : maeBySession(rows.p, rows.y)
  const about = {
    name,
    task,
    rows: rows.p.length,
    sessions: new Set(sessions).size,
    mean_prediction: mean(rows.p),
    mean_outcome: mean(rows.y),
    loss: figuresOf(
      sessionBlockBootstrap(sessions, { loss }, { seed: scoring.seed, samples: SAMPLES, level: LEVEL }).loss,
    ),
    masked: Object.fromEntries(found.masked),
  }
  if (task === 'regression')
    return { ...about, effective_rows: about.rows, ece: null, null_ece: null, groups: null, cells: [] }
  const overlap = overlapOf(
    rows.p,
    rows.y,
    rows.about.map(({ stretch }) => stretch),
  )
  const band = { seed: scoring.seed, samples: SMOOTH_SAMPLES, level: LEVEL, overlap }
  return {
    ...about,
    effective_rows: overlap.effectiveRows,
    ece: expectedCalibrationError(reliabilityCurve(rows.p, rows.y, { bins: ECE_BINS })),
    null_ece: calibrationNullBand(rows.p, eceStatistic({ bins: ECE_BINS }), band),
    groups: groupsOf(rows, overlap),
    cells: cellsOf(rows, overlap, scoring.thresholds),
  }
}

function rowsOf(
  { predictions, outcomes, halves, forecasts: places }: QuestionRows,
  forecasts: readonly ForecastRow[],
): Rows {
  return {
    p: Float64Array.from(predictions),
    y: Float64Array.from(outcomes),
    about: places.flatMap((place) => forecasts[place] ?? []),
    halves,
  }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

function groupsOf(rows: Rows, overlap: Overlap): PublishedGroups {
  const by = (nameOf: (row: ForecastRow) => string | null): PublishedGroup[] =>
    [...grouped(rows.about, nameOf)].map(([name, places]) => ({ name, ...groupOf(rows, places, overlap) }))
  return {
    state: by(({ state }) => state),
    basis: by(({ basis }) => basis),
    stage: by(({ stage }) => stage),
    age: inOrder(by(({ age }) => (Number.isNaN(age) ? 'before a touch' : stretchName(age, AGES, ' s')))),
    episode: by(({ episode }) => episode),
    distance: inOrder(by(({ moved }) => stretchName(Math.abs(moved), DISTANCES, ' $'))),
  }
}

/** By the number that a name begins with. */
const inOrder = (groups: readonly PublishedGroup[]): PublishedGroup[] =>
  groups.toSorted((a, b) => numberIn(a.name) - numberIn(b.name))

const numberIn = (name: string): number => Number.parseFloat(/\d[\d.]*/.exec(name)?.[0] ?? '-1')

function stretchName(value: number, starts: readonly number[], unit: string): string | null {
  const place = starts.findLastIndex((start) => value >= start)
  const [from, to] = [starts[place], starts[place + 1]]
  if (from === undefined) return null
  return to === undefined ? `from ${from}${unit}` : `${from} to ${to}${unit}`
}

function cellsOf(rows: Rows, overlap: Overlap, thresholds: Thresholds): PublishedCell[] {
  const edges = placeEdges(thresholds)
  const ends = [null, ...edges].map((from, i) => ({ from, to: edges[i] ?? null }))
  const placeOf = ({ moved }: ForecastRow): number => {
    const place = edges.findIndex((edge) => moved < edge)
    return place === -1 ? edges.length : place
  }
  const cells = grouped(rows.about, (row) => (Number.isNaN(row.moved) ? null : `${row.state} ${placeOf(row)}`))
  return [...cells]
    .map(([name, places]) => {
      const [state = '', place = '0'] = name.split(' ')
      const half = mean(Float64Array.from(places, (at) => rows.halves[at] ?? Number.NaN))
      const cell = {
        state,
        ...ends[Number(place)],
        ...groupOf(rows, places, overlap),
        half_interval: Number.isNaN(half) ? null : half,
      }
      return { place: Number(place), cell }
    })
    .toSorted((a, b) => (a.cell.state === b.cell.state ? a.place - b.place : a.cell.state < b.cell.state ? -1 : 1))
    .map(({ cell }) => ({ ...cell, from: cell.from ?? null, to: cell.to ?? null }))
}

function grouped(
  about: readonly ForecastRow[],
  nameOf: (row: ForecastRow) => string | null,
): ReadonlyMap<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const [place, row] of about.entries()) {
    const name = nameOf(row)
    if (name === null) continue
    const there = groups.get(name)
    if (there === undefined) groups.set(name, [place])
    else there.push(place)
  }
  return groups
}

function groupOf({ p, y, about }: Rows, places: readonly number[], overlap: Overlap): Omit<PublishedGroup, 'name'> {
  const predictions = Float64Array.from(places, (place) => p[place] as number)
  const outcomes = Float64Array.from(places, (place) => y[place] as number)
  const codes = Int32Array.from(places, (place) => overlap.codes[place] as number)
  const { effectiveRows, ...band } = rateBand(predictions, { ...overlap, codes }, LEVEL)
  return {
    rows: places.length,
    sessions: new Set(places.map((place) => about[place]?.session)).size,
    effective_rows: effectiveRows,
    mean_prediction: mean(predictions),
    observed_rate: mean(outcomes),
    band,
    log_loss: logLoss(predictions, outcomes),
  }
}
