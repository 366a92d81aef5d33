import { type ErrorRow, errorTable } from '../action.ts';

const page = (status: number, message: string): ErrorRow => ({ status, message, source: 'U-RAMERR' });
const metadata = (status: number, message: string): ErrorRow => ({ status, message, source: 'META-RM' });

/**
 * Codes have an s in EntityAlreadyExists and none in EntityNotExist (P-174). Sources: U-RAMERR = the vendor's page of RAM
 * error codes, https://www.alibabacloud.com/help/en/ram/developer-reference/error-codes, in a public copy; META-RM = API
 * metadata of ResourceManager 2020-03-31, whose role and policy actions are RAM's; TF = Terraform provider code.
 */
export const refuse = errorTable({
  'InvalidParameter.RoleName.InvalidChars': page(400, 'The parameter - "RoleName" contains invalid chars.'),
  'InvalidParameter.RoleName.Length': page(400, 'The parameter - "RoleName" beyond the length limit.'),
  'InvalidParameter.PolicyName.InvalidChars': page(400, 'The parameter - "PolicyName" contains invalid chars.'),
  'InvalidParameter.PolicyName.Length': page(400, 'The parameter - "PolicyName" beyond the length limit.'),
  'InvalidParameter.PolicyType': page(400, 'The parameter - "PolicyType" is incorrect.'),
  'InvalidParameter.PolicyDocument.Length': page(400, 'The parameter - "PolicyDocument" beyond the length limit.'),
  'InvalidParameter.AssumeRolePolicyDocument.Length': metadata(
    400,
    'The maximum length of the trust policy document of the role is exceeded.',
  ),
  'InvalidParameter.Description.Length': page(400, 'The parameter - "Description" beyond the length limit.'),
  MalformedPolicyDocument: page(400, 'The policy document is malformed.'),
  'EntityNotExist.Role': page(404, 'The role does not exist.'),
  'EntityNotExist.Policy': page(404, 'The policy does not exist.'),
  'EntityNotExist.Role.Policy': {
    status: 404,
    message: 'The indicate policy of the role does not exist.',
    source: 'TF; status and text as U-RAMERR has them for EntityNotExist.User.Policy',
  },
  'EntityAlreadyExists.Role': metadata(409, 'The role already exists.'),
  'EntityAlreadyExists.Policy': page(409, 'The policy does already EXIST.'),
  'EntityAlreadyExists.Role.Policy': {
    status: 409,
    message: 'The role has already been attached this policy.',
    source: 'S-EAE; status and text as U-RAMERR has them for EntityAlreadyExists.User.Policy',
  },
  'DeleteConflict.Role.Policy': page(409, 'The role CAN NOT has any attached policy while deleting the role.'),
  'DeleteConflict.Policy.Version': page(409, 'The policy CAN NOT has any version except the default version.'),
  'LimitExceeded.Policy.Version': page(409, 'The count of policy version beyond the current limits.'),
  'NotAllowed.ServiceLinkedRole': {
    status: 409,
    message: 'A service-linked role cannot be changed or deleted here.',
    source: 'inf: the page of DeleteRole forbids it and names no code',
  },
});
