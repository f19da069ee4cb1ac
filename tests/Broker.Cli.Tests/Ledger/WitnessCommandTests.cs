using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Cli.Ledger;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Witness;

namespace Broker.Cli.Tests.Ledger;

/// <summary>A ledger asks <c>brokerctl ledger witness</c> for cosignatures, over HTTP.</summary>
public sealed class WitnessCommandTests : IDisposable
{
    private static readonly EntryKind Token = new("oidc_token");
    private static readonly EntryKinds Kinds = new([Token]);

    private readonly string _folder = Directory.CreateTempSubdirectory("witness-cli-").FullName;
    private readonly Ed25519SigningKey _logKey = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey _witnessKey = Ed25519SigningKey.Generate();

    public void Dispose()
    {
        _logKey.Dispose();
        _witnessKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_growing_ledger_is_cosigned_and_a_client_that_forgot_is_set_right()
    {
        var options =
            new SqliteLedgerOptions
            {
                Path = Path.Combine(_folder, "audit.sqlite"),
                Origin = "broker.example/ledger",
                Kinds = Kinds,
            };
        var ledger = SqliteLedger.Open(options, _logKey, TimeProvider.System);
        await using var witness = await RunningWitness.StartAsync(
            _folder, _witnessKey.ExportPkcs8PrivateKeyPem(), ledger.VerifierKey.ToString());
        var address = witness.Address;
        NoteKey.TryParse(witness.Vkey, out var witnessKey).ShouldBeTrue();

        var http = new HttpClient();
        var client = new WitnessClient(http, address, witnessKey!, ledger.Reader);
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(
                Enumerable.Range(0, 20).Select(n => ledger.AppendAsync(Entry(n), CancellationToken.None).AsTask()));
            await CosignsAsync(client, ledger.NewestCheckpoint, witnessKey!);
        }

        await CosignsAsync(
            new WitnessClient(http, address, witnessKey!, ledger.Reader), ledger.NewestCheckpoint, witnessKey!);
        await ledger.DisposeAsync();
    }

    // Case 14: the key of sum.golang.org signs for the origin "go.sum database tree".
    [FixtureTheory]
    [InlineData("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", 403)]
    [InlineData("go.sum database tree sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", 403)]
    [InlineData("some other tree sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", 404)]
    public async Task A_log_is_known_by_its_origin_which_need_not_be_its_keys_name(string log, int expected)
    {
        // A key file as keygen --purpose ledger writes it.
        await using var witness = await RunningWitness.StartAsync(_folder, JsonSerializer.Serialize(new
        {
            kid = "ledger-1",
            private_key_pem = _witnessKey.ExportPkcs8PrivateKeyPem(),
            purpose = "ledger",
        }), log);
        var http = new HttpClient();
        var request = await File.ReadAllTextAsync(
            Path.Combine(Fixtures.Root, "cases", "14-log-name-is-not-origin", "request.txt"));
        var signature = Convert.ToBase64String([0x03, 0x3d, 0xe0, 0xae, .. new byte[64]]);
        var body = new StringContent(Regex.Replace(request, "<base64.*>", signature));

        var answer = await http.PostAsync(new Uri(witness.Address, "add-checkpoint"), body);

        ((int)answer.StatusCode).ShouldBe(expected);
    }

    [Fact]
    public async Task Every_route_has_one_spelling_and_takes_HEAD_wherever_GET()
    {
        await using var witness = await RunningWitness.StartAsync(
            _folder, _witnessKey.ExportPkcs8PrivateKeyPem(),
            "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", isInThisProcess: true);
        var walk = await ListenerWalk.OfAsync(
            witness.Address,
            fill: pattern => [pattern.Replace("{origin}", new string('a', 64), StringComparison.Ordinal)]);

        walk.Routes.Count.ShouldBe(2);
        await walk.KnowsOneSpellingAsync();
        await walk.TakesHeadWhereverGetAsync();
    }

    /// <summary>What the wire carries, as C2SP tlog-witness has it: statuses, bodies, types, UTF-8.</summary>
    [Fact]
    public async Task The_wire_is_that_of_the_specification()
    {
        var signer = new NoteSigner("log.example", _logKey);
        await using var witness = await RunningWitness.StartAsync(
            _folder, _witnessKey.ExportPkcs8PrivateKeyPem(), signer.VerifierKey.ToString());
        var address = witness.Address;
        var http = new HttpClient();
        var note = signer.Sign(new Checkpoint("log.example", 1, TreeHasher.Leaf("entry"u8)).ToText());
        var request = Encoding.UTF8.GetBytes(WitnessRequest.Format(0, [], note));
        var hash = Convert.ToHexStringLower(SHA256.HashData("log.example"u8));
        async Task<HttpResponseMessage> PostAsync(byte[] body) =>
            await http.PostAsync(new Uri(address, "add-checkpoint"), new ByteArrayContent(body));

        (await http.GetAsync(new Uri(address, hash + "/checkpoint"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync([0xef, 0xbb, 0xbf, .. request])).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync([.. request, 0xff, (byte)'\n'])).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(
            Encoding.UTF8.GetString(request))).ToArray())).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(new byte[WitnessRequest.MaxLength + 1])).StatusCode
            .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        var cosigned = await PostAsync(request);
        cosigned.StatusCode.ShouldBe(HttpStatusCode.OK);
        var lines = await cosigned.Content.ReadAsStringAsync();
        lines.ShouldStartWith("\u2014 witness.example/w1 ");
        lines.ShouldEndWith("\n");
        var conflict = await PostAsync(request);
        conflict.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        conflict.Content.Headers.ContentType!.ToString().ShouldBe("text/x.tlog.size");
        (await conflict.Content.ReadAsStringAsync()).ShouldBe("1\n");
        (await http.GetStringAsync(new Uri(address, hash + "/checkpoint"))).ShouldBe(note + lines);
        (await http.GetAsync(new Uri(address, hash.ToUpperInvariant() + "/checkpoint"))).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_witness_key_that_others_may_read_is_refused()
    {
        var keyFile = Path.Combine(_folder, "witness.pem");
        await File.WriteAllTextAsync(keyFile, _witnessKey.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var error = new StringWriter();

        var exitCode = await BrokerCtlProgram.RunAsync(
            [LedgerCommands.Create()],
            [
                "ledger", "witness", "--state", Path.Combine(_folder, "state"), "--key", keyFile, "--name", "w",
                "--log", "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "--bind", "127.0.0.1:0",
            ],
            TextWriter.Null, error);

        exitCode.ShouldBe(2);
        error.ToString().ShouldContain($"chmod 600 {keyFile}");
    }

    private static async Task CosignsAsync(WitnessClient client, string note, NoteKey witnessKey)
    {
        var lines = await client.CosignAsync(note, CancellationToken.None);
        SignedNote.TryParse(note + lines, out var cosigned).ShouldBeTrue();
        cosigned!.Verify(witnessKey).ShouldBe(NoteVerdict.Signed);
    }

    private static LedgerEntry Entry(int n) => new()
    {
        RecordId = RecordId.New(DateTimeOffset.UtcNow),
        MintedAt = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000 + n),
        Kind = Token,
        Outcome = LedgerOutcome.AuthFailed,
        RequestedRole = "oidc_jwt",
    };
}
