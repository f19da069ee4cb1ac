using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Quotes;
using Broker.Foundation;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Fetches collateral over HTTP from a PCCS or from Intel's PCS, version 4 of their interface. The service is untrusted
/// transport: everything it gives is signed, and what it gives is taken byte for byte.
/// Answers are bounded in size and time, and redirects are not followed.
/// </summary>
/// <param name="client">Made by <see cref="CreateClient"/>, or with a handler that does not follow redirects.</param>
/// <param name="onForeignText">
/// Told what the service said in its own words when that was of no use: bounded and without secrets, for a log at debug
/// level.
/// </param>
public sealed class PccsCollateralOrigin(HttpClient client, PccsOptions options, Action<string>? onForeignText = null)
    : ICollateralOrigin
{
    private const int MaxBodyLength = 1024 * 1024;

    /// <summary>A client as this source needs it: bounded answers, no redirects, no cookies.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = MaxBodyLength,
        Timeout = Timeout.InfiniteTimeSpan, // each request has its own
    };

    public async Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
    {
        var tee = key.Tee == TeeType.Tdx ? "tdx" : "sgx";
        var ca = key.Ca == PckCa.Platform ? "platform" : "processor";
        var rootCrl = FetchAsync(options.RootCrlAddress ?? Below("sgx/certification/v4/rootcacrl"), stop);
        var pckCrl = FetchAsync(Below($"sgx/certification/v4/pckcrl?ca={ca}&encoding=der"), stop);
        var tcbInfo = FetchAsync(Below($"{tee}/certification/v4/tcb?fmspc={key.Fmspc.ToUpperInvariant()}"), stop);
        var qeIdentity = FetchAsync(Below($"{tee}/certification/v4/qe/identity"), stop);
        await Task.WhenAll(rootCrl, pckCrl, tcbInfo, qeIdentity);

        var (tcbInfoText, tcbInfoSignature) = ReadSigned(await tcbInfo, "tcbInfo");
        var (qeIdentityText, qeIdentitySignature) = ReadSigned(await qeIdentity, "enclaveIdentity");
        return new QuoteCollateral
        {
            RootCaCrl = ReadRevocationList(await rootCrl),
            PckCrl = ReadRevocationList(await pckCrl),
            PckCrlIssuerChain = IssuerChain(await pckCrl, "SGX-PCK-CRL-Issuer-Chain"),
            TcbInfo = tcbInfoText,
            TcbInfoSignature = tcbInfoSignature,
            TcbInfoIssuerChain = IssuerChain(await tcbInfo, "TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"),
            QeIdentity = qeIdentityText,
            QeIdentitySignature = qeIdentitySignature,
            QeIdentityIssuerChain = IssuerChain(await qeIdentity, "SGX-Enclave-Identity-Issuer-Chain"),
        };
    }

    /// <summary>The operator's address may hold a password or a key of the service.</summary>
    private static string Shown(Uri address) => ForeignText.Address(address);

    private Uri Below(string path) => new(new Uri(options.Address.AbsoluteUri.TrimEnd('/') + "/"), path);

    private async Task<Answer> FetchAsync(Uri address, CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(options.Timeout);
        try
        {
            using var response = await client.GetAsync(
                address, HttpCompletionOption.ResponseContentRead, deadline.Token);
            var body = await response.Content.ReadAsByteArrayAsync(deadline.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                throw Unusable(address, body, $"answered {(int)response.StatusCode}");

            var headers = response.Headers.ToDictionary(
                header => header.Key, header => header.Value.First(), StringComparer.OrdinalIgnoreCase);
            return new Answer(address, body, headers);
        }
        catch (HttpRequestException fault)
        {
            throw new CollateralUnavailableException($"{Shown(address)}: {HttpFault.Describe(fault)}", fault);
        }
        catch (OperationCanceledException fault) when (!stop.IsCancellationRequested)
        {
            throw new CollateralUnavailableException($"{Shown(address)}: no answer within {options.Timeout}", fault);
        }
    }

    /// <summary>The chain is in a header, percent-encoded; a plus sign in it is base64, not a space.</summary>
    private string IssuerChain(Answer answer, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (answer.Headers.TryGetValue(name, out var chain)) return Uri.UnescapeDataString(chain);
        }

        throw Unusable(answer.Address, answer.Body, $"no {names[0]} header");
    }

    /// <summary>A CRL is served as DER, or by a PCCS as the hex of it.</summary>
    private byte[] ReadRevocationList(Answer answer)
    {
        const byte derSequence = 0x30;
        var body = answer.Body.AsSpan();
        if (body.Length > 0 && body[0] == derSequence) return answer.Body;

        var hex = Encoding.ASCII.GetString(body.Trim("\r\n \""u8));
        try
        {
            return Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            throw Unusable(answer.Address, answer.Body, "neither DER nor hex");
        }
    }

    /// <summary>The inner object exactly as sent: its signature covers these bytes, white space included.</summary>
    private (string Text, byte[] Signature) ReadSigned(Answer answer, string name)
    {
        try
        {
            using var document = StrictJson.Parse(answer.Body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("signature", out var signature) && signature.ValueKind == JsonValueKind.String)
            {
                return (inner.GetRawText(), Convert.FromHexString(signature.GetString()!));
            }
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw Unusable(answer.Address, answer.Body, $"not the JSON of a signed {name}", fault);
        }

        throw Unusable(answer.Address, answer.Body, $"not the JSON of a signed {name}");
    }

    /// <summary>An answer that cannot be used, in our words; the service's own are for the log at debug level.</summary>
    private CollateralUnavailableException Unusable(Uri address, byte[] body, string why, Exception? cause = null)
    {
        var text = $"{Shown(address)}: {why}";
        if (onForeignText is not null)
        {
            string[] sent = [.. new[] { options.Address, options.RootCrlAddress }
                .OfType<Uri>().SelectMany(ForeignText.SecretsOf)];
            onForeignText($"{text}: {ForeignText.Excerpt(body, sent)}");
        }

        return cause is null
            ? new CollateralUnavailableException(text)
            : new CollateralUnavailableException(text, cause);
    }

    private sealed record Answer(Uri Address, byte[] Body, Dictionary<string, string> Headers);
}
