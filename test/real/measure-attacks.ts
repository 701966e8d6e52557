/**
 * Measures which of the known attacks in the CloudTrail and Windows logs the shipped rules find.
 *
 * CloudTrail: the tool that ran the attacks signs its calls in the user agent, which no rule reads. That is the label: a
 * technique is found when one of its signed calls took part in an alert. Alerts without such a call are about the tool's
 * setup and cleanup (Terraform) or about people, and count as wrong.
 * Windows: each recording is one attack; it is found when an alert has evidence from that recording.
 */
import type { RuleSet } from '../../engine/core/rule.ts';
import { run, tookPart, type Matched, type Run } from './run.ts';

export type AttackScore = {
  readonly run: Run;
  readonly found: readonly string[];
  readonly missed: readonly string[];
  readonly right: number;
};

/** The techniques that were run, and the calls that identify each. */
const techniques: Readonly<Record<string, readonly string[]>> = {
  'retrieve EC2 password data': ['GetPasswordData'],
  'steal instance credentials': ['GetCommandInvocation', 'SendCommand'],
  'retrieve secrets': ['GetSecretValue'],
  'retrieve parameters': ['GetParameters'],
  'delete trail': ['DeleteTrail'],
  'disable management events': ['PutEventSelectors'],
  'expire logs by lifecycle': ['PutBucketLifecycle'],
  'stop trail': ['StopLogging'],
  'leave organisation': ['LeaveOrganization'],
  'delete flow logs': ['DeleteFlowLogs'],
  'read user data of instances': ['DescribeInstanceAttribute'],
  'launch unusual instances': ['RunInstances'],
  'open SSH to the internet': ['AuthorizeSecurityGroupIngress'],
  'share image': ['ModifyImageAttribute'],
  'share disk snapshot': ['ModifySnapshotAttribute'],
  'share database snapshot': ['ModifyDBSnapshotAttribute'],
  'open bucket to another account': ['PutBucketPolicy'],
  'console login without second factor': ['ConsoleLogin'],
  'backdoor a role': ['UpdateAssumeRolePolicy'],
  'backdoor a user': ['CreateAccessKey'],
  'create an administrator': ['AttachUserPolicy'],
  'create a login profile': ['CreateLoginProfile'],
  'open a function to everybody': ['AddPermission20150331v2'],
  'replace code of a function': ['UpdateFunctionCode20150331v2'],
  'trust an outside authority': ['CreateTrustAnchor'],
};

const signed = ({ event }: Matched): boolean => /^\[?stratus-red-team_/.test(String(event.raw['userAgent']));

export async function measureCloudtrail(ruleset: RuleSet): Promise<AttackScore> {
  const matched: Matched[] = [];
  const result = await run('cloudtrail', ruleset, (event, rules) => {
    if (rules.length > 0) matched.push({ event, rules });
  });
  const attacks = matched.filter(signed);
  const caught = attacks.filter((attack) => result.alerts.some((alert) => tookPart(attack, alert)));
  const calls = new Set(caught.map(({ event }) => String(event.raw['eventName'])));
  const names = Object.keys(techniques);
  const isFound = (name: string): boolean => techniques[name]!.some((call) => calls.has(call));
  return {
    run: result,
    found: names.filter(isFound),
    missed: names.filter((name) => !isFound(name)),
    right: result.alerts.filter((alert) => attacks.some((attack) => tookPart(attack, alert))).length,
  };
}

export async function measureWindows(ruleset: RuleSet): Promise<AttackScore> {
  const recordings = new Set<string>();
  const result = await run('windows', ruleset, ({ raw }) => void recordings.add(String(raw['_dataset'])));
  const found = new Set(result.alerts.flatMap((alert) => alert.events.map((event) => String(event['_dataset']))));
  return {
    run: result,
    found: [...recordings].filter((name) => found.has(name)),
    missed: [...recordings].filter((name) => !found.has(name)),
    right: result.alerts.length,
  };
}
