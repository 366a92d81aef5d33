import { type ErrorRow, errorTable } from '../action.ts';

const metadata = (status: number, message: string): ErrorRow => ({ status, message, source: 'META-RM' });

/** Sources: META-RM = vendor API metadata of 2024-07. */
export const refuse = errorTable({
  'EntityNotExist.Service': metadata(404, 'The service does not exist.'),
  'EntityNotExist.Role': metadata(404, 'The role does not exist.'),
  'EntityAlreadyExists.Role': metadata(409, 'The role already exists.'),
  'InvalidParameter.CustomSuffix.NotAllowed': metadata(
    400,
    'Custom suffix is not allowed for this Service Linked Role.',
  ),
  'InvalidParameter.Description.NotAllowed': metadata(
    400,
    'Custom description is not allowed for default service linked role.',
  ),
  'InvalidParameter.RoleName.InvalidChars': metadata(400, 'The specified role name contains invalid characters.'),
  'InvalidParameter.RoleName.Length': metadata(400, 'The maximum length of the role name is exceeded.'),
});
