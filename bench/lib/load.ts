// The client: a fixed number of keep-alive connections, each with one request under way at a time.
import { Agent, request, type IncomingMessage, type RequestOptions } from "node:http";

/** One request, sent over and over. */
export interface Shot {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The same every time, or made anew for each request. */
  readonly body: string | (() => string);
}

/** A response, with header names in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends to one server over connections that stay open from round to round. */
export class Client {
  readonly #agent: Agent;
  readonly #port: number;
  readonly #connections: number;

  constructor(port: number, connections: number) {
    this.#port = port;
    this.#connections = connections;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send(shot: Shot): Promise<Answer> {
    const body = typeof shot.body === "string" ? shot.body : shot.body();
    const options: RequestOptions = {
      host: "127.0.0.1",
      port: this.#port,
      agent: this.#agent,
      method: shot.method,
      path: shot.path,
      headers: { ...shot.headers, "Content-Length": String(Buffer.byteLength(body)) },
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (response) => resolve(readAnswer(response)));
      outgoing.on("error", reject).end(body);
    });
  }

  /**
   * Sends `count` requests and waits for all answers.
   *
   * @throws Error on the first answer with another status than `status`
   */
  async fire(shot: Shot, count: number, status: number): Promise<void> {
    let left = count;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const answer = await this.send(shot);
        if (answer.status !== status) throw new Error(`${answer.status} ${answer.body}`);
      }
    };
    await Promise.all(Array.from({ length: this.#connections }, lane));
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let body = "";
  response.setEncoding("utf8");
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
