import { createHash, timingSafeEqual } from 'node:crypto';
import { fault } from './errors.ts';

const USER = 'default';

/** There is one user. Without a configured password any is accepted, as for a server's user with no_password. Throws 516. */
export function checkCredentials(
  given: { readonly user: string; readonly password: string },
  password: string | undefined,
): void {
  const passwordFits =
    password === undefined || password === '' || timingSafeEqual(digest(given.password), digest(password));
  if (given.user === USER && passwordFits) return;
  throw fault(
    'AUTHENTICATION_FAILED',
    `${given.user}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
