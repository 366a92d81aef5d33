import { ApiError, type ParamErrors } from '../action.ts';

/** Parameters whose bad values have a code of their own; the rest answer InvalidParameter. Source: META-ECS. */
const ownCodes: [name: RegExp, code: string, status: number][] = [
  [/^SecurityGroupName$/, 'InvalidSecurityGroupName.Malformed', 400],
  [/^SecurityGroupType$/, 'InvalidParams.GroupType', 400],
  [/^InstanceName$/, 'InvalidInstanceName.Malformed', 400],
  [/^HostName$/, 'InvalidHostName.Malformed', 400],
  [/^Description$/, 'InvalidDescription.Malformed', 400],
  [/^Password$/, 'InvalidPassword.Malformed', 400],
  [/^InternetMaxBandwidthOut$/, 'InvalidInternetMaxBandwidthOut.Malformed', 400],
  [/^InternetMaxBandwidthIn$/, 'InvalidInternetMaxBandwidthIn.Malformed', 400],
  [/^MinAmount$/, 'InvalidMinAmount.Malformed', 400],
  [/^Tag$/, 'InvalidTagCount', 400],
  [/^Tag\.\d+\.Key$/, 'InvalidTagKey.Malformed', 400],
  [/^Tag\.\d+\.Value$/, 'InvalidTagValue.Malformed', 400],
  [/^ImageOwnerAlias$/, 'InvalidImageOwnerAlias.ValueNotSupported', 400],
  [/^ResourceType$/, 'InvalidResourceType.ValueNotSupported', 400],
  [/^PriceUnit$/, 'InvalidPriceUnit.ValueNotSupported', 400],
  [/^NicType$/, 'InvalidNicType.ValueNotSupported', 400],
];

export const paramErrors: ParamErrors = {
  missing: (name) =>
    new ApiError(
      name === 'RegionId' ? 'MissingParameter.RegionId' : 'MissingParameter',
      400,
      `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
    ),
  invalid: (name, why) => {
    const own = ownCodes.find(([pattern]) => pattern.test(name));
    // A name that no action knows is no bad value.
    return own === undefined || why.startsWith('is not a parameter')
      ? new ApiError('InvalidParameter', 400, `The specified parameter "${name}" ${why}.`)
      : new ApiError(own[1], own[2], `The specified parameter "${name}" is not valid: it ${why}.`);
  },
};
