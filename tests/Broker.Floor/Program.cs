using System.Net;
using Broker.Floor;

// The floor that scripts/bench.sh measures Broker against: the least that a program on this server can do to hand out
// an ES256 token. No authentication, no policy, no record, no receipt.
//
//   dotnet Broker.Floor.dll PORT
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(server =>
{
    server.AddServerHeader = false;
    server.Listen(IPAddress.Loopback, int.Parse(args[0]));
});

var app = builder.Build();
using var signer = new TokenSigner();
app.MapPost("/", (HttpContext http) => signer.AnswerAsync(http.Response));
await app.RunAsync();
