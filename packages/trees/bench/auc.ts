/** Area under the ROC curve by the rank sum; equal scores share their mean rank. NaN where one class is missing. */
export function auc(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).toSorted(
    (a, b) => (scores[a] ?? 0) - (scores[b] ?? 0),
  )
  let rankSum = 0
  let ones = 0
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to++
    for (let i = from; i < to; i++) {
      if (labels[order[i] ?? 0] !== 1) continue
      ones++
      rankSum += (from + 1 + to) / 2
    }
    from = to
  }
  return (rankSum - (ones * (ones + 1)) / 2) / (ones * (order.length - ones))
}
