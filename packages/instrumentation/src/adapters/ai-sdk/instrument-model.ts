import { SetupError } from "@plumbline/contracts";
import type { AnswerAccumulator } from "../../observe/model-call.ts";
import type { Endpoint } from "../../observe/openai/endpoint.ts";
import { textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { processRuntime } from "../../process-environment.ts";
import type { RunRecord } from "../../run/run-record.ts";
import { type FrameworkCall, runOfCall, superviseModelCall } from "../shared/model-call.ts";
import { followResult } from "./follow-stream.ts";
import { languageModelEndpoint } from "./language-model-endpoint.ts";

type DoCall = (options: Wire) => PromiseLike<unknown>;

const instrumentedKey = Symbol.for("plumbline.ai-sdk.instrumented");
const methods: ReadonlySet<PropertyKey> = new Set(["doGenerate", "doStream"]);

function rememberCall(run: RunRecord, part: Wire): void {
  if (part["type"] === "tool-call") toolCallOwners.remember(run, String(part["toolCallId"]));
}

class OwningAccumulator implements AnswerAccumulator {
  private readonly run: RunRecord;
  private readonly inner = languageModelEndpoint.accumulate();

  constructor(run: RunRecord) {
    this.run = run;
  }

  add(chunk: unknown): void {
    // A tool runs as soon as its call is streamed.
    rememberCall(this.run, wireOf(chunk));
    this.inner.add(chunk);
  }

  answer() {
    return this.inner.answer();
  }
}

/** The endpoint of one run: tool calls that come with an answer are the run's. */
function endpointOf(run: RunRecord): Endpoint {
  return {
    ...languageModelEndpoint,
    readAnswer(data) {
      for (const part of wires(data["content"])) rememberCall(run, part);
      return languageModelEndpoint.readAnswer(data);
    },
    accumulate: () => new OwningAccumulator(run),
  };
}

function supervised(model: Wire, call: DoCall): DoCall {
  return (options) => {
    const runtime = processRuntime();
    runtime.observesClients = true;
    const provider = (textOf(model["provider"]) ?? "").split(".", 1)[0] ?? "";
    const signal = options["abortSignal"] as AbortSignal | undefined;
    const body = { ...options, model: model["modelId"] };
    const asked: FrameworkCall = { endpoint: languageModelEndpoint, body, provider, signal };
    const run = runOfCall(runtime, asked);
    return superviseModelCall<unknown>(
      runtime,
      { run, call: { ...asked, endpoint: endpointOf(run) } },
      {
        make: (sent, abortSignal) => call({ ...options, prompt: sent["prompt"], abortSignal }),
        follow: followResult,
      },
    );
  };
}

/**
 * Puts a language model of the AI SDK under supervision, for ai 5 and 6 and for calls that ai 7 makes without telemetry:
 * the same model, its `doGenerate` and `doStream` gated. Tools come under supervision by `instrumentTools`.
 * @throws SetupError when the object is no such model; a model that is named by a string has to be made first
 */
export function instrumentModel<Model extends object>(model: Model): Model {
  if (!isModel(model)) {
    throw new SetupError("instrumentModel() was given something that is no language model of the AI SDK.", {
      code: "NOT_A_LANGUAGE_MODEL",
      mend: 'Pass what a provider makes, such as openai("gpt-5-mini").',
    });
  }
  if (instrumentedKey in model) return model;
  return new Proxy(model, {
    has: (target, key) => key === instrumentedKey || Reflect.has(target, key),
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const bound = value.bind(target) as DoCall;
      return methods.has(key) ? supervised(target, bound) : bound;
    },
  });
}

function isModel<Model extends object>(model: Model): model is Model & Wire {
  const { doGenerate, doStream } = wireOf(model);
  return typeof doGenerate === "function" && typeof doStream === "function";
}
