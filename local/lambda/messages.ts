import type { FunctionError } from './invoke-outcome.ts';

/** What the function's process is told over IPC. One invocation at a time; `id` is its awsRequestId. */
export interface InvokeMessage {
  readonly kind: 'invoke';
  readonly id: string;
  /** JSON text, as Lambda carries it. */
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly deadlineAt: number;
}

/** What the function's process says. `payload` is JSON text. */
export type RuntimeMessage =
  | { readonly kind: 'init_done' }
  | { readonly kind: 'init_failed'; readonly error: FunctionError }
  | { readonly kind: 'result'; readonly id: string; readonly payload: string }
  | { readonly kind: 'error'; readonly id: string; readonly error: FunctionError };
