// Signs in with a passkey or a wallet. The broker answers with a cookie that no script can read.
(() => {
  const part = (id) => document.getElementById(id);
  const result = part("result");
  let busy = false;

  async function passkey(token) {
    const asked = await post("v1/auth/passkey/start", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.public_key);
    const { id, response } = (await navigator.credentials.get({ publicKey })).toJSON();
    await post("sign-in/passkey", {
      challenge: asked.challenge,
      assertion: {
        credential_id: id, authenticator_data: response.authenticatorData, client_data_json: response.clientDataJSON,
        signature: response.signature, user_handle: response.userHandle,
      },
    }, token);
  }

  async function wallet(token) {
    const { ethereum } = window;
    if (!ethereum) throw new Error("this browser has no wallet");
    const [address] = await ethereum.request({ method: "eth_requestAccounts" });
    const chain = Number(await ethereum.request({ method: "eth_chainId" }));
    const asked = await post("v1/auth/wallet/start", { address, chain_id: chain });
    const text = new TextEncoder().encode(asked.siwe_message);
    const hex = `0x${Array.from(text, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    const signature = await ethereum.request({ method: "personal_sign", params: [hex, address] });
    await post("sign-in/wallet", { request_id: asked.request_id, signature }, token);
  }

  function offer(id, step) {
    const button = part(id);
    button?.addEventListener("click", async () => {
      if (busy) return;
      busy = true;
      button.setAttribute("aria-disabled", "true");
      try {
        await step(button.dataset.token);
        location.assign("account");
      } catch (error) {
        const declined = error.name === "NotAllowedError" || error.code === 4001;
        result.textContent = declined ? "Nothing was signed, so you are not signed in." : `Not signed in: ${error.message}`;
        result.className = "result bad";
        result.focus();
      } finally {
        busy = false;
        button.removeAttribute("aria-disabled");
      }
    });
  }

  offer("passkey", passkey);
  offer("wallet", wallet);
})();
