// The official Node client under load: lanes that submit one operation a transaction, each waiting for its commit.
// Reads one JSON document from standard input, writes one to standard output. Used by `jifen bench ledger` only.
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

async function submit(operation) {
  const started = performance.now();
  try {
    const result = await contract.submit(operation.op, { arguments: [JSON.stringify(operation)] });
    const receipt = JSON.parse(Buffer.from(result).toString('utf8'));
    if (receipt.code !== 'OK') throw new Error(receipt.code);
    latencies.push(performance.now() - started);
  } catch (error) {
    const name = error.name === 'Error' ? error.message.slice(0, 60) : error.name;
    failures[name] = (failures[name] ?? 0) + 1;
  }
}

async function lane(number, until) {
  for (let turn = 0; performance.now() < until; turn += 1) {
    await submit({
      op: 'Issue',
      args: {
        address: task.addresses[turn % task.addresses.length],
        class_id: task.classes[number][turn % task.classes[number].length],
        points: 1,
      },
      request_id: `${task.prefix}-${number}-${turn}`,
      valid_until: task.valid_until,
    });
  }
}

// One transaction beforehand, so that connecting and the service's first discovery are not counted.
await submit({
  op: 'Issue',
  args: { address: task.addresses[0], class_id: task.classes[0][0], points: 1 },
  request_id: `${task.prefix}-first`,
  valid_until: task.valid_until,
});
latencies.length = 0;
const cpuBefore = process.cpuUsage();
const started = performance.now();
const until = started + task.seconds * 1000;
await Promise.all(task.classes.map((_, number) => lane(number, until)));
const seconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(cpuBefore);
gateway.close();
client.close();
process.stdout.write(JSON.stringify({
  transactions: latencies.length,
  seconds,
  failures,
  latencies_seconds: latencies.map((milliseconds) => milliseconds / 1000),
  client_cpu_seconds: (cpu.user + cpu.system) / 1e6,
}));
