import { type ChangeTable, inPlace, never } from './entry.ts';

const theirs = { notAdopted: 'rules that others made stay theirs' };

export const securityGroupChanges: ChangeTable = {
  'securityGroup.name': never(
    ['security-group'],
    'it is given at creation',
    'rename the group in the console: its name is not compared',
  ),
  'securityGroup.rules.**': inPlace(
    ['security-group', 'backend-servers'],
    'AuthorizeSecurityGroup, ModifySecurityGroupRule, RevokeSecurityGroup',
    { note: 'Only rules with our mark come and go', ...theirs },
  ),
  'securityGroup.manageAdopted': inPlace(
    ['security-group', 'backend-servers'],
    'AuthorizeSecurityGroup, RevokeSecurityGroup',
    {
      note: 'On: where DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED allows it. Off: rules of ours leave the groups of adopted servers, which others must let in what is needed',
      ...theirs,
    },
  ),
};
