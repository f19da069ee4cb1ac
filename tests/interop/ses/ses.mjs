// Other people's SES v2 on a free port. stdout: {"url"}, as JSON; it ends with its standard input.
import ses from "aws-ses-v2-local";

const log = console.log;
console.log = () => {};
const server = await (ses.default ?? ses)({ host: "127.0.0.1", port: 0 });
log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
process.stdin.on("end", () => process.exit(0)).resume();
