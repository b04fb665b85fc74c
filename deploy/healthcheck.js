// For the image, which has no curl: exit code 0 when the address answers with success.
const answer = await fetch(process.argv[2], { signal: AbortSignal.timeout(4000) });
if (!answer.ok) throw new Error(`${process.argv[2]} answered ${answer.status}: ${await answer.text()}`);
