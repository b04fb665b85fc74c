const { OpenAI } = require(process.argv[2]);

void import("./talk.mjs").then(async ({ talk }) => {
  process.stdout.write(JSON.stringify(await talk(OpenAI)));
});
