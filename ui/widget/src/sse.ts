/** Server-sent events out of a response's body, since EventSource sends neither token nor body. */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Heartbeats come every ten seconds; after three times that the line is taken for dead. */
const SILENCE_MS = 30_000;

/**
 * The events of `body` until it ends.
 *
 * @throws Error when nothing, not even a heartbeat, came for `silence` milliseconds.
 */
export async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  silence = SILENCE_MS,
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await within(silence, reader.read());
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split(/\r\n\r\n|\n\n|\r\r/);
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = read(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function read(block: string): ServerEvent | null {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    // `.` would end at U+2028 and U+2029, which a passage may hold.
    const [, field, value = ""] = /^([^:]+)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  return data.length ? { name, data: data.join("\n") } : null;
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError("The stream fell silent.")), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
