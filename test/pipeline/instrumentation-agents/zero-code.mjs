import { talk } from "./talk.mjs";

const { default: OpenAI } = await import(process.argv[2]);
process.stdout.write(JSON.stringify(await talk(OpenAI)));
