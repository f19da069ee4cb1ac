// Makes a passkey with this device and has the broker keep it.
(() => {
  const form = document.getElementById("add-passkey");
  const button = form.querySelector("button");
  const result = document.getElementById("passkey-result");
  const { token } = form.dataset;
  let busy = false;

  async function add(label) {
    const asked = await post("account/passkeys/start", {}, token);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.public_key);
    const { id, response } = (await navigator.credentials.create({ publicKey })).toJSON();
    await post("account/passkeys/add", {
      label,
      attestation: {
        credential_id: id, attestation_object: response.attestationObject, client_data_json: response.clientDataJSON,
      },
    }, token);
  }

  function wordsOf(error) {
    if (error.name === "NotAllowedError") return "No passkey was made.";
    if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
    return `No passkey was added: ${error.message}`;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await add(form.querySelector("input").value.trim());
      location.reload();
    } catch (error) {
      result.textContent = wordsOf(error);
      result.className = "result bad";
      result.focus();
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  });
})();
