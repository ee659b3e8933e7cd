// Sends by @parse/node-apn with its own options for address, port and trust.
//
// Input: one JSON object as the first argument. Output: one line of JSON, an array of answers.
const fs = require("node:fs");
const apn = require("@parse/node-apn");

const job = JSON.parse(process.argv[2]);
const provider = new apn.Provider({
  token: { key: fs.readFileSync(job.key), keyId: job.kid, teamId: job.team },
  address: job.host,
  port: job.port,
  ca: fs.readFileSync(job.ca),
  production: false,
});

function notification() {
  const note = new apn.Notification();
  note.topic = job.topic;
  note.pushType = "voip";
  note.expiry = 0;
  note.rawPayload = { by: "node-apn" };
  return note;
}

async function main() {
  const answers = [];
  for (const device of job.devices) {
    const result = await provider.send(notification(), device);
    const failed = result.failed[0];
    const status = failed ? Number(failed.status) : 200;
    answers.push({ status, reason: failed?.response?.reason ?? null });
  }
  console.log(JSON.stringify(answers));
  const burst = Array(job.burst).fill(job.devices[0]);
  const results = await Promise.all(burst.map((device) => provider.send(notification(), device)));
  console.log(JSON.stringify(results.map((result) => (result.sent.length ? 200 : 0))));
  await provider.shutdown();
}

main();
