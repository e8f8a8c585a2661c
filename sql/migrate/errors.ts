/** A migration that was refused or failed. The message names the file and the statement and says what was not done. */
export class MigrationError extends Error {
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'MigrationError';
  }
}
