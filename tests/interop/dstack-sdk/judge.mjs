// Judges an answer of GetAppEnvEncryptPubKey with dstack's own SDK, and encrypts variables to its key.
// stdin: {"app_id","answer":{"public_key","signature","timestamp","signature_v1"},"env":[{"key","value"}]}
// stdout: {"signer","legacy_signer","encrypted"}; signers are 0x-prefixed compressed keys, or null.
import { readFileSync } from "node:fs";
import { encryptEnvVars } from "@phala/dstack-sdk/encrypt-env-vars";
import {
  verifyEnvEncryptPublicKey,
  verifyEnvEncryptPublicKeyLegacy,
} from "@phala/dstack-sdk/verify-env-encrypt-public-key";

const { app_id, answer, env } = JSON.parse(readFileSync(0, "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const publicKey = bytes(answer.public_key);

process.stdout.write(JSON.stringify({
  signer: verifyEnvEncryptPublicKey(publicKey, bytes(answer.signature_v1), app_id, answer.timestamp),
  legacy_signer: verifyEnvEncryptPublicKeyLegacy(publicKey, bytes(answer.signature), app_id),
  encrypted: await encryptEnvVars(env, answer.public_key),
}));
