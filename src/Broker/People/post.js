"use strict";
// Sends JSON to the broker, and answers what it says; null where it says nothing. With a form token it is this browser
// that asks, by its cookie; without one it is nobody.
async function post(path, body, token) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token ? { "X-Form-Token": token } : {}) },
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: token ? "same-origin" : "omit",
    referrerPolicy: "no-referrer",
  });
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message ?? "the broker did not answer as it should");
  return said;
}
