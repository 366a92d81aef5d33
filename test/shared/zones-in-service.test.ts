import { describe, expect, it } from 'vitest';
import {
  addressesOutOfService,
  areAllOut,
  sameZones,
  zonesInService,
  type ZoneState,
} from '../../shared/zones-in-service.ts';

const zone = (zoneId: string, more: Partial<ZoneState> = {}): ZoneState => ({
  zoneId,
  status: 'Active',
  ipv4Address: `10.0.0.${zoneId.length}`,
  ipv6Address: `2408::${zoneId}`,
  ipv4Health: 'Healthy',
  ipv6Health: 'Healthy',
  ...more,
});
const a = zone('a');

describe('ZonesInService', () => {
  it.each<[string, ZoneState[] | undefined, string]>([
    ['all zones Active', [a, zone('b')], 'True AllZonesActive'],
    ['addresses whose health is not said', [a, { ...zone('b'), ipv4Health: '' }], 'True AllZonesActive'],
    ['one zone Shifted', [a, zone('b', { status: 'Shifted' })], 'False ZoneOutOfService'],
    ['one zone Stopped', [a, zone('b', { status: 'Stopped' })], 'False ZoneOutOfService'],
    ['one zone Starting', [a, zone('b', { status: 'Starting' })], 'False ZoneOutOfService'],
    ['one zone Stopping', [a, zone('b', { status: 'Stopping' })], 'False ZoneOutOfService'],
    ['an unhealthy IPv6 address', [a, zone('b', { ipv6Health: 'Unhealthy' })], 'False AddressUnhealthy'],
    ['an unhealthy IPv4 address', [a, zone('b', { ipv4Health: 'Unhealthy' })], 'False AddressUnhealthy'],
    [
      'no zone in service',
      [zone('a', { status: 'Stopped' }), zone('b', { status: 'Shifted' })],
      'False NoZoneInService',
    ],
    ['a status of tomorrow', [a, zone('b', { status: 'Resting' })], 'Unknown StatusUnknown'],
    ['no status', [a, zone('b', { status: '' })], 'Unknown StatusUnknown'],
    ['no zones', [], 'Unknown NoZones'],
    ['nothing that could be read', undefined, 'Unknown NoZones'],
  ])('with %s', (_what, zones, expected) => {
    const { status, reason, message } = zonesInService(zones);
    expect(`${status} ${reason}`).toBe(expected);
    expect(message).not.toBe('');
  });

  it('says which zone is out and why', () => {
    expect(zonesInService([a, zone('b', { status: 'Shifted' })]).message).toBe(
      'zone b is Shifted: its addresses are taken out of DNS',
    );
  });

  it('expects no address of a zone that is out', () => {
    const zones = [a, zone('b', { status: 'Stopped' }), zone('c', { ipv6Health: 'Unhealthy' })];
    expect(addressesOutOfService(zones)).toEqual(['2408::b']);
    expect(areAllOut(zones)).toBe(false);
  });

  it('compares by value and not by the order of fields', () => {
    const { zoneId, ...rest } = a;
    expect(sameZones([{ ...rest, zoneId }], [a])).toBe(true);
    expect(sameZones(undefined, [a])).toBe(false);
    expect(sameZones([a], [zone('a', { status: 'Shifted' })])).toBe(false);
  });
});
