import { describe, expect, test } from 'vitest';
import { documentOf, type Json } from '../../../lab/template/document.ts';
import { type ResolveOptions, Resolver } from '../../../lab/template/intrinsics.ts';

const DOCUMENT = {
  Parameters: {
    Stage: { Type: 'String', Default: 'prod' },
    Zones: { Type: 'CommaDelimitedList', Default: 'a,b' },
    Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/path/to/image' },
    Secret: { Type: 'String' },
  },
  Mappings: { Sizes: { prod: { memory: '512' } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsDev: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'Unknown' }] },
    Unknown: { 'Fn::Equals': [{ Ref: 'Secret' }, 'x'] },
    Circle: { Condition: 'Circle' },
  },
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { 'Fn::Sub': 'pages-${Stage}' } } },
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: {} },
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'tape' } },
    Unnamed: { Type: 'AWS::Kinesis::Stream', Properties: {} },
    Other: { Type: 'AWS::EC2::Instance', Properties: {} },
  },
};

function resolved(value: Json, options: ResolveOptions = {}): Json | undefined {
  return new Resolver(documentOf(DOCUMENT)!, options).resolve(value);
}

describe('a function of CloudFormation', () => {
  test.each<[string, Json, Json]>([
    ['Ref of a parameter is its default', { Ref: 'Stage' }, 'prod'],
    ['Ref of a list is a list', { Ref: 'Zones' }, ['a', 'b']],
    ['Ref of a looked-up parameter is a placeholder', { Ref: 'Image' }, '<Image>'],
    ['Ref of a parameter without default is a placeholder', { Ref: 'Secret' }, '<Secret>'],
    ['Ref of nothing known is a placeholder', { Ref: 'Nobody' }, '<Nobody>'],
    ['Ref of a region', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref of an account', { Ref: 'AWS::AccountId' }, '123456789012'],
    ['Ref of a partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['Ref of a topic is its ARN', { Ref: 'Topic' }, 'arn:aws:sns:us-east-1:123456789012:pages-prod'],
    ['Ref of an alarm is its name', { Ref: 'Alarm' }, 'Alarm'],
    ['Ref of a stream is its name', { Ref: 'Stream' }, 'tape'],
    ['Ref of a stream without a name is a placeholder', { Ref: 'Unnamed' }, '<Unnamed>'],
    ['GetAtt of an ARN', { 'Fn::GetAtt': ['Stream', 'Arn'] }, 'arn:aws:kinesis:us-east-1:123456789012:stream/tape'],
    ['GetAtt as one text', { 'Fn::GetAtt': 'Topic.TopicName' }, 'pages-prod'],
    ['GetAtt of anything else is a placeholder', { 'Fn::GetAtt': ['Other', 'PublicIp'] }, '<Other.PublicIp>'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, { Ref: 'Secret' }]] }, 'a-prod-<Secret>'],
    [
      'Sub with names, attributes and escapes',
      { 'Fn::Sub': '${Stage}/${Alarm.Arn}/${!Kept}' },
      'prod/arn:aws:cloudwatch:us-east-1:123456789012:alarm:Alarm/${Kept}',
    ],
    [
      'Sub with its own variables',
      { 'Fn::Sub': ['${Own}-${Stage}', { Own: { Ref: 'AWS::Region' } }] },
      'us-east-1-prod',
    ],
    ['Select', { 'Fn::Select': [1, { Ref: 'Zones' }] }, 'b'],
    ['Split', { 'Fn::Split': [':', 'a:b'] }, ['a', 'b']],
    ['If that is decided', { 'Fn::If': ['IsProd', { Ref: 'Stage' }, 'no'] }, 'prod'],
    ['If that is decided against', { 'Fn::If': ['IsDev', 'yes', 'no'] }, 'no'],
    ['If over And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    ['If over Or with an unknown part', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['If that nobody can decide is a placeholder', { 'Fn::If': ['Unknown', 'yes', 'no'] }, '<If Unknown>'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] }, '512'],
    ['ImportValue is a placeholder', { 'Fn::ImportValue': 'shared' }, '<Import shared>'],
    ['NoValue is not there', { a: 1, b: { Ref: 'AWS::NoValue' }, c: [{ Ref: 'AWS::NoValue' }, 2] }, { a: 1, c: [2] }],
    ['an object that is no function stays', { Key: 'x', Ref: 'Stage' }, { Key: 'x', Ref: 'Stage' }],
  ])('%s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test('takes the parameters, region and account it is given', () => {
    const options = { parameters: { Stage: 'dev', Secret: 'x' }, region: 'eu-west-1', accountId: '210987654321' };
    expect(resolved({ Ref: 'Topic' }, options)).toBe('arn:aws:sns:eu-west-1:210987654321:pages-dev');
    expect(resolved({ 'Fn::If': ['Unknown', 'yes', 'no'] }, options)).toBe('yes');
  });
});

test('a placeholder is the same wherever and however often it is asked for', () => {
  expect(resolved({ 'Fn::GetAtt': ['Other', 'Id'] })).toBe(resolved({ 'Fn::Sub': '${Other.Id}' }));
});

test('a condition that leads to itself is not decided, and ends', () => {
  expect(new Resolver(documentOf(DOCUMENT)!).condition('Circle')).toBeUndefined();
});
