import { z } from 'zod';

/**
 * A secret's name in Secrets Manager. Names like `kalshi-AbC123` are refused: Secrets Manager takes a hyphen and six
 * characters at the end for the part of an ARN that it makes itself, and does not find the secret (AWS: "GetSecretValue").
 */
export const secretName = z
  .string()
  .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/)
  .refine((name) => !/-[A-Za-z0-9]{6}$/.test(name), {
    error: 'must not end with a hyphen and six characters: Secrets Manager takes that for the end of an ARN',
  });
