export type { Bars } from './bars.ts'
export { MISSING_NS } from './table.ts'
export type { Column, Matrix, NumberColumn, StringColumn, Table, TimeColumn } from './table.ts'
