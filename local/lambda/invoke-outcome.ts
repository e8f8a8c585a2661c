/** As Lambda reports an error of the function's own: the payload of a response with FunctionError set. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What one invocation came to. `payload` is the handler's result after a round through JSON. */
export type InvokeOutcome =
  | { readonly kind: 'response'; readonly payload: unknown }
  | { readonly kind: 'function_error'; readonly error: FunctionError }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'throttled' };
