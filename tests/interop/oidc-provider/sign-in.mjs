// Signs in to a broker with new wallets and prints their session tokens, a line each.
//
//   node sign-in.mjs http://127.0.0.1:8091 [WALLETS]
import { Wallet } from "ethers";

const [address, wallets = "1"] = process.argv.slice(2);
const AT_ONCE = 16;

async function post(path, body) {
  const answer = await fetch(new URL(path, address), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function signIn() {
  const wallet = Wallet.createRandom();
  const challenge = await post("/v1/auth/wallet/start", { address: wallet.address, chain_id: 1 });
  const session = await post("/v1/auth/wallet/verify", {
    request_id: challenge.request_id,
    signature: await wallet.signMessage(challenge.siwe_message),
  });
  console.log(session.session_jwt);
}

for (let left = Number(wallets); left > 0; left -= AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, signIn));
}
