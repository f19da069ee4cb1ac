using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;
using Broker.Ledger.Witness;
using Broker.Tests.Boot;
using Broker.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;

namespace Broker.Tests.Receipts;

/// <summary>Witnesses that are out of order for a while are asked again until each has answered (case 13).</summary>
public sealed class WitnessingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Every_witness_is_asked_again_until_it_has_cosigned_the_newest_checkpoint(int status)
    {
        var log = await MakeLedgerAsync();
        await using var ready = await WitnessPeer.StartAsync("ready.example", log);
        await using var late = await WitnessPeer.StartAsync("late.example", log, status);
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", _folder.Path), ("BROKER_LEDGER_WITNESSES", $"{ready.Setting},{late.Setting}"));

        // Nothing is appended any more.
        await Eventually.HoldsAsync(() => late.Questions > 1, Patience);
        var note = "";
        await Eventually.AsksAsync(
            () => broker.GetAsync("/ledger/checkpoint/witnessed"), answer => IsBy(note = answer.Text, ready, late));

        note.ShouldStartWith((await broker.GetAsync("/ledger/checkpoint")).Text);
        ready.Questions.ShouldBe(1);
    }

    /// <summary>
    /// The witness is @noble/post-quantum's. What is served then satisfies a policy that asks for it and for one with
    /// Ed25519.
    /// </summary>
    [Fact]
    public async Task A_witness_that_signs_with_ML_DSA_44_is_asked_too_and_the_checkpoint_satisfies_a_policy()
    {
        var log = await MakeLedgerAsync();
        var seed = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        Task<JsonElement> CosignAsync(string? text) => Npm.RunAsync("mldsa-cosigner.mjs", new
        {
            seed,
            name = "pq.example",
            time = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            text,
        });
        var vkey = (await CosignAsync(null)).GetProperty("vkey").GetString()!;
        await using var server = Peers.NewServer();
        server.MapPost("/add-checkpoint", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            WitnessRequest.TryParse(Encoding.UTF8.GetString(body.ToArray()), out var request).ShouldBeTrue();
            await http.Response.WriteAsync((await CosignAsync(request!.Note.Text)).GetProperty("line").GetString()!);
        });
        await server.StartAsync();
        await using var ed25519 = await WitnessPeer.StartAsync("ed25519.example", log);
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", _folder.Path),
            ("BROKER_LEDGER_WITNESSES", $"{server.Urls.Single()}|{vkey},{ed25519.Setting}"));
        TlogPolicy.TryParse(
            Encoding.UTF8.GetBytes(
                $"log {log}\nwitness pq {vkey}\nwitness ed {ed25519.Key}\ngroup both all pq ed\nquorum both\n"),
            out var policy, out var fault).ShouldBeTrue(fault);

        var witnessed = await Eventually.AsksAsync(
            () => broker.GetAsync("/ledger/checkpoint/witnessed"),
            answer => SignedNote.TryParse(answer.Text, out var note) && note.Signatures.Count == 3, Patience);

        SignedNote.TryParse(witnessed.Text, out var cosigned).ShouldBeTrue();
        Checkpoint.TryParse(cosigned!.Text, out var checkpoint).ShouldBeTrue();
        var verdict = policy!.Judge(cosigned, checkpoint!);
        verdict.Fault.ShouldBeNull();
        verdict.Witnesses.ShouldAllBe(one => one.HasCosigned && one.At > DateTimeOffset.UtcNow.AddMinutes(-10));
        policy.Judge(cosigned, checkpoint! with { Origin = "another.example" }).Fault.ShouldNotBeNull();
    }

    /// <summary>What an actor needs who verifies offline by a policy: a receipt with the cosignatures in it.</summary>
    [Fact]
    public async Task A_receipt_is_had_under_the_checkpoint_that_a_witness_cosigned()
    {
        var log = await MakeLedgerAsync();
        await using var witness = await WitnessPeer.StartAsync("witness.example", log);
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", _folder.Path), ("BROKER_LEDGER_WITNESSES", witness.Setting));
        var session = await broker.SignInAsync(_wallet);
        var id = broker.MintLog().Last().RecordId;
        Task<Answer> ReadAsync(string query) =>
            broker.GetAsync($"/v1/ledger/entries/{id}/receipt{query}", ("Authorization", $"Bearer {session}"));

        var answer = await Eventually.AsksAsync(
            () => ReadAsync("?checkpoint=witnessed"), one => (int)one.Status == 200, Patience);

        InclusionReceipt.TryParse(answer.Text, out var receipt).ShouldBeTrue();
        TlogPolicy.TryParse(
            Encoding.UTF8.GetBytes($"log {log}\nwitness w {witness.Key}\nquorum w\n"), out var policy, out var fault)
            .ShouldBeTrue(fault);
        policy!.Judge(receipt!.Note, receipt.Checkpoint).Fault.ShouldBeNull();
        var entry = await broker.GetAsync($"/v1/ledger/entries/{id}", ("Authorization", $"Bearer {session}"));
        receipt.FindProofFault(Convert.FromBase64String(entry["canonical"]!)).ShouldBeNull();
        receipt.FindProofFault("{}"u8).ShouldNotBeNull();
        (await ReadAsync("?checkpoint=newest")).ShouldRefuse(400, "bad_request", "invalid_field");
        (await ReadAsync("?checkpoint=witnessed&checkpoint=witnessed")).ShouldRefuse(
            400, "bad_request", "invalid_field");
    }

    [Fact]
    public async Task Without_a_cosigned_checkpoint_there_is_no_such_receipt()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_DATA_DIR", _folder.Path));
        var session = await broker.SignInAsync(_wallet);
        var id = broker.MintLog().Last().RecordId;

        (await broker.GetAsync(
            $"/v1/ledger/entries/{id}/receipt?checkpoint=witnessed", ("Authorization", $"Bearer {session}")))
            .ShouldRefuse(404, "bad_request", "not_found");
    }

    [Fact]
    public async Task A_witness_that_points_elsewhere_is_not_followed()
    {
        var log = await MakeLedgerAsync();
        await using var elsewhere = await WitnessPeer.StartAsync("witness.example", log);
        using var pointing = CannedServer.Start();
        pointing.Given(Request.Create()).RespondWith(Response.Create().WithStatusCode(307)
            .WithHeader("Location", elsewhere.Setting.Split('|')[0] + "/add-checkpoint"));
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", _folder.Path), ("BROKER_LEDGER_WITNESSES", $"{pointing.Url}|{elsewhere.Key}"));

        await Eventually.HoldsAsync(() => pointing.LogEntries.Count > 1, Patience);

        elsewhere.Questions.ShouldBe(0);
        ((int)(await broker.GetAsync("/ledger/checkpoint/witnessed")).Status).ShouldBe(404);
    }

    /// <summary>A note that no reader takes would be the end of all cosignatures.</summary>
    [Theory]
    [InlineData(64, "at most 63 witnesses")]
    [InlineData(0, "a witness twice")]
    public async Task More_witnesses_than_a_note_can_hold_or_one_twice_stop_the_start(int others, string reason)
    {
        var keys = Enumerable.Range(0, Math.Max(others, 1)).Select(n =>
        {
            using var key = Ed25519SigningKey.Generate();
            return new NoteKey($"w{n}.example", NoteKeyType.CosignatureV1, key.VerifyingKey).ToString();
        }).ToList();
        if (others == 0) keys.Add(keys[0]);

        (await BootFailure.OfStartAsync(BrokerModules.All, ("BROKER_LEDGER_WITNESSES",
            string.Join(',', keys.Select(key => $"https://witness.example.test|{key}"))))).ShouldContain(reason);
    }

    [Fact]
    public async Task The_key_of_a_log_is_no_witnesss()
    {
        using var key = Ed25519SigningKey.Generate();
        var vkey = new NoteKey("log.example", NoteKeyType.Ed25519, key.VerifyingKey);

        (await BootFailure.OfStartAsync(
            BrokerModules.All, ("BROKER_LEDGER_WITNESSES", $"https://witness.example.test|{vkey}")))
            .ShouldContain("its type must be 4 (Ed25519 cosignature) or 6 (ML-DSA-44 cosignature)");
    }

    // The key of the ledger is made at the first start.
    private async Task<NoteKey> MakeLedgerAsync()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_DATA_DIR", _folder.Path));
        await broker.SignInAsync(_wallet);
        NoteKey.TryParse((await broker.GetAsync("/ledger/vkey")).Text.Trim(), out var log).ShouldBeTrue();
        return log!;
    }

    private static bool IsBy(string note, params WitnessPeer[] witnesses) =>
        SignedNote.TryParse(note, out var signed)
        && witnesses.All(witness => signed.Verify(witness.Key) == NoteVerdict.Signed);
}
