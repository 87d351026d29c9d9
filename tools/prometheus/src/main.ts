// Writes the Grafana dashboard again: `pnpm --filter @breakwater/prometheus run dashboard`.
import { fileURLToPath } from 'node:url'
import { replaceFile } from '@breakwater/formats/node'
import { dashboardJson } from './dashboard.ts'

const path = fileURLToPath(new URL('../../../packages/monitor/operations/dashboard.json', import.meta.url))
await replaceFile(path, dashboardJson())
