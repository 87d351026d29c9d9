import type { PlanFold, PlanSummary } from '@breakwater/evaluation'
import type { CustomSeriesRenderItem } from 'echarts'
import { axis, type Chart, COLOURS } from './chart.ts'
import { plural, shortDate } from '../html/format.ts'

/** Roles in time order as the timeline names and colours them. */
export const TIMELINE_ROLES = [
  { role: 'train', name: 'Train' },
  { role: 'validation', name: 'Validation' },
  { role: 'calibration', name: 'Calibration' },
  { role: 'test', name: 'Test' },
  { role: 'embargoed', name: 'Embargo' },
] as const

const ROW_HEIGHT = 34
/** Room that a digit takes in a run's label, in pixels. */
const DIGIT = 8

/** A run of consecutive sessions of one role in one fold. */
interface Run {
  readonly fold: number
  readonly role: number
  readonly start: number
  readonly end: number
}

/** One row per fold, a bar for each run of sessions of one role, over the sessions in order (weekends take no room). */
export function timelineChart(id: string, plan: PlanSummary, width: number): Chart {
  const sessions = [
    ...new Set(plan.folds.flatMap((fold) => TIMELINE_ROLES.flatMap(({ role }) => fold[role]))),
  ].toSorted()
  const runs = plan.folds.flatMap((fold, row) => runsOf(fold, row, sessions))
  const folds = plan.folds.length
  const ticks = Math.max(1, Math.ceil(sessions.length / Math.floor(width / 110)))
  return {
    id,
    width,
    height: folds * ROW_HEIGHT + 48,
    label: describe(plan),
    option: {
      grid: { left: 54, right: 14, top: 4, height: folds * ROW_HEIGHT, outerBoundsMode: 'none' },
      xAxis: {
        ...axis('Session, New York date', {
          type: 'value',
          min: 0,
          max: sessions.length,
          interval: ticks,
          nameGap: 28,
        }),
        axisLabel: {
          color: COLOURS.muted,
          fontSize: 11,
          formatter: (index: number): string => sessionLabel(sessions, index),
          alignMinLabel: 'left',
          showMaxLabel: false,
        },
        splitLine: { show: false },
      },
      yAxis: {
        ...axis('', { type: 'category', inverse: true, data: plan.folds.map((fold) => `Fold ${fold.index + 1}`) }),
        splitLine: { show: false },
      },
      series: [
        {
          type: 'custom',
          silent: true,
          renderItem: drawRun,
          data: runs.map(({ fold, role, start, end }) => [start, fold, end, role]),
        },
      ],
    },
  }
}

function sessionLabel(sessions: readonly string[], index: number): string {
  const date = sessions[index]
  if (date === undefined) return ''
  const years = new Set([sessions[0], sessions.at(-1)].map((session) => session?.slice(0, 4)))
  return years.size > 1 ? `${shortDate(date)} ’${date.slice(2, 4)}` : shortDate(date)
}

function runsOf(fold: PlanFold, row: number, sessions: readonly string[]): Run[] {
  return TIMELINE_ROLES.flatMap(({ role }, position) => {
    const places = fold[role].map((date) => sessions.indexOf(date)).toSorted((a, b) => a - b)
    const starts = places.filter((place, i) => place !== (places[i - 1] ?? -2) + 1)
    return starts.map((start, i) => {
      const next = starts[i + 1]
      const length =
        next === undefined ? places.length - places.indexOf(start) : places.indexOf(next) - places.indexOf(start)
      return { fold: row, role: position, start, end: start + length }
    })
  })
}

function describe(plan: PlanSummary): string {
  const folds = plan.folds.map((fold) => {
    const parts = TIMELINE_ROLES.filter(({ role }) => fold[role].length > 0).map(
      ({ role, name }) => `${name.toLowerCase()} ${plural(fold[role].length, 'session')}`,
    )
    return `fold ${fold.index + 1}: ${parts.join(', ')}`
  })
  return `Walk-forward timeline. ${folds.join('; ')}.`
}

const drawRun: CustomSeriesRenderItem = (_params, api) => {
  const [left = 0, middle = 0] = api.coord([api.value(0), api.value(1)])
  const [right = 0] = api.coord([api.value(2), api.value(1)])
  const count = Number(api.value(2)) - Number(api.value(0))
  const role = TIMELINE_ROLES[Number(api.value(3))]?.role ?? 'embargoed'
  const height = ROW_HEIGHT - 12
  const width = Math.max(1, right - left - 1)
  const label = String(count)
  return {
    type: 'group',
    children: [
      {
        type: 'rect',
        shape: { x: left, y: middle - height / 2, width, height, r: 2 },
        style: { fill: COLOURS[role] },
      },
      {
        type: 'text',
        style: {
          x: left + width / 2,
          y: middle,
          text: width > label.length * DIGIT ? label : '',
          fill: 'var(--on-role)',
          fontSize: 11,
          align: 'center',
          verticalAlign: 'middle',
        },
      },
    ],
  }
}
