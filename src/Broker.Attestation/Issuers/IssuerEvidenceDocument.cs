using System.Buffers;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Foundation;

namespace Broker.Attestation.Issuers;

/// <summary>
/// Evidence of an issuer as it is published at <c>/.well-known/issuer-attestation</c>:
/// <code>
/// { "version": 1,
///   "issuer": "https://broker.example", "made_at": 1780000000, "nonce": "000102…" (or null),
///   "keys": ["qqqq…" (thumbprints)], "ledger_key": "broker.example/ledger+…",
///   "tee": "tdx" (or "sev-snp"),
///   "attestation": "00…" (dstack's envelope, hex),
///   "collateral": { … } (TDX: QuoteCollateralV3; else null) }
/// </code>
/// Nothing of it is proven by reading it: the attestation has to be verified, and to be over
/// <see cref="IssuerStatement.ReportData"/>.
/// </summary>
public sealed record IssuerEvidenceDocument(
    IssuerStatement Statement, VersionedAttestation Attestation, QuoteCollateral? Collateral)
{
    /// <summary>The bound on the document.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private const int Version = 1;
    private const int MaxDepth = 8;

    /// <summary>Writes the document.</summary>
    /// <param name="attestation">The envelope as the guest agent gave it; it is passed on byte for byte.</param>
    public static byte[] Write(IssuerStatement statement, ReadOnlySpan<byte> attestation, QuoteCollateral? collateral)
    {
        var body = new ArrayBufferWriter<byte>(64 * 1024);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteString("issuer"u8, statement.Issuer);
            json.WriteNumber("made_at"u8, statement.MadeAt.ToUnixTimeSeconds());
            if (statement.Nonce.IsEmpty) json.WriteNull("nonce"u8);
            else json.WriteString("nonce"u8, Convert.ToHexStringLower(statement.Nonce.Span));
            json.WriteStartArray("keys"u8);
            foreach (var key in statement.Keys) json.WriteStringValue(key);
            json.WriteEndArray();
            json.WriteString("ledger_key"u8, statement.LedgerKey);
            json.WriteString("tee"u8, collateral is null ? "sev-snp" : "tdx");
            json.WriteString("attestation"u8, Convert.ToHexStringLower(attestation));
            json.WritePropertyName("collateral"u8);
            if (collateral is null) json.WriteNullValue();
            else json.WriteRawValue(QuoteCollateralJson.Write(collateral));
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>Reads a document strictly; members that are not known are passed over.</summary>
    public static Decoded<IssuerEvidenceDocument> Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxLength) return Refused($"longer than {MaxLength} bytes");
        try
        {
            using var document = StrictJson.Parse(utf8, MaxDepth);
            return Read(document.RootElement);
        }
        catch (JsonException wrong)
        {
            return Refused(StrictJson.Reason(wrong));
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return Refused("a member is missing or not of its form");
        }
    }

    private static Decoded<IssuerEvidenceDocument> Read(JsonElement root)
    {
        if (root.GetProperty("version").GetInt32() != Version) return Refused("not version 1");
        var nonce = root.GetProperty("nonce");
        var madeAt = root.GetProperty("made_at").GetInt64();
        if (madeAt < 0 || madeAt > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return Refused("made_at is no time");
        string[] keys = [.. root.GetProperty("keys").EnumerateArray().Select(TextOf)];
        var statement = IssuerStatement.Of(
            TextOf(root.GetProperty("issuer")),
            DateTimeOffset.FromUnixTimeSeconds(madeAt),
            nonce.ValueKind == JsonValueKind.Null ? default : Convert.FromHexString(TextOf(nonce)),
            keys,
            TextOf(root.GetProperty("ledger_key")));
        if (!statement.Succeeded) return statement.RefusedAs<IssuerEvidenceDocument>();
        if (!statement.Value.Keys.SequenceEqual(keys)) return Refused("keys are not in their order");

        var attestation = VersionedAttestation.Decode(Convert.FromHexString(TextOf(root.GetProperty("attestation"))));
        if (!attestation.Succeeded) return attestation.RefusedAs<IssuerEvidenceDocument>();
        var given = root.GetProperty("collateral");
        if (given.ValueKind == JsonValueKind.Null)
            return new IssuerEvidenceDocument(statement.Value, attestation.Value, null);
        var collateral = QuoteCollateralJson.Read(Encoding.UTF8.GetBytes(given.GetRawText()));
        return collateral.Succeeded
            ? new IssuerEvidenceDocument(statement.Value, attestation.Value, collateral.Collateral)
            : Refused(collateral.Refusal.Detail);
    }

    private static string TextOf(JsonElement element) => element.ValueKind == JsonValueKind.String
        ? element.GetString()!
        : throw new FormatException("not a text");

    private static Decoded<IssuerEvidenceDocument> Refused(string error) =>
        Decoded<IssuerEvidenceDocument>.Refused(error);
}
