using System.Text;
using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Witness;
using Broker.Ledger.Writing;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Ledger.Tests.Witness;

/// <summary>What a witness may answer (C2SP tlog-witness, "add-checkpoint"), and what the ledger takes of it.</summary>
public sealed class WitnessClientTests : IAsyncLifetime
{
    private readonly LedgerFolder _folder = new();
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private readonly WireMockServer _witness = CannedServer.Start();
    private ReleaseLedger _ledger = null!;
    private string _text = "";

    private NoteKey Key => new("witness.example/w1", NoteKeyType.CosignatureV1, _key.VerifyingKey);

    public async Task InitializeAsync()
    {
        _ledger = _folder.Open();
        await _ledger.AppendAsync(Entries.Refused(), CancellationToken.None);
        SignedNote.TryParse(_ledger.NewestCheckpoint, out var note).ShouldBeTrue();
        _text = note!.Text;
    }

    public async Task DisposeAsync()
    {
        await _ledger.DisposeAsync();
        _witness.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_line_that_is_repeated_is_taken_once_and_lines_of_unknown_keys_never()
    {
        using var stranger = Ed25519SigningKey.Generate();
        var line = Line();
        var other = Cosignature.Sign("witness.example/w1", stranger, _text, DateTimeOffset.UtcNow);

        (await AskAsync(other + string.Concat(Enumerable.Repeat(line, 40)))).ShouldBe(line);
    }

    [Fact]
    public async Task As_many_lines_are_read_as_a_note_must_be_able_to_have()
    {
        var large = $"\u2014 pq.example {Convert.ToBase64String(new byte[4900])}\n";

        (await AskAsync(string.Concat(Enumerable.Repeat(large, 15)) + Line())).ShouldBe(Line());
    }

    /// <summary>"The cosignature MUST NOT omit the timestamp, i.e. the timestamp MUST NOT be zero."</summary>
    [Fact]
    public async Task A_cosignature_without_a_time_is_none()
    {
        var signed = new byte[4 + 8 + 64];
        Convert.FromHexString(Key.Id.ToString("x8")).CopyTo(signed, 0);
        _key.Sign(Encoding.UTF8.GetBytes($"cosignature/v1\ntime 0\n{_text}"), signed.AsSpan(12));

        await Should.ThrowAsync<WitnessRefusedException>(
            () => AskAsync($"\u2014 witness.example/w1 {Convert.ToBase64String(signed)}\n"));
    }

    /// <summary>"Witnesses SHOULD use ML-DSA-44 cosignatures"; the time must be there all the same.</summary>
    [Theory]
    [InlineData(1_679_315_147, true)]
    [InlineData(0, false)]
    public async Task A_witness_may_sign_with_ML_DSA_44(long time, bool accepted)
    {
        var witness = new MLDsaCosigner("witness.example/pq1");
        NoteKey.TryParse(witness.Vkey, out var key).ShouldBeTrue();
        var line = witness.Cosign(_text, time);

        if (accepted) (await AskAsync(Line() + line, key: key)).ShouldBe(line);
        else await Should.ThrowAsync<WitnessRefusedException>(() => AskAsync(Line() + line, key: key));
    }

    [Theory]
    [InlineData("text/plain; charset=utf-16")]
    [InlineData("text/plain; charset=no-such-charset")]
    [InlineData("application/octet-stream")]
    public async Task The_answer_is_utf_8_whatever_its_header_says(string contentType) =>
        (await AskAsync(Line(), contentType)).ShouldBe(Line());

    [Theory]
    [InlineData("not utf-8", "ff")]
    [InlineData("empty", "")]
    public async Task Other_bytes_are_no_cosignature(string _, string bytes)
    {
        byte[] answer = [.. Encoding.UTF8.GetBytes(bytes.Length > 0 ? Line() : ""), .. Convert.FromHexString(bytes)];

        await Should.ThrowAsync<WitnessRefusedException>(() => AskAsync(answer));
    }

    private string Line() =>
        Cosignature.Sign("witness.example/w1", _key, _text, DateTimeOffset.FromUnixTimeSeconds(1_679_315_147));

    private Task<string> AskAsync(string answer, string contentType = "text/plain", NoteKey? key = null) =>
        AskAsync(Encoding.UTF8.GetBytes(answer), contentType, key);

    private async Task<string> AskAsync(byte[] answer, string contentType = "text/plain", NoteKey? key = null)
    {
        _witness.Given(Request.Create().WithPath("/add-checkpoint").UsingPost())
            .RespondWith(Response.Create().WithHeader("Content-Type", contentType).WithBody(answer));
        using var http = new HttpClient();
        return await new WitnessClient(http, new Uri(_witness.Url!), key ?? Key, _ledger.Reader)
            .CosignAsync(_ledger.NewestCheckpoint, CancellationToken.None);
    }
}
