declare module 'ml-xgboost' {
  interface Booster {
    train(rows: readonly (readonly number[])[], labels: readonly number[]): void
    predict(rows: readonly (readonly number[])[]): number[]
    free(): void
  }
  /** Resolves to the class, whose constructor takes XGBoost's parameters and `iterations`. */
  const loading: Promise<new (parameters: Readonly<Record<string, string | number>>) => Booster>
  export default loading
}
