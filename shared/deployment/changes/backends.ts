import { type ChangeTable, inPlace, never, onlyOurs } from './entry.ts';

/** The ports to open follow from the servers. */
const all = ['instances', 'security-group', 'backend-servers', 'health', 'verify'] as const;

/** Cloud-init has its say once, so what it wrote stays until another server takes the place. */
const anotherServer = 'give the new server another name: it is added, and the old one removed';
const once = 'a server keeps what it was made with';

const forNewServers = {
  note: 'Holds for servers that are made from then on; those that exist stay as they are. Give a server another name to have it replaced.',
  ...onlyOurs,
};

export const backendChanges: ChangeTable = {
  backends: inPlace(all, 'RunInstances, AddServersToServerGroup; RemoveServersFromServerGroup, DeleteInstances', {
    note: 'The list of all servers that are wanted: of one that is there, its name and what changes; one left out is removed.',
    notAdopted: 'servers that others have added are left alone',
  }),
  'backends.*.name': inPlace(all, 'as `backends`: another name is another server', onlyOurs),
  'backends.*.weight': inPlace(['backend-servers', 'instances', 'verify'], 'UpdateServerGroupServersAttribute'),
  'backends.*.family': never(all, once, anotherServer),
  'backends.*.port': never(all, once, anotherServer),
  'backends.*.page': never(all, once, anotherServer),
  'backends.*.zoneId': never(all, once, anotherServer),
  'backends.*.instanceId': never(all, 'a name stands for one instance', anotherServer),
  'instances.instanceType': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.imageFamily': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.systemDiskCategory': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.systemDiskSizeGib': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.systemDiskEncrypted': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.systemDiskKmsKeyId': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.metadata.httpTokens': inPlace([], 'RunInstances of new servers', forNewServers),
  'instances.configureIpv6': inPlace(
    [],
    'RunCommand, once servers stay unhealthy without an IPv6 address inside',
    onlyOurs,
  ),
};
