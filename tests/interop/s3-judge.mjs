// AWS's SDK for JavaScript, version 3, with whatever credentials its own chain of providers finds in the environment.
//
// node s3-judge.mjs ENDPOINT BUCKET KEY            writes the object, reads it, prints what it holds
// node s3-judge.mjs ENDPOINT BUCKET KEY N PAUSE    reads it N times with one client, PAUSE ms apart, and prints the key
//                                                  id of the credentials that the client then has
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const [endpoint, Bucket, Key, times, pause] = process.argv.slice(2);
const client = new S3Client({ endpoint, forcePathStyle: true, maxAttempts: 1 });
const read = async () => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToString();

if (times) {
  for (let i = 0; i < Number(times); i++) {
    if (i > 0) await new Promise((done) => setTimeout(done, Number(pause)));
    await read();
    console.log((await client.config.credentials()).accessKeyId);
  }
} else {
  await client.send(new PutObjectCommand({ Bucket, Key, Body: `written by JavaScript as ${Key}` }));
  console.log(await read());
}
