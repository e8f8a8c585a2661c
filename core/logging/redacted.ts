import type { WriteEvent } from './event-log.ts';
import type { Redactor } from './redact.ts';

/** A writer whose lines hold no secret, whatever a caller put into a field: the last guard before a line is printed. */
export function redactedWriter(write: WriteEvent, redactor: Redactor): WriteEvent {
  return (level, event, fields) => {
    const text = JSON.stringify(fields);
    const cleaned = redactor.clean(text);
    write(level, event, cleaned === text ? fields : parsed(cleaned, event));
  };
}

/** Should a replacement ever break the JSON, the line keeps its name and loses its fields rather than leak. */
function parsed(text: string, event: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { event, detail: 'the fields were left out: they held a secret' };
  }
}
