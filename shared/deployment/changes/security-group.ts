import { type ChangeTable, never } from './entry.ts';

const console = 'change it in the console: rules that are not ours are left alone';

export const securityGroupChanges: ChangeTable = {
  'securityGroup.name': never(
    ['security-group'],
    'it is given at creation',
    'rename the group in the console: its name is not compared',
  ),
  'securityGroup.rules.**': never(['security-group'], 'rules are made with the group', console),
  'securityGroup.manageAdopted': never(['security-group'], 'rules in groups of others are made once', console),
};
