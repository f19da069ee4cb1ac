using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Cryptography.Eip712;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Signer;

/// <summary>Body of <c>POST /dev/derive-address</c> as the OpenAPI document shows it.</summary>
internal sealed record DeriveAddressBody([property: JsonPropertyName("omni_account")] string OmniAccount);

/// <summary>Body of <c>POST /dev/sign-message</c> as the OpenAPI document shows it.</summary>
internal sealed record SignMessageBody(
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("message_hex")] string MessageHex);

/// <summary>Body of <c>POST /dev/sign-typed-data</c> as the OpenAPI document shows it.</summary>
internal sealed record SignTypedDataBody(
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("typed_data")] JsonElement TypedData);

/// <summary>The address, <c>0x</c> and 40 lower-case hex digits.</summary>
internal sealed record DerivedAddress(
    [property: JsonPropertyName("address")] string Address,
    [property: JsonPropertyName("key_version")] int KeyVersion);

/// <summary>The signature of a message: <c>0x</c> and r ‖ s ‖ v in 130 hex digits, v 0 or 1.</summary>
internal sealed record MessageSignature(
    [property: JsonPropertyName("signature")] string Signature,
    [property: JsonPropertyName("address")] string Address,
    [property: JsonPropertyName("key_version")] int KeyVersion,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>The signature of typed data, and the three hashes, each <c>0x</c> and 64 hex digits.</summary>
internal sealed record TypedDataSignature(
    [property: JsonPropertyName("signature")] string Signature,
    [property: JsonPropertyName("address")] string Address,
    [property: JsonPropertyName("primary_type_hash")] string PrimaryTypeHash,
    [property: JsonPropertyName("domain_separator")] string DomainSeparator,
    [property: JsonPropertyName("digest")] string Digest,
    [property: JsonPropertyName("key_version")] int KeyVersion,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// The signer (contract §10): a wallet for each actor, derived, never stored. Whoever asks holds a session token of the
/// actor whose wallet it is. The same request gives the same signature (RFC 6979).
/// </summary>
internal static class SignerRoutes
{
    /// <summary>Where all of them are, and nothing else.</summary>
    public const string Prefix = "/dev/";

    public static Refusal Disabled { get; } = new(SignerRefusals.Disabled, "the signer has no master secret");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/dev/derive-address", DeriveAsync)
            .WithName("signer-derive-address").WithSummary("The address of the caller's derived wallet")
            .TakesBearer().Accepts<DeriveAddressBody>("application/json")
            .Produces<DerivedAddress>().ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 503);
        routes.MapPost("/dev/sign-message", SignMessageAsync)
            .WithName("signer-sign-message").WithSummary("An EIP-191 signature by the caller's derived wallet")
            .TakesBearer().Accepts<SignMessageBody>("application/json")
            .Produces<MessageSignature>().ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 503);
        routes.MapPost("/dev/sign-typed-data", SignTypedDataAsync)
            .WithName("signer-sign-typed-data").WithSummary("An EIP-712 signature by the caller's derived wallet")
            .TakesBearer().Accepts<SignTypedDataBody>("application/json")
            .Produces<TypedDataSignature>().ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 503);
        routes.MapGet("/dev/attestation", AttestAsync)
            .WithName("signer-attestation").WithSummary("The signer's quote; only in a confidential machine")
            .Produces<SignerAttestation>().ProducesRefusals(404, 503);
    }

    private static async Task<IResult> AttestAsync(SignerMaster wallets, SignerQuotes quotes, CancellationToken stop)
    {
        var quote = await quotes.FindAsync(wallets, stop);
        return quote.IsRefused
            ? new ErrorAnswer(quote.Refusal)
            : TypedResults.Json(quote.Value, SignerJson.Default.SignerAttestation);
    }

    private static Task<IResult> DeriveAsync(
        HttpContext http, Attempts attempts, ICallers callers, SignerMaster wallets, CancellationToken stop) =>
        HandleAsync(http, attempts, callers, wallets, (_, caller, master) =>
        {
            using var key = master.KeyOf(caller.Actor);
            var address = new DerivedAddress(key.PublicKey.Address.ToString(), MasterSecret.KeyVersion);
            return new(TypedResults.Json(address, SignerJson.Default.DerivedAddress));
        }, stop);

    private static Task<IResult> SignMessageAsync(
        HttpContext http, Attempts attempts, ICallers callers, SignerMaster wallets, SignForActor sign,
        CancellationToken stop) =>
        HandleAsync(http, attempts, callers, wallets, async (body, caller, master) =>
        {
            if (ReadHex(body) is not { } message)
            {
                return new Refusal(
                    SignerRefusals.InvalidMessageHex, "message_hex must be 0x and two hex digits for each byte");
            }

            var issued = await sign.RunAsync(caller, master, "message", PersonalMessage.Hash(message), http.RequestId());
            if (issued.Refusal is { } denied) return denied;
            var answer = new MessageSignature(
                issued.Value.Text, issued.Value.Address.ToString(), MasterSecret.KeyVersion, issued.Value.RecordId);
            return TypedResults.Json(answer, SignerJson.Default.MessageSignature);
        }, stop);

    private static Task<IResult> SignTypedDataAsync(
        HttpContext http, Attempts attempts, ICallers callers, SignerMaster wallets, SignForActor sign,
        CancellationToken stop) =>
        HandleAsync(http, attempts, callers, wallets, async (body, caller, master) =>
        {
            TypedData data;
            try
            {
                if (!body.TryGetProperty("typed_data", out var given))
                    return new Refusal(SignerRefusals.InvalidTypedData, "typed_data is missing");
                data = TypedData.Read(given);
            }
            catch (FormatException wrong)
            {
                return new Refusal(SignerRefusals.InvalidTypedData, wrong.Message);
            }

            var issued = await sign.RunAsync(caller, master, "typed_data", data.Digest, http.RequestId());
            if (issued.Refusal is { } denied) return denied;
            var answer = new TypedDataSignature(
                issued.Value.Text, issued.Value.Address.ToString(), Hash(data.PrimaryTypeHash),
                Hash(data.DomainSeparator), Hash(data.Digest), MasterSecret.KeyVersion, issued.Value.RecordId);
            return TypedResults.Json(answer, SignerJson.Default.TypedDataSignature);
        }, stop);

    /// <summary>Who asks, for which wallet; a body is not looked at for a stranger.</summary>
    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, ICallers callers, SignerMaster wallets,
        Func<JsonElement, VerifiedCaller, MasterSecret, ValueTask<Result<IResult>>> answer, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SignatureRelease.Kind, SignatureRelease.RequestedRole);
        if (wallets.Secret is not { } master) return await attempt.RefuseAsync(Disabled);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var read = await RequestJson.ReadDocumentAsync(http.Request, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        using var body = read.Value;
        if (CheckOmni(body.RootElement, caller.Value) is { } notOwn) return await attempt.RefuseAsync(notOwn);

        // What a wallet signs, a sign-in included, would outlive the rule or session that such a caller rests on.
        if (caller.Value.Workload is not null || caller.Value.Derivation is not null)
        {
            return await attempt.RefuseAsync(new Refusal(
                SignerRefusals.NotForPrograms, "the session is a workload's, or was exchanged for another one"));
        }

        var answered = await answer(body.RootElement, caller.Value, master);
        return answered.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : answered.Value;
    }

    private static Refusal? CheckOmni(JsonElement body, VerifiedCaller caller)
    {
        if (!body.TryGetProperty("omni_account", out var given) || given.ValueKind != JsonValueKind.String
            || !ActorOmni.TryParse(given.GetString(), out var omni))
        {
            return new Refusal(
                SignerRefusals.InvalidOmniAccount, "omni_account must be 64 lower-case hex digits, without 0x");
        }

        return omni == caller.Actor
            ? null
            : new Refusal(SignerRefusals.NotOwnOmni, "omni_account is not that of the session");
    }

    private static byte[]? ReadHex(JsonElement body)
    {
        if (!body.TryGetProperty("message_hex", out var given) || given.ValueKind != JsonValueKind.String
            || given.GetString() is not { } text || !text.StartsWith("0x", StringComparison.Ordinal))
            return null;
        try
        {
            return Convert.FromHexString(text.AsSpan(2));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Hash(byte[] hash) => $"0x{Convert.ToHexStringLower(hash)}";
}

[JsonSerializable(typeof(DerivedAddress))]
[JsonSerializable(typeof(MessageSignature))]
[JsonSerializable(typeof(TypedDataSignature))]
[JsonSerializable(typeof(SignerAttestation))]
[JsonSerializable(typeof(DeriveAddressBody))]
[JsonSerializable(typeof(SignMessageBody))]
[JsonSerializable(typeof(SignTypedDataBody))]
internal sealed partial class SignerJson : JsonSerializerContext;
