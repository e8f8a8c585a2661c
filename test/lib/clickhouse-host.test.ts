import { spawnSync } from 'node:child_process';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { hostCommands } from '../../lib/warehouse/host-commands.ts';
import { containerEnvironment, functionEnvironment, resourceOf, resourcesOf, synthesized } from './synthesized.ts';

const CLICKHOUSE = {
  user: 'tape',
  passwordSecret: 'kalshi-tape/dev/clickhouse',
  host: { imageId: 'ami-0123456789abcdef0', dataGiB: 50 },
};
const template = synthesized('dev', { clickhouse: CLICKHOUSE });

describe('a ClickHouse host', () => {
  test('is there only where a stage asks for it', () => {
    expect(resourcesOf(synthesized('dev'), 'AWS::EC2::Instance')).toEqual([]);
    expect(resourcesOf(template, 'AWS::EC2::Instance')).toHaveLength(1);
  });

  test('has its data on an encrypted volume that stays when the stack goes', () => {
    template.hasResource('AWS::EC2::Volume', {
      Properties: { Encrypted: true, Size: 50, VolumeType: 'gp3' },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    template.resourceCountIs('AWS::EC2::VolumeAttachment', 1);
    template.hasResourceProperties('AWS::EC2::Instance', {
      BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
      ImageId: 'ami-0123456789abcdef0',
      KeyName: Match.absent(),
      DisableApiTermination: true,
    });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required' } },
    });
  });

  test('lets the functions in by its HTTP port and nobody else', () => {
    const rules = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress');
    expect(rules.map(({ Properties }) => Properties['ToPort']).sort()).toEqual([443, 8_123]);
    for (const { Properties } of rules) {
      expect(JSON.stringify(Properties['SourceSecurityGroupId'])).toContain('ClickHouseHostFunctions');
      expect(Properties['CidrIp']).toBeUndefined();
    }
    for (const { Properties } of resourcesOf(template, 'AWS::EC2::SecurityGroup')) {
      expect(Properties['SecurityGroupIngress']).toBeUndefined();
    }
  });

  test('is where the functions stand, with a way to their password', () => {
    for (const part of ['Sink', 'Probe']) {
      const { Properties } = resourceOf(template, 'AWS::Lambda::Function', part);
      expect(JSON.stringify(Properties['VpcConfig'])).toContain('ClickHouseHostFunctions');
      template.hasResourceProperties('AWS::IAM::Policy', {
        Roles: [{ Ref: Match.stringLikeRegexp(`${part}Role`) }],
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Action: Match.arrayWith(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']) }),
          ]),
        },
      });
      expect(functionEnvironment(template, part)['AWS_ENDPOINT_URL_SECRETS_MANAGER']).toMatch(
        /^https:\/\/.*DnsEntries/,
      );
      expect(functionEnvironment(template, part)['CLICKHOUSE_URL']).toBe('http://10.20.0.9:8123');
    }
    expect(containerEnvironment(template)['CLICKHOUSE_URL']).toBe('http://10.20.0.9:8123');
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Interface',
      // Else the streamer and the server would be sent there too, and not let in.
      PrivateDnsEnabled: false,
    });
  });

  test('is set up by commands that a shell reads, which name no password', () => {
    const facts = {
      region: 'us-east-1',
      database: 'kalshi',
      user: 'tape',
      passwordSecretArn: 'arn:aws:secretsmanager:x',
    };
    const script = hostCommands(facts).join('\n');
    const checked = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
    // The volume is formatted only where it holds nothing.
    expect(script).toMatch(/blkid \S+ >\/dev\/null \|\| mkfs/);
    expect(script).not.toContain('password>');
  });
});
