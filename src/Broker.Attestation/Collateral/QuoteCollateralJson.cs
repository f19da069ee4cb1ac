using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Broker.Attestation.Quotes;
using Broker.Foundation;

namespace Broker.Attestation.Collateral;

/// <summary>
/// The JSON form of <see cref="QuoteCollateral"/>, <c>QuoteCollateralV3</c> of dcap-qvl: PEM chains and signed texts as
/// strings, bytes as hex. Byte fields written by old versions as arrays of numbers are read too.
/// <code>
/// { "pck_crl_issuer_chain": "-----BEGIN…", "root_ca_crl": "3082…", "pck_crl": "3082…",
///   "tcb_info_issuer_chain": "-----BEGIN…", "tcb_info": "{\"id\":\"TDX\",…}", "tcb_info_signature": "9c87…",
///   "qe_identity_issuer_chain": "-----BEGIN…", "qe_identity": "{\"id\":\"TD_QE\",…}",
///   "qe_identity_signature": "48d6…",
///   "pck_certificate_chain": "-----BEGIN…" (optional) }
/// </code>
/// </summary>
public static class QuoteCollateralJson
{
    /// <summary>Ten times the largest genuine collateral; a longer text is refused before it is read.</summary>
    public const int MaxLength = 1024 * 1024;

    private const int MaxDepth = 4;

    // The texts inside are JSON themselves: escaping their quotes as \u0022 would only make them unreadable.
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Reads collateral; the refusal is <c>INPUT</c> and names the first field that is absent or not of its form.
    /// </summary>
    public static CollateralReadResult Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxLength) return CollateralReadResult.Refuse($"longer than {MaxLength} bytes");
        try
        {
            using var document = StrictJson.Parse(utf8, MaxDepth);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : CollateralReadResult.Refuse("not a JSON object");
        }
        catch (JsonException)
        {
            return CollateralReadResult.Refuse("not JSON, a name twice, or not well-formed Unicode");
        }
    }

    /// <summary>UTF-8 JSON that <see cref="Read(ReadOnlyMemory{byte})"/> gives back equal.</summary>
    public static byte[] Write(QuoteCollateral collateral)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("pck_crl_issuer_chain", collateral.PckCrlIssuerChain);
            json.WriteString("root_ca_crl", Convert.ToHexStringLower(collateral.RootCaCrl.Span));
            json.WriteString("pck_crl", Convert.ToHexStringLower(collateral.PckCrl.Span));
            json.WriteString("tcb_info_issuer_chain", collateral.TcbInfoIssuerChain);
            json.WriteString("tcb_info", collateral.TcbInfo);
            json.WriteString("tcb_info_signature", Convert.ToHexStringLower(collateral.TcbInfoSignature.Span));
            json.WriteString("qe_identity_issuer_chain", collateral.QeIdentityIssuerChain);
            json.WriteString("qe_identity", collateral.QeIdentity);
            json.WriteString("qe_identity_signature", Convert.ToHexStringLower(collateral.QeIdentitySignature.Span));
            if (collateral.PckCertificateChain is { } chain) json.WriteString("pck_certificate_chain", chain);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static CollateralReadResult Read(JsonElement root)
    {
        if (Text(root, "pck_crl_issuer_chain") is not { } pckCrlIssuerChain) return Missing("pck_crl_issuer_chain");
        if (Bytes(root, "root_ca_crl") is not { } rootCaCrl) return Missing("root_ca_crl");
        if (Bytes(root, "pck_crl") is not { } pckCrl) return Missing("pck_crl");
        if (Text(root, "tcb_info_issuer_chain") is not { } tcbInfoIssuerChain) return Missing("tcb_info_issuer_chain");
        if (Text(root, "tcb_info") is not { } tcbInfo) return Missing("tcb_info");
        if (Bytes(root, "tcb_info_signature") is not { } tcbInfoSignature) return Missing("tcb_info_signature");
        if (Text(root, "qe_identity_issuer_chain") is not { } qeIdentityIssuerChain)
        {
            return Missing("qe_identity_issuer_chain");
        }

        if (Text(root, "qe_identity") is not { } qeIdentity) return Missing("qe_identity");
        if (Bytes(root, "qe_identity_signature") is not { } qeIdentitySignature)
        {
            return Missing("qe_identity_signature");
        }

        string? pckCertificateChain = null;
        if (root.TryGetProperty("pck_certificate_chain", out var chain) && chain.ValueKind != JsonValueKind.Null)
        {
            if (chain.ValueKind != JsonValueKind.String) return Missing("pck_certificate_chain");
            pckCertificateChain = chain.GetString();
        }

        return CollateralReadResult.Of(new QuoteCollateral
        {
            PckCrlIssuerChain = pckCrlIssuerChain,
            RootCaCrl = rootCaCrl,
            PckCrl = pckCrl,
            TcbInfoIssuerChain = tcbInfoIssuerChain,
            TcbInfo = tcbInfo,
            TcbInfoSignature = tcbInfoSignature,
            QeIdentityIssuerChain = qeIdentityIssuerChain,
            QeIdentity = qeIdentity,
            QeIdentitySignature = qeIdentitySignature,
            PckCertificateChain = pckCertificateChain,
        });
    }

    private static CollateralReadResult Missing(string field)
        => CollateralReadResult.Refuse($"{field}: absent or not of its form");

    private static string? Text(JsonElement root, string name)
        => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static ReadOnlyMemory<byte>? Bytes(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Array) return Numbers(value);
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } hex || hex.Length % 2 != 0)
        {
            return null;
        }

        var bytes = new byte[hex.Length / 2];
        if (Convert.FromHexString(hex, bytes, out _, out _) != OperationStatus.Done) return null;
        return bytes;
    }

    private static ReadOnlyMemory<byte>? Numbers(JsonElement array)
    {
        var bytes = new byte[array.GetArrayLength()];
        var next = 0;
        foreach (var element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetByte(out bytes[next++])) return null;
        }

        return bytes;
    }
}
