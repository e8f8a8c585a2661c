import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** The value of one secret. Its ARN is known without the six characters that Secrets Manager puts behind the name. */
export function mayReadSecret(secret: ISecret): PolicyStatement {
  return new PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'],
    resources: [`${secret.secretArn}-??????`],
  });
}
