import { SetupError } from "@plumbline/contracts";
import { isClientShape } from "../../observe/openai/client-shape.ts";
import { type ClientApi, instrumentClient } from "../../observe/openai/patch-client.ts";
import { patchHelpers } from "../../observe/openai/patch-helpers.ts";
import { wireOf } from "../../observe/openai/wire.ts";
import { processRuntime } from "../../process-environment.ts";
import { type DeclaredTools, type ToolPolicies, toolPolicies } from "../../tool/declared-tool.ts";
import { messagesEndpoint } from "./messages-endpoint.ts";
import { patchToolRunner } from "./runnable-tools.ts";

function anthropicApi(policies: ToolPolicies): ClientApi {
  return {
    endpoints: { "/v1/messages": messagesEndpoint },
    providerAt: () => "anthropic",
    streams: "body",
    patchHelpers(client, runtimeOf) {
      patchHelpers(wireOf(client)["messages"], runtimeOf);
      patchHelpers(wireOf(wireOf(client)["beta"])["messages"], runtimeOf);
      patchToolRunner(client, runtimeOf, policies);
    },
  };
}

/**
 * Puts a client of `@anthropic-ai/sdk` under supervision: the same object, its methods wrapped. `messages.create`,
 * `messages.stream` and the beta tool runner with its tools. Doing it twice changes nothing.
 * @param declared what is known about the tools of the tool runner, by name
 * @throws SetupError when the object is no such client; SetupError or RejectedError when a tool can't be declared so
 */
export function instrumentAnthropic<Client extends object>(
  client: Client,
  declared: DeclaredTools = {},
): Client {
  const policies = toolPolicies(declared);
  const { messages } = wireOf(client);
  if (!isClientShape(client) || messages === undefined) {
    throw new SetupError("instrumentAnthropic() was given something that is no Anthropic client.", {
      code: "NOT_AN_ANTHROPIC_CLIENT",
      mend: "Pass an instance of the Anthropic class of @anthropic-ai/sdk.",
    });
  }
  instrumentClient(client, processRuntime, anthropicApi(policies));
  return client;
}
