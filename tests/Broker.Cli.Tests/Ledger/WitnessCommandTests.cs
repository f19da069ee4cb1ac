using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Cli.Ledger;
using Broker.Cryptography;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Witness;

namespace Broker.Cli.Tests.Ledger;

/// <summary>A ledger asks <c>brokerctl ledger witness</c> for cosignatures, over HTTP.</summary>
public sealed class WitnessCommandTests : IDisposable
{
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
            new LedgerOptions { Path = Path.Combine(_folder, "audit.sqlite"), Origin = "broker.example/ledger" };
        var ledger = ReleaseLedger.Open(options, _logKey, TimeProvider.System);
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
            "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");
        var walk = await ListenerWalk.OfAsync(
            witness.Address,
            fill: pattern => [pattern.Replace("{origin}", new string('a', 64), StringComparison.Ordinal)]);

        walk.Routes.Count.ShouldBe(2);
        await walk.KnowsOneSpellingAsync();
        await walk.TakesHeadWhereverGetAsync();
    }

    [Fact]
    public async Task A_witness_key_that_others_may_read_is_refused()
    {
        var keyFile = Path.Combine(_folder, "witness.pem");
        await File.WriteAllTextAsync(keyFile, _witnessKey.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var error = new StringWriter();

        var exitCode = await BrokerCtl.RunAsync(
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
        MintedAt = 1_763_700_000 + n,
        RequesterToken = "",
        RequesterWallet = "unknown",
        RequestedRole = "oidc_jwt",
        SessionDurationSeconds = 0,
        StsSessionName = "(unauthenticated)",
        Outcome = LedgerOutcome.AuthFailed,
        RecordId = RecordId.New(DateTimeOffset.UtcNow).ToString(),
        Kind = LedgerKind.OidcToken,
    };
}
