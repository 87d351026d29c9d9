declare module 'ml-knn' {
  /** A k-nearest-neighbours classifier on a k-d tree. */
  export default class KNN {
    constructor(points: number[][], labels: number[], options?: { readonly k?: number })
    predict(point: number[]): number
    predict(points: number[][]): number[]
  }
}
