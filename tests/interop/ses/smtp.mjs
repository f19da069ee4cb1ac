// Other people's mail server on a free port.
//   node smtp.mjs '{"key","cert","user","password","noTls","refuse"}'   all optional; `refuse` is a command and a status
// stdout: {"port"}, then {"from","to","user","secure","mail"} for each mail, a line of JSON each; it ends with its
// standard input.
import { SMTPServer } from "smtp-server";

const wanted = JSON.parse(process.argv[2] ?? "{}");
const [command, status] = (wanted.refuse ?? "").split(" ");
const refusal = (name) =>
  command === name ? Object.assign(new Error("no, not for alice@example.org"), { responseCode: Number(status) }) : null;

const server = new SMTPServer({
  key: wanted.key,
  cert: wanted.cert,
  hideSTARTTLS: wanted.noTls ?? false,
  authOptional: !wanted.user,
  onAuth: ({ username, password }, _, done) =>
    username === wanted.user && password === wanted.password
      ? done(null, { user: username })
      : done(new Error("who is that?")),
  onMailFrom: (_, __, done) => done(refusal("MAIL")),
  onRcptTo: (_, __, done) => done(refusal("RCPT")),
  onData(stream, session, done) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      if (refusal("DATA")) return done(refusal("DATA"));
      const { mailFrom, rcptTo } = session.envelope;
      console.log(JSON.stringify({
        from: mailFrom.address,
        to: rcptTo.map((one) => one.address),
        user: session.user ?? null,
        secure: session.secure,
        mail: Buffer.concat(parts).toString("utf8"),
      }));
      done();
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.server.address().port })));
process.stdin.on("end", () => process.exit(0)).resume();
