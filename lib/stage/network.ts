import { z } from 'zod';
import { whenRead } from '../../core/contract/environment.ts';

const subnets = z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(1);

const given = z
  .strictObject({
    kind: z.literal('given'),
    vpcId: z.string().regex(/^vpc-[0-9a-f]+$/),
    /** Of the subnets, in their order: nothing is looked up, so that synth needs no account. */
    availabilityZones: z.array(z.string().min(1)).min(1),
    /** With a route to an internet gateway: what runs there gets a public address and takes no inbound connection. */
    publicSubnetIds: subnets.optional(),
    /** With a route to a NAT gateway. */
    privateSubnetIds: subnets.optional(),
  })
  .refine((given) => (given.publicSubnetIds === undefined) !== (given.privateSubnetIds === undefined), {
    path: ['publicSubnetIds'],
    error: 'give these or privateSubnetIds',
    when: whenRead(),
  })
  .refine(
    ({ availabilityZones, publicSubnetIds, privateSubnetIds }) => {
      const ids = publicSubnetIds ?? privateSubnetIds;
      return ids === undefined || ids.length === availabilityZones.length;
    },
    {
      path: ['availabilityZones'],
      error: 'must be as many as there are subnets: one zone a subnet',
      when: whenRead('availabilityZones', 'publicSubnetIds', 'privateSubnetIds'),
    },
  );

const NO_RANGE = { error: 'must be a range of /16 to /24, as 10.20.0.0/24' };

/** Two zones with a public subnet each, and no NAT gateway. */
const create = z.strictObject({
  kind: z.literal('create'),
  cidr: z
    .cidrv4({ ...NO_RANGE, abort: true })
    .regex(/\/(1[6-9]|2[0-4])$/, NO_RANGE)
    .default('10.20.0.0/24'),
});

/** Where the streamer stands. A VPC of our own only where it is asked for. */
export const network = z.discriminatedUnion('kind', [given, create], {
  error: ({ input }) => (input === undefined ? undefined : 'must be given or create'),
});

export type NetworkSettings = z.output<typeof network>;
