// The official Node client with calls made beforehand: each lane sends its own, one after the other, each waiting for its commit.
// Reads one JSON document from standard input, writes one to standard output. Used by `jifen bench throughput` only.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';

const task = JSON.parse(readFileSync(0, 'utf8'));
const [tlsKey, tlsCertificate] = [task.tls_private_key, task.tls_certificate].map((file) => file && readFileSync(file));
const credentials = grpc.credentials.createSsl(readFileSync(task.tls_root), tlsKey, tlsCertificate);
const client = new grpc.Client(task.address, credentials, {
  'grpc.ssl_target_name_override': task.tls_name,
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
});
const gateway = connect({
  client,
  hash: hash.sha256,
  identity: { mspId: task.msp_id, credentials: readFileSync(task.certificate) },
  signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(task.private_key))),
});
const contract = gateway.getNetwork(task.channel).getContract(task.chaincode);

const latencies = [];
const failures = {};
let accepted = 0;

function fail(name) {
  failures[name] = (failures[name] ?? 0) + 1;
}

async function submit([name, argument]) {
  const started = performance.now();
  try {
    const answer = JSON.parse(Buffer.from(await contract.submit(name, { arguments: [argument] })).toString('utf8'));
    const receipts = Array.isArray(answer) ? answer : [answer];
    for (const receipt of receipts) {
      if (receipt === null || receipt.code === 'OK') accepted += 1; // null: carried out, the event says what came of it
      else fail(receipt.code);
    }
    latencies.push(performance.now() - started);
  } catch (error) {
    fail(error.name === 'Error' ? error.message.slice(0, 60) : error.name);
  }
}

async function lane(calls, until) {
  for (const call of calls) {
    if (performance.now() >= until) return;
    await submit(call);
  }
}

// One transaction beforehand, so that connecting and the service's first discovery are not counted.
await submit(task.first);
latencies.length = 0;
accepted = 0;
const cpuBefore = process.cpuUsage();
const started = performance.now();
const until = started + task.seconds * 1000;
await Promise.all(task.lanes.map((calls) => lane(calls, until)));
const seconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(cpuBefore);
gateway.close();
client.close();
process.stdout.write(JSON.stringify({
  seconds,
  accepted,
  failures,
  latencies_seconds: latencies.map((milliseconds) => milliseconds / 1000),
  client_cpu_seconds: (cpu.user + cpu.system) / 1e6,
}));
