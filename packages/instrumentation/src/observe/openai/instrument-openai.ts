import { SetupError } from "@plumbline/contracts";
import { processRuntime } from "../../process-environment.ts";
import { isClientShape } from "./client-shape.ts";
import { instrumentClient } from "./patch-client.ts";

/**
 * Puts a client of the `openai` package (5, 6 or 7, or derived from it) under supervision: the same object, its
 * methods wrapped. Doing it twice changes nothing; clients made by `withOptions` are wrapped as well.
 * @throws SetupError when the object is no such client
 */
export function instrumentOpenAI<Client extends object>(client: Client): Client {
  if (!isClientShape(client)) {
    throw new SetupError("instrumentOpenAI() was given something that is no OpenAI client.", {
      code: "NOT_AN_OPENAI_CLIENT",
      mend: "Pass an instance of the OpenAI class of openai 5, 6 or 7.",
    });
  }
  instrumentClient(client, processRuntime);
  return client;
}
