// What a plain application does with the client, whatever its major version: one line of JSON with what it saw.
const user = (content) => ({ role: "user", content });

async function attempt(work) {
  try {
    return await work();
  } catch (thrown) {
    return `${thrown.name}: ${thrown.message}`;
  }
}

export async function talk(OpenAI) {
  const openai = new OpenAI({ apiKey: "none", baseURL: process.env.MODEL_URL });
  const seen = {};
  seen.create = await attempt(async () => {
    const reply = await openai.chat.completions.create({ model: "m", messages: [user("create")] });
    return reply.choices[0].message.content;
  });
  seen.withResponse = await attempt(async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: "m", messages: [user("withResponse")] })
      .withResponse();
    return `${response.status} ${data.choices[0].message.content}`;
  });
  seen.asResponse = await attempt(async () => {
    const response = await openai.chat.completions
      .create({ model: "m", messages: [user("asResponse")] })
      .asResponse();
    return (await response.json()).choices[0].message.content;
  });
  seen.parse = await attempt(async () => {
    const reply = await openai.chat.completions.parse({ model: "m", messages: [user("parse")] });
    return reply.choices[0].message.content;
  });
  seen.stream = await attempt(async () => {
    let text = "";
    for await (const chunk of await openai.chat.completions.create({
      model: "m",
      messages: [user("stream")],
      stream: true,
    })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    return text;
  });
  seen.breakEarly = await attempt(async () => {
    for await (const chunk of await openai.chat.completions.create({
      model: "m",
      messages: [user("breakEarly")],
      stream: true,
    })) {
      if (chunk.choices[0]?.delta.content) return "broke";
    }
    return "ended";
  });
  seen.streamHelper = await attempt(() =>
    openai.chat.completions.stream({ model: "m", messages: [user("streamHelper")] }).finalContent(),
  );
  seen.responses = await attempt(
    async () => (await openai.responses.create({ model: "m", input: "responses" })).output_text,
  );
  seen.responsesParse = await attempt(
    async () => (await openai.responses.parse({ model: "m", input: "responsesParse" })).output_text,
  );
  seen.responsesStream = await attempt(
    async () =>
      (await openai.responses.stream({ model: "m", input: "responsesStream" }).finalResponse()).output[0]
        .content[0].text,
  );
  seen.embeddings = await attempt(
    async () =>
      (await openai.embeddings.create({ model: "e", input: "embeddings" })).data[0].embedding.length,
  );
  seen.withOptions = await attempt(async () => {
    const reply = await openai
      .withOptions({ timeout: 5000 })
      .chat.completions.create({ model: "m", messages: [user("withOptions")] });
    return reply.choices[0].message.content;
  });
  seen.runTools = await attempt(async () => {
    const tool = {
      type: "function",
      function: {
        name: "look",
        function: () => "found",
        parse: JSON.parse,
        parameters: { type: "object", properties: {} },
      },
    };
    return openai.chat.completions
      .runTools({ model: "m", messages: [user("runTools")], tools: [tool] })
      .finalContent();
  });
  seen.abort = await attempt(async () => {
    const controller = new AbortController();
    const sending = (url, init) => {
      setTimeout(() => controller.abort(), 20);
      return fetch(url, init);
    };
    await openai
      .withOptions({ fetch: sending })
      .chat.completions.create({ model: "m", messages: [user("slow")] }, { signal: controller.signal });
    return "answered";
  });
  seen.retry = await attempt(async () => {
    const reply = await openai.chat.completions.create({ model: "m", messages: [user("retry")] });
    return reply.choices[0].message.content;
  });
  return seen;
}
