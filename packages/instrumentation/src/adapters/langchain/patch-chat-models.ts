import { signalOfModelCall, withinModelCall } from "../../observe/model-call-scope.ts";
import { textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import type { Runtime } from "../../runtime.ts";
import { followAnswer, type FrameworkCall, runOfCall, superviseModelCall } from "../shared/model-call.ts";
import { chatModelEndpoint } from "./chat-model-endpoint.ts";
import { EventAccumulator } from "./event-accumulator.ts";
import type { LangChainCore } from "./load-core.ts";

type Method = (this: Wire, ...args: unknown[]) => unknown;

const patchedKey = Symbol.for("plumbline.langchain.patched");
/** Through these of the base class every call goes, on its way to what the provider's class implements. */
const entrances = ["invoke", "generate", "_generateUncached", "_streamIterator", "streamEvents"] as const;
const streams = ["_streamResponseChunks", "_streamChatModelEvents"] as const;

/** The iterator's work as part of the model call: an async generator runs where it is asked for its next value. */
async function* within(signal: AbortSignal, values: AsyncIterable<unknown>): AsyncGenerator {
  const iterator = values[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await withinModelCall(signal, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await withinModelCall(signal, async () => iterator.return?.());
  }
}

function providerOf(model: Wire, options: unknown): string {
  const describe = model["getLsParams"];
  if (typeof describe !== "function") return "";
  const { ls_provider: provider } = wireOf((describe as Method).call(model, options));
  return textOf(provider) ?? "";
}

/** Owns: the gate around what providers implement of a chat model. */
export class ChatModelPatch {
  private readonly core: LangChainCore;
  private readonly runtimeOf: () => Runtime;

  constructor(core: LangChainCore, runtimeOf: () => Runtime) {
    this.core = core;
    this.runtimeOf = runtimeOf;
  }

  apply(): void {
    const base = this.core.BaseChatModel.prototype as Wire;
    if (Object.hasOwn(base, patchedKey)) return;
    Object.defineProperty(base, patchedKey, { value: true });
    const patchClassOf = (model: object): void => this.patchClassOf(model);
    for (const name of entrances) {
      const original = base[name];
      if (typeof original !== "function") continue;
      base[name] = function entrance(this: Wire, ...args: unknown[]): unknown {
        patchClassOf(this);
        return (original as Method).apply(this, args);
      };
    }
  }

  /** Wraps what the classes between a model and the base class implement, once each. */
  private patchClassOf(model: object): void {
    let prototype = Object.getPrototypeOf(model) as Wire | null;
    while (prototype !== null && prototype !== this.core.BaseChatModel.prototype) {
      if (Object.hasOwn(prototype, patchedKey)) return;
      Object.defineProperty(prototype, patchedKey, { value: true });
      this.patchClass(prototype);
      prototype = Object.getPrototypeOf(prototype) as Wire | null;
    }
  }

  private patchClass(prototype: Wire): void {
    const generate = Object.hasOwn(prototype, "_generate") ? prototype["_generate"] : undefined;
    if (typeof generate === "function") prototype["_generate"] = this.gatedGenerate(generate as Method);
    for (const name of streams) {
      const stream = Object.hasOwn(prototype, name) ? prototype[name] : undefined;
      if (typeof stream === "function") prototype[name] = this.gatedStream(stream as Method, name);
    }
  }

  private gatedGenerate(original: Method): Method {
    const callOf = (model: Wire, args: unknown[]): FrameworkCall => this.callOf(model, args);
    const { runtimeOf } = this;
    return async function generate(this: Wire, ...args: unknown[]): Promise<unknown> {
      if (signalOfModelCall() !== undefined) return original.apply(this, args);
      const runtime = runtimeOf();
      const call = callOf(this, args);
      const make = async (body: Wire, signal: AbortSignal): Promise<unknown> =>
        original.call(this, body["messages"], { ...wireOf(args[1]), signal }, args[2]);
      const target = { run: runOfCall(runtime, call), call };
      return superviseModelCall<unknown>(runtime, target, { make, follow: followAnswer });
    };
  }

  private gatedStream(original: Method, name: (typeof streams)[number]): Method {
    const callOf = (model: Wire, args: unknown[]): FrameworkCall => this.callOf(model, args, name);
    const { runtimeOf } = this;
    return async function* stream(this: Wire, ...args: unknown[]): AsyncGenerator {
      const start = (messages: unknown, options: unknown): AsyncIterable<unknown> =>
        original.call(this, messages, options, args[2]) as AsyncIterable<unknown>;
      if (signalOfModelCall() !== undefined) {
        yield* start(args[0], args[1]);
        return;
      }
      const runtime = runtimeOf();
      const call = callOf(this, args);
      const target = { run: runOfCall(runtime, call), call };
      yield* await superviseModelCall<AsyncIterable<unknown>>(runtime, target, {
        make: (body, signal) =>
          Promise.resolve(within(signal, start(body["messages"], { ...wireOf(args[1]), signal }))),
        follow: (session, values) => session.observe(values),
      });
    };
  }

  private callOf(model: Wire, args: unknown[], stream?: (typeof streams)[number]): FrameworkCall {
    const [messages, options, manager] = args;
    this.runtimeOf().observesClients = true;
    const { HumanMessage, runnableConfig } = this.core;
    const { metadata, configurable } = wireOf(runnableConfig());
    const endpoint = chatModelEndpoint((text) => new HumanMessage(text));
    return {
      endpoint:
        stream === "_streamChatModelEvents"
          ? { ...endpoint, accumulate: () => new EventAccumulator() }
          : endpoint,
      body: {
        model: model["model"] ?? model["modelName"],
        messages,
        stream: stream !== undefined,
        maxTokens: model["maxTokens"],
        metadata: { ...wireOf(configurable), ...wireOf(metadata), ...wireOf(wireOf(manager)["metadata"]) },
      },
      provider: providerOf(model, options),
      signal: wireOf(options)["signal"] as AbortSignal | undefined,
    };
  }
}
