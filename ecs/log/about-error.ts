/** Bounds one line, whatever a message holds. */
const MESSAGE_MAX_CHARS = 300;

/** The fields by which an event says which error of Node it was. */
export function aboutError(error: NodeJS.ErrnoException) {
  const exception_msg = error.message.replaceAll(/\s+/g, ' ').slice(0, MESSAGE_MAX_CHARS);
  return { exception_type: error.code ?? error.name, exception_msg };
}
