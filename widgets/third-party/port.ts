import type { State } from '../sdk/index';

/** What a frame may ask for. */
export interface Asked {
  resize(height: number): void;
  emit(name: string, detail: unknown): void;
  /** It sends more than a page can want: its port is closed. */
  noisy(): void;
}

/** Messages a frame may send within a second, their characters, and the pixels it may be high. */
const most = { messages: 200, length: 8192, height: 5000 };

/**
 * The host's end of the port. What comes from the frame is a text, so that what is too long is dropped before anything is made of it;
 * what is not understood is dropped without an answer.
 */
export function open(port: MessagePort, { resize, emit, noisy }: Asked): { tell(state: State): void; close(): void } {
  let second = 0;
  let count = 0;
  port.onmessage = ({ data, timeStamp }) => {
    if (timeStamp - second > 1000) [second, count] = [timeStamp, 0];
    if (++count > most.messages) {
      port.close();
      noisy();
      return;
    }
    const said = parse(data);
    const { resize: height, emit: name } = said;
    if (typeof height === 'number' && height >= 0) resize(Math.min(Math.ceil(height), most.height));
    if (typeof name === 'string' && /^[a-z][a-z0-9-]{0,39}$/.test(name) && name !== 'connected') emit(name, said['detail'] ?? null);
  };
  return { tell: (state) => port.postMessage(state), close: () => port.close() };
}

function parse(data: unknown): Record<string, unknown> {
  if (typeof data !== 'string' || data.length > most.length) return {};
  try {
    const said: unknown = JSON.parse(data);
    return said && typeof said === 'object' ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
