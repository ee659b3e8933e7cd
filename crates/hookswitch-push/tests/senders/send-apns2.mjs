// Sends by apns2. Its port is fixed to 443, so the test leads connections to the gateway's port
// underneath it, as a firewall would; trust comes by NODE_EXTRA_CA_CERTS.
//
// Input: one JSON object as the first argument. Output: one line of JSON, an array of answers.
import fs from "node:fs";
import tls from "node:tls";

const job = JSON.parse(process.argv[2]);
const connect = tls.connect;
tls.connect = (options, ...rest) =>
  connect(Number(options.port) === 443 ? { ...options, port: job.port } : options, ...rest);

const { ApnsClient, Notification, PushType } = await import("apns2");

const client = new ApnsClient({
  team: job.team,
  keyId: job.kid,
  signingKey: fs.readFileSync(job.key, "utf8"),
  defaultTopic: job.topic,
  host: job.host,
});

async function post(device) {
  const options = { type: PushType.voip, expiration: 0, data: { by: "apns2" } };
  try {
    await client.send(new Notification(device, options));
    return { status: 200, reason: null };
  } catch (error) {
    return { status: error.statusCode, reason: error.reason };
  }
}

const answers = [];
for (const device of job.devices) {
  answers.push(await post(device));
}
console.log(JSON.stringify(answers));
const burst = Array.from({ length: job.burst }, () => post(job.devices[0]));
console.log(JSON.stringify((await Promise.all(burst)).map((answer) => answer.status)));
await client.close();
process.exit(0);
