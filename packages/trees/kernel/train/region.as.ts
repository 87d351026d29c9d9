// Where one head's arrays lie in memory, read from the table that the host writes (src/engine/region.ts names its fields).
// A histogram is rows of 32 bytes: row `groupStart[k] + b` holds bin b of the four columns of group k, each cell the sum of
// gradients (high 32 bits, signed) and of hessians (low 32 bits). Bin 0 is missing.

export let rows: i32 = 0
export let stride: usize = 0
export let groups: i32 = 0
export let rowBins: usize = 0
export let columnBins: usize = 0
export let groupStart: usize = 0
export let groupBins: usize = 0
export let order: usize = 0
export let spare: usize = 0
export let packed: usize = 0
export let tileBins: usize = 0
export let tilePacked: usize = 0
export let scores: usize = 0
export let gradients: usize = 0
export let hessians: usize = 0
export let labels: usize = 0
export let weights: usize = 0
export let gains: usize = 0
export let sums: usize = 0
export let goesLeft: usize = 0

function field(table: usize, index: i32): usize {
  return load<u32>(table + ((<usize>index) << 2))
}

/** Points this instance at the arrays of the head whose table lies at `table`. */
export function attach(table: usize): void {
  rows = <i32>field(table, 0)
  stride = field(table, 1)
  groups = <i32>field(table, 2)
  rowBins = field(table, 3)
  columnBins = field(table, 4)
  groupStart = field(table, 5)
  groupBins = field(table, 6)
  order = field(table, 7)
  spare = field(table, 8)
  packed = field(table, 9)
  tileBins = field(table, 10)
  tilePacked = field(table, 11)
  scores = field(table, 12)
  gradients = field(table, 13)
  hessians = field(table, 14)
  labels = field(table, 15)
  weights = field(table, 16)
  gains = field(table, 17)
  sums = field(table, 18)
  goesLeft = field(table, 19)
}
