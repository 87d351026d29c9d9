import type { TrackedRun } from './tracker.ts'

/** A table of a run. */
export interface RunTable {
  /** Name of the artifact, and of its file `{name}.table.json`. */
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | boolean | null)[])[]
}

/**
 * Keeps a table as an artifact of one JSON file, `{"columns": [...], "data": [[...], ...]}`: what `mlflow.load_table` and pandas
 * (`read_json(orient="split")`) read, what MLflow's pages show as a table, and W&B's as `*.table.json`. Numbers that are not
 * finite become null. Throws RangeError on a row that has not one cell a column.
 */
export async function recordTable(run: TrackedRun, { name, columns, rows }: RunTable): Promise<void> {
  for (const [i, row] of rows.entries()) {
    if (row.length === columns.length) continue
    throw new RangeError(
      `tracking: table ${name}: row ${i} has ${row.length} cells: must have ${columns.length}, one a column. Fill it with null.`,
    )
  }
  const text = `${JSON.stringify({ columns, data: rows })}\n`
  await run.artifact({ name, type: 'table', files: [{ path: `${name}.table.json`, text }] })
}
