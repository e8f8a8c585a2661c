import type { FaultOf } from './faults.ts';

/** Messages that the exchange may send one day, as type and `msg`. */
export function foreignMessage(what: FaultOf<'foreign'>['what']): { readonly type: string; readonly body: string } {
  switch (what) {
    case 'type':
      return {
        type: 'market_halt_v3',
        body: '{"market_ticker":"KXFOREIGN-26NOV23","halted":true,"halt_ts":1795460000}',
      };
    case 'event_type':
      return {
        type: 'market_lifecycle_v2',
        body: '{"market_ticker":"KXFOREIGN-26NOV23","fractional_trading_enabled":true,"event_type":"fractional_trading_updated"}',
      };
    case 'price_level_structure':
      return {
        type: 'market_lifecycle_v2',
        body:
          '{"market_ticker":"KXFOREIGN-26NOV23","event_type":"price_level_structure_updated",' +
          '"price_level_structure":"hexa_centi_cent","price_ranges":[{"start":"0.0000","end":"1.0000","step":"0.0016"}]}',
      };
  }
}
