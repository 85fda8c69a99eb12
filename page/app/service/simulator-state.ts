/** The part of the simulator's state that the page shows. */
export interface SimulatorState {
  readonly settings: {
    readonly apiKeys: readonly string[];
    readonly credits: number;
    readonly permission: boolean;
    readonly generation: { readonly durationMs: number; readonly outcome: { readonly status: string } };
  };
  /** Paid calls that arrived. */
  readonly received: number;
  /** Paid calls that were accepted, so that they were charged. */
  readonly charges: number;
  /** Paid calls that were answered and not charged. */
  readonly rejected: number;
  readonly faults: readonly SimulatorFault[];
}

export interface SimulatorFault {
  readonly kind: string;
  readonly when: string;
  readonly times: number | 'until_cleared';
  readonly code?: number;
  readonly status?: number;
}

/** Changes the simulator: `PATCH /settings`, `POST /faults`, `DELETE /faults`, `POST /reset`. */
export type Control = (method: string, path: string, body?: unknown) => Promise<void>;
