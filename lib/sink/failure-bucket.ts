import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../policy/acknowledge.ts';

/** Long enough to be delivered again by hand after a holiday; it holds what is nowhere else. */
const KEEP_DAYS = 90;

/** Batches that the event source gave up, with their payload (a queue would only get their numbers). Stays when the stack goes. */
export class FailureBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(KEEP_DAYS), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.bucket, 'S1', 'Only Lambda writes here and only people read: CloudTrail tells of both.');
  }

  /**
   * The event source's failure destination. CDK's own would let the function read and delete too; here it may write into
   * this bucket, and only while the bucket is ours: a deleted bucket's name may be taken by another account.
   */
  destinationFor(role: Role): IEventSourceDlq {
    const { logicalId } = this.bucket.node.defaultChild as CfnBucket;
    const reason = 'The event source names its objects itself; they are below this prefix of one bucket.';
    acknowledge(role, 'IAM5', reason, `Resource::<${Stack.of(this).resolve(logicalId)}.Arn>/aws/lambda/*`);
    const isOurs = { StringEquals: { 's3:ResourceAccount': Stack.of(this).account } };
    return {
      bind: () => {
        role.addToPolicy(
          new PolicyStatement({
            actions: ['s3:PutObject'],
            resources: [this.bucket.arnForObjects('aws/lambda/*')],
            conditions: isOurs,
          }),
        );
        role.addToPolicy(
          new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn], conditions: isOurs }),
        );
        return { destination: this.bucket.bucketArn };
      },
    };
  }
}
