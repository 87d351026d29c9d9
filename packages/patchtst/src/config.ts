/** The heads of a model: at least one. */
export interface Tasks {
  /** Break (1) or bounce (0), by cross entropy. */
  readonly direction?: boolean
  /** Signed excursion in $, by smooth L1. */
  readonly strength?: boolean
  /** For each curve (a threshold), the chance to reach it by each horizon, through hazards of the intervals between. */
  readonly reach?: ReachTask
  /** This many steps ahead of each channel, by squared error: the paper's head. */
  readonly forecast?: number
  /** Hidden patches as they were, by squared error: the head of pre-training. */
  readonly reconstruct?: boolean
}

/** Curves of reach over the same horizons. */
export interface ReachTask {
  /** Names, such as '$1'. */
  readonly curves: readonly string[]
  /** Ends of the intervals in seconds, rising. */
  readonly horizons: readonly number[]
}

/** How the network is built. */
export interface ModelOptions {
  /** Steps of a patch. Default 16. */
  readonly patchLength?: number
  /** Steps from one patch to the next. Default 8. */
  readonly stride?: number
  /** Whether the last value is repeated for one more patch at the end, as in the paper. Default true. */
  readonly endPadding?: boolean
  /** Default 4. */
  readonly layers?: number
  /** Width of a token. Default 128. */
  readonly width?: number
  /** Attention heads; divides the width. Default 4. */
  readonly heads?: number
  /** Width of the feed-forward layer. Default 256. */
  readonly feedForward?: number
  /** Of the embedding, the hidden feed-forward layer and both residual branches, in [0, 1). Default 0.1. */
  readonly dropout?: number
  /** Of attention weights, in [0, 1). Default 0. */
  readonly attentionDropout?: number
  /** Of what the heads see, in [0, 1). Default 0. */
  readonly headDropout?: number
  /** 'batch' as in the paper, or 'layer'. Default 'batch'. */
  readonly norm?: 'batch' | 'layer'
  /** Whether a layer's attention scores are added to the next one's, as in the paper. Default true. */
  readonly residualAttention?: boolean
  /** Whether each channel of a sample is brought to mean 0 and deviation 1 over its observed steps. Default true. */
  readonly instanceNorm?: boolean
  /** Whether instance normalisation has a learnt scale and shift a channel. Default false. */
  readonly instanceAffine?: boolean
  /** Width of the layer in which pooled channels meet the statics. Default: `width`. */
  readonly headWidth?: number
}

/** A network in full: what its weights mean. */
export interface PatchTstConfig extends Required<ModelOptions> {
  readonly length: number
  readonly channels: number
  readonly channelNames: readonly string[]
  readonly statics: number
  readonly staticNames: readonly string[]
  readonly tasks: Tasks
}

/** Values where none is given. */
export const MODEL_DEFAULTS: Required<Omit<ModelOptions, 'headWidth'>> = {
  patchLength: 16,
  stride: 8,
  endPadding: true,
  layers: 4,
  width: 128,
  heads: 4,
  feedForward: 256,
  dropout: 0.1,
  attentionDropout: 0,
  headDropout: 0,
  norm: 'batch',
  residualAttention: true,
  instanceNorm: true,
  instanceAffine: false,
}
