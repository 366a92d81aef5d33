import { errorTable } from '../../action.ts';

/**
 * The product has no public list of codes for this API, so most are inferred; whoever calls it should look with GetInstance
 * first. TF = Terraform provider, alicloud/service_alicloud_ots.go; DOC = "Create an instance",
 * https://www.alibabacloud.com/help/en/tablestore/table-store-service/create-a-tablestore-instance (both read 2026-11-29).
 */
export const refuse = errorTable({
  AuthFailed: { status: 403, message: 'You are not authorized to do this.', source: 'DOC' },
  NotFound: { status: 404, message: 'The instance does not exist.', source: 'TF; status inf' },
  InstanceAlreadyExists: { status: 409, message: 'The instance exists already.', source: 'inf' },
  InstanceNotEmpty: { status: 409, message: 'The instance still has tables.', source: 'inf' },
  InvalidParameter: { status: 400, message: 'A parameter is invalid:', source: 'inf' },
  PathNotFound: { status: 404, message: 'The embedded cloud does not emulate', source: 'ours' },
  QuotaExceeded: { status: 403, message: 'The account has 10 instances already.', source: 'inf' },
});
