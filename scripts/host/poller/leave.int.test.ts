import { Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { openPollerFixture } from "../testing/poller-fixture.ts";

const LEAVE_GROUP = 13;

afterEach(() => vi.restoreAllMocks());

/** Does something with the first request to leave a group that any connection sends, instead of sending it. */
const insteadOfFirstLeave = (act: (socket: Socket) => void) => {
  const send = Socket.prototype.write;
  let met = 0;
  vi.spyOn(Socket.prototype, "write").mockImplementation(function (this: Socket, ...args: unknown[]) {
    const [data] = args;
    const isLeave =
      Buffer.isBuffer(data) &&
      data.length > 6 &&
      data.readInt32BE(0) === data.length - 4 &&
      data.readInt16BE(4) === LEAVE_GROUP;
    if (isLeave && met++ === 0) {
      act(this);
      return true;
    }
    return Reflect.apply(send, this, args);
  } as typeof send);
  return () => met;
};

test.each([
  ["the connection breaks", (socket: Socket) => void socket.destroy(new Error("cut"))],
  ["no answer comes", () => {}],
])(
  "a member whose request to leave is lost, as %s, is out of its group all the same once the poller has stopped",
  async (_how, act) => {
    // given
    await using kafka = await openPollerFixture({ partitions: 2 });
    const { poller } = kafka.start(() => undefined);
    await poller.joined;
    expect(await kafka.group()).toEqual({ state: "Stable", members: 1 });
    const met = insteadOfFirstLeave(act);

    // when
    await poller.stop();

    // then
    expect(met()).toBeGreaterThanOrEqual(1);
    expect(await kafka.group()).toEqual({ state: "Empty", members: 0 });
  },
);
