import { type CodeRow, retry, wait } from './code-row.ts';

/** The first call with this token has not ended: the repeat must bear the same one. */
const tokenRuns = (code: string, source: string): CodeRow => wait(code, source, { rotatesToken: false });

const releaseUsers = 'Release what still uses it; the message or the console names it.';

/** Refusals that pass: single codes, and the words by which the vendor names what will be otherwise later. */
export const passingRows: readonly CodeRow[] = [
  tokenRuns('IdempotentProcessing', 'META-ECS'),
  tokenRuns('IdempotenceProcessing', 'TF-LB'),
  tokenRuns('TOKEN_PROCESSING', 'META-VPC'),
  tokenRuns('LastTokenProcessing', 'TF-VPC'),
  tokenRuns('OperationFailed.LastTokenProcessing', 'TF-VPC'),
  tokenRuns('OperationFailed.IdempotentTokenProcessing', 'TF-VSW'),

  // Busy or not ready.
  wait('InvalidStatus.RouteEntry', 'META-VPC'),
  wait('InvalidStatus.ResourceGroup', 'META-ECS'),
  wait('VipStatusNotSupport', 'TF-LB'),
  wait('OperationDenied.OtherSubnetCreating', 'META-VPC'),
  wait('OperationDenied.OtherSubnetProcessing', 'META-VPC'),
  wait('OperationDenied.EniStatusNotSupport', 'META-ALB'),
  wait('OperationFailed.DistibuteLock', 'TF-VSW'),
  wait('OperationDenied', 'META-VPC', { actions: 'DeleteVpc' }),
  // Its disks are not as they must be to start or to stop.
  wait('DiskError', 'META-ECS'),
  // The next look finds the one that is there.
  wait('OperationUnsupported.OnlyOneIpv6GatewayInVpc', 'META-VPC'),
  wait('InvalidOperation.InvalidEniState', 'META-ECS'),
  wait('InvalidOperation.InvalidEcsState', 'META-ECS'),
  wait('-21020', 'TF-LSN'),
  wait('-22031', 'TF-LSN'),
  wait('-22001', 'TF-LSN'),
  wait('-21013', 'TF-RUL'),
  wait('RecordForbidden.DNSChange', 'TF-DNS'),
  wait('LastOperationNotFinished', 'TF-DNS'),

  // On deletes: what depends on it goes a little later.
  wait('DependencyViolation*', 'META-VPC, META-ECS', { actions: 'Delete*', remedy: releaseUsers }),
  wait('OperationDenied.VpcPeerExists', 'META-VPC', { actions: 'DeleteVpc', remedy: releaseUsers }),
  // "Active custom route in vpc."
  wait('Forbbiden', 'META-VPC', { actions: 'DeleteVpc', remedy: releaseUsers }),
  wait('ResourceInUse.ServerGroup', 'TF-SG'),
  wait('ResourceInUse.Listener', 'META-ALB'),
  wait('OperationFailed.Ipv6InstanceExist', 'META-VPC'),
  wait('OperationFailed.Ipv6GatewayInUse', 'META-VPC'),
  wait('OperationFailed.IpV6VSwitchInuse', 'META-VPC'),

  // The service, or the way to it, is in trouble.
  retry('InstanceNotReady', 'META-ECS'),
  retry('UnknownError', 'TF-VPC, U-DNSADD'),
  retry('InvokeError', 'META-VPC'),
  retry('OperationDenied.ResourceControl', 'META-ECS'),
  retry('OperationFailed.NotifyCenCreate', 'META-VPC, TF-VSW'),
  retry('OperationFailed.QueryCenIpv6Status', 'META-VPC'),
  retry('OperationFailed.ResourceGroupStatusCheckFail', 'TF-SG'),
  // Signed before a long stop of the instance or the network; the repeat is signed anew.
  retry('InvalidTimeStamp.Expired', 'META-*', { remedy: 'Set the clock of the machine.' }),
  // The next invocation has new credentials: Function Compute replaces them, and every client is built anew from its context.
  retry('InvalidSecurityToken.Expired', 'META-*', {
    remedy: 'Give the caller new temporary credentials: those that it sent have expired.',
  }),
  retry('UnreadableAnswer', 'ours'),
  retry('ConnectionFailed', 'ours'),
  retry('Timeout', 'ours'),
  retry('UnexpectedFailure', 'ours'),

  // Words, wherever in the code they stand.
  retry('*Throttling*', 'TF-ERR, U-DNSERR'),
  retry('*Unavailable*', 'TF-ERR, META-ECS'),
  retry('*Busy*', 'TF-LB, TF-VPC, META-VPC'),
  retry('*InternalError*', 'TF-DNS, META-ECS'),
  retry('*LockFailed*', 'META-ALB'),
  retry('*FlowControl*', 'inf'),
  retry('*TryLater*', 'inf'),
  retry('*TryAgain*', 'inf'),
  wait('*Incorrect*Status*', 'TF-LB, TF-VPC, TF-VSW, TF-ECS, META-VPC'),
  wait('*InConfiguring*', 'TF-LSN'),
  wait('*CreatingConflict*', 'META-ECS'),
  wait('*Unstable*', 'META-VPC'),
  wait('*Repairing*', 'META-ECS'),
  wait('*TaskConflict*', 'TF-VPC'),
  wait('*OperationConflict*', 'TF-VPC, TF-ENI'),
  wait('*ResourceNotReady*', 'inf'),
  wait('*Initializing*', 'inf'),
  wait('*NotFinished*', 'inf'),
  tokenRuns('*Processing*', 'inf'),
];
