import { messageOf, SetupError } from "@plumbline/contracts";

type Constructor = (new (...args: never[]) => object) & { prototype: object };

/** What is needed of `@langchain/core` 1.x; the application brings it. */
export interface LangChainCore {
  BaseChatModel: Constructor;
  StructuredTool: Constructor;
  HumanMessage: new (text: string) => object;
  ToolMessage: new (fields: {
    content: string;
    status: "success" | "error";
    name: string;
    tool_call_id: string;
  }) => object;
  /** The configuration of the runnable that surrounds the current code. */
  runnableConfig: () => unknown;
}

interface Singletons {
  AsyncLocalStorageProviderSingleton?: { getRunnableConfig?: () => unknown };
}

async function load(path: string): Promise<unknown> {
  const specifier = `@langchain/core/${path}`;
  try {
    return await import(specifier);
  } catch (cause) {
    throw new SetupError(`LangChain can't be supervised: ${messageOf(cause)}`, {
      code: "LANGCHAIN_MISSING",
      mend: "Install @langchain/core 1.x next to @plumbline/instrumentation.",
      cause,
    });
  }
}

/** @throws SetupError when `@langchain/core` is not installed */
export async function loadCore(): Promise<LangChainCore> {
  const [models, tools, messages, singletons] = await Promise.all(
    ["language_models/chat_models", "tools", "messages", "singletons"].map((path) => load(path)),
  );
  const { BaseChatModel } = models as Pick<LangChainCore, "BaseChatModel">;
  const { StructuredTool } = tools as Pick<LangChainCore, "StructuredTool">;
  const { HumanMessage, ToolMessage } = messages as Pick<LangChainCore, "HumanMessage" | "ToolMessage">;
  const { AsyncLocalStorageProviderSingleton: storage } = singletons as Singletons;
  return {
    BaseChatModel,
    StructuredTool,
    HumanMessage,
    ToolMessage,
    runnableConfig: () => storage?.getRunnableConfig?.(),
  };
}
