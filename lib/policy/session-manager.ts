import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * What a host needs for a shell through Session Manager, instead of AWS's managed policy, which also reads every parameter of
 * the account. None of these actions knows a resource (AWS: "Minimum permissions for Session Manager").
 */
export function sessionManager(): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    resources: ['*'],
  });
}
