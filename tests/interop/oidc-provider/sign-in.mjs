// Signs in to a broker with a new wallet and prints the session token.
//
//   node sign-in.mjs http://127.0.0.1:8091
import { Wallet } from "ethers";

async function post(path, body) {
  const answer = await fetch(new URL(path, process.argv[2]), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const wallet = Wallet.createRandom();
const challenge = await post("/v1/auth/wallet/start", { address: wallet.address, chain_id: 1 });
const session = await post("/v1/auth/wallet/verify", {
  request_id: challenge.request_id,
  signature: await wallet.signMessage(challenge.siwe_message),
});
console.log(session.session_jwt);
