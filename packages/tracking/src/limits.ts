/** What the systems can hold: MLflow's limits, which are the narrower ones. */
export const LIMITS: { readonly keyLength: number; readonly paramLength: number; readonly tagLength: number } = {
  keyLength: 250,
  paramLength: 6000,
  tagLength: 8000,
}
