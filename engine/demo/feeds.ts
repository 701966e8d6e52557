/**
 * The ten sources, each with its own field names, id field and time format, which is what `rules/datasets/*.yaml` and
 * `group-by` per step are for. Events do not name their dataset; the mappings recognise them.
 */
import type { JsonObject } from '../core/event.ts';
import type { Customer, Employee, Shop } from './population.ts';
import type { Planned } from './planned.ts';
import { own } from '../core/util/own.ts';

export type TransactionKind = 'card_payment' | 'transfer' | 'payout' | 'refund' | 'withdrawal' | 'cash_deposit';
export type Place = { readonly ip: string; readonly device: string };

type CardPayment = { readonly cents: number; readonly shop: Shop; readonly declined?: boolean; readonly place?: Place };
type Money = {
  readonly cents: number;
  readonly to?: string;
  readonly toNew?: boolean;
  readonly toAgeDays?: number;
  readonly releasedBy?: string;
  readonly place?: Place;
};
type Login = Place & {
  readonly failed?: boolean;
  readonly country?: string;
  readonly newCountry?: boolean;
  readonly newDevice?: boolean;
  readonly idleDays?: number;
};
type Change = { readonly employee?: string; readonly account?: string; readonly target?: string; readonly place?: Place };
type Web = {
  readonly client: string;
  readonly backend: string;
  readonly blocked?: boolean;
  readonly attack?: string;
  readonly path?: string;
};
type Person = Pick<Customer, 'no' | 'account' | 'card' | 'country'>;

export type Feeds = ReturnType<typeof feeds>;

export function feeds() {
  const numbers = new Map<string, number>();
  const iso = (at: number): string => new Date(at).toISOString();

  function planned(at: number, prefix: string, write: (id: string) => JsonObject): Planned {
    const number = (numbers.get(prefix) ?? 0) + 1;
    numbers.set(prefix, number);
    const id = `${prefix}-${String(number).padStart(7, '0')}`;
    return { at, id, event: write(id) };
  }

  const payment = (at: number, kind: TransactionKind, fields: JsonObject): Planned =>
    planned(at, 'pay', (paymentId) => ({ paymentId, bookedAt: iso(at), kind, ...fields }));

  return {
    cardPayment: (at: number, who: Person, { cents, shop, declined = false, place }: CardPayment): Planned =>
      payment(at, 'card_payment', {
        customerNo: who.no,
        cardToken: who.card,
        cents,
        result: declined ? 'declined' : 'approved',
        shop: { name: shop.name, category: shop.category },
        ...online(place),
      }),
    money: (
      at: number,
      kind: Exclude<TransactionKind, 'card_payment'>,
      who: Person,
      { cents, to, toNew = false, toAgeDays, releasedBy, place }: Money,
    ) =>
      payment(at, kind, {
        customerNo: who.no,
        accountNo: who.account,
        ...(kind === 'cash_deposit' || kind === 'refund' ? {} : { debitAccount: who.account }),
        cents,
        result: 'approved',
        ...(to === undefined
          ? {}
          : { beneficiary: { account: to, isNew: toNew, ...(toAgeDays === undefined ? {} : { accountAgeDays: toAgeDays }) } }),
        ...(releasedBy === undefined ? {} : { releasedBy }),
        ...online(place),
      }),
    login: (at: number, who: Person, login: Login): Planned =>
      planned(at, 'log', (loginId) => ({
        loginId,
        loginAt: at,
        customer: who.no,
        outcome: login.failed === true ? 'failure' : 'success',
        remote: { ip: login.ip, country: login.country ?? who.country, newCountry: login.newCountry ?? false },
        device: { print: login.device, isNew: login.newDevice ?? false },
        daysSinceLast: login.idleDays ?? 1,
      })),
    change: (at: number, what: string, who: Pick<Person, 'no'> | undefined, { employee, account, target, place }: Change = {}): Planned =>
      planned(at, 'chg', (change_no) => ({
        change_no,
        changed_at: iso(at),
        change: what,
        ...(who === undefined ? {} : { customer_no: who.no }),
        ...(employee === undefined ? {} : { employee_no: employee }),
        ...(account === undefined ? {} : { account_no: account }),
        ...(target === undefined ? {} : { target_account: target }),
        ...(place === undefined ? {} : { ip: place.ip, device_id: place.device }),
      })),
    /** This service records whole seconds. */
    factor: (at: number, who: { readonly no: string; readonly mail?: string }, ok: boolean): Planned =>
      planned(Math.floor(at / 1000) * 1000, 'mfa', (txn) => ({
        txn,
        iat: Math.floor(at / 1000),
        amr: 'push',
        sub: who.no,
        ...(who.mail === undefined ? {} : { mail: who.mail }),
        status: ok ? 'success' : 'failure',
      })),
    web: (at: number, { client, backend, blocked = false, attack, path = '/' }: Web): Planned =>
      planned(at, 'req', (requestId) => ({
        requestId,
        receivedAt: iso(at),
        clientAddress: client,
        backend,
        uri: path,
        verdict: blocked ? 'block' : 'allow',
        ...(attack === undefined ? {} : { attackClass: attack }),
      })),
    vpn: (at: number, who: Employee, what: 'connect' | 'disconnect', ip: string, country: string, isNew = false): Planned =>
      planned(at, 'vpn', (session_event) => ({
        session_event,
        event_time: iso(at),
        what,
        login: who.mail,
        peer_ip: ip,
        peer_country: country,
        peer_country_new: isNew,
      })),
    sso: (at: number, who: Employee, ip: string, country: string): Planned =>
      planned(at, 'sso', (uuid) => ({
        uuid,
        published: iso(at),
        eventType: 'sso',
        result: 'success',
        actor: who.mail,
        client: { ip, country },
      })),
    checkin: (at: number, who: Employee): Planned =>
      planned(at, 'agt', (evtId) => ({ evtId, ts: at, evtType: 'agent-checkin', computer: who.computer, assignedTo: who.mail })),
    process: (at: number, computer: string, image: string, parentImage: string): Planned =>
      planned(at, 'agt', (evtId) => ({ evtId, ts: at, evtType: 'process-start', computer, image, parentImage })),
    finding: (at: number, owner: string, computer: string, score: number, threat: string): Planned =>
      planned(at, 'edr', (id) => ({ detection: { id, at: iso(at), score, threat }, asset: { name: computer, owner } })),
    cloud: (at: number, who: Employee, call: string, ip: string, more: JsonObject = {}): Planned =>
      planned(at, 'aws', (eventID) => ({
        eventID,
        eventTime: iso(at),
        eventSource: `${own(services, call) ?? 'ec2'}.amazonaws.com`,
        eventName: call,
        awsRegion: 'eu-central-1',
        sourceIPAddress: ip,
        userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::123456789012:user/${who.mail}`, userName: who.mail },
        ...more,
      })),
  };
}

const services: Readonly<Record<string, string>> = {
  ConsoleLogin: 'signin',
  CreateAccessKey: 'iam',
  ListUsers: 'iam',
  StartExportTask: 'rds',
  CopyDBSnapshot: 'rds',
  DescribeDBInstances: 'rds',
};

const online = (place: Place | undefined): JsonObject => (place === undefined ? {} : { clientIp: place.ip, deviceId: place.device });

/** The id fields of the feeds. A test compares them with `rules/datasets/`. */
const idKeys = ['paymentId', 'loginId', 'change_no', 'txn', 'requestId', 'session_event', 'uuid', 'evtId', 'eventID'];

/** The id of an event; undefined if it is not from one of these feeds. */
export function idOf(event: JsonObject): string | undefined {
  const detection = event['detection'] as { readonly id?: unknown } | undefined;
  const id = detection?.id ?? own(event, idKeys.find((key) => Object.hasOwn(event, key)) ?? '');
  return typeof id === 'string' ? id : undefined;
}
