// Generated from src/engine/kernel.ts by kernel/generate.ts: change that and run pnpm --filter @breakwater/trees kernels.
// Where one head’s arrays lie in memory, read from the table that the host writes.

export let rows: i32 = 0
export let groups: i32 = 0
export let rowBins: usize = 0
export let columnBins: usize = 0
export let groupStart: usize = 0
export let groupBins: usize = 0
export let order: usize = 0
export let spare: usize = 0
export let packed: usize = 0
export let nodePacked: usize = 0
export let tileCodes: usize = 0
export let columnHistogram: usize = 0
export let bestCut: usize = 0
export let spareHistogram: usize = 0
export let scores: usize = 0
export let gradients: usize = 0
export let hessians: usize = 0
export let labels: usize = 0
export let weights: usize = 0
export let gains: usize = 0
export let siblingGains: usize = 0
export let request: usize = 0
export let sums: usize = 0
export let goesLeft: usize = 0
export let groupMinBins: usize = 0
export let columnOf: usize = 0

function field(table: usize, index: i32): usize {
  return load<u32>(table + ((<usize>index) << 2))
}

/** Points this instance at the arrays of the head whose table lies at `table`. */
export function attach(table: usize): void {
  rows = <i32>field(table, 0)
  groups = <i32>field(table, 1)
  rowBins = field(table, 2)
  columnBins = field(table, 3)
  groupStart = field(table, 4)
  groupBins = field(table, 5)
  order = field(table, 6)
  spare = field(table, 7)
  packed = field(table, 8)
  nodePacked = field(table, 9)
  tileCodes = field(table, 10)
  columnHistogram = field(table, 11)
  bestCut = field(table, 12)
  spareHistogram = field(table, 13)
  scores = field(table, 14)
  gradients = field(table, 15)
  hessians = field(table, 16)
  labels = field(table, 17)
  weights = field(table, 18)
  gains = field(table, 19)
  siblingGains = field(table, 20)
  request = field(table, 21)
  sums = field(table, 22)
  goesLeft = field(table, 23)
  groupMinBins = field(table, 24)
  columnOf = field(table, 25)
}
