import { z } from 'zod';

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
  .superRefine(({ availabilityZones, publicSubnetIds, privateSubnetIds }, context) => {
    if ((publicSubnetIds === undefined) === (privateSubnetIds === undefined)) {
      context.addIssue({ code: 'custom', path: ['publicSubnetIds'], message: 'give these or privateSubnetIds' });
    }
    const ids = publicSubnetIds ?? privateSubnetIds ?? [];
    if (ids.length > 0 && ids.length !== availabilityZones.length) {
      const message = `${availabilityZones.length} for ${ids.length} subnets: one zone a subnet`;
      context.addIssue({ code: 'custom', path: ['availabilityZones'], message });
    }
  });

/** Two zones with a public subnet each, and no NAT gateway. */
const create = z.strictObject({
  kind: z.literal('create'),
  cidr: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|2[0-4])$/, { error: 'must be a range of /16 to /24, as 10.20.0.0/24' })
    .default('10.20.0.0/24'),
});

/** Where the streamer stands. A VPC of our own only where it is asked for. */
export const network = z.discriminatedUnion('kind', [given, create]);

export type NetworkSettings = z.output<typeof network>;
