using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;
using FluentValidation;

namespace Broker.SignIn.Wallet;

/// <summary>
/// Body of <c>POST /v1/auth/wallet/verify</c>: <c>request_id</c> of the issued message, or the <c>message</c> that the
/// client wrote itself around an issued nonce; and the <c>signature</c>, r‖s‖v as <c>0x</c> and 130 hex digits.
/// </summary>
internal sealed record VerifyWalletSignInRequest(
    [property: JsonPropertyName("signature"), JsonRequired] string Signature,
    [property: JsonPropertyName("request_id")] string? RequestId = null,
    [property: JsonPropertyName("message")] string? Message = null);

/// <summary>One message is meant, the issued or the written one.</summary>
internal sealed class VerifyWalletSignInValidator : AbstractValidator<VerifyWalletSignInRequest>
{
    public static readonly VerifyWalletSignInValidator Instance = new();

    private VerifyWalletSignInValidator() => RuleFor(request => request)
        .Must(request => request.RequestId is null != request.Message is null)
        .WithMessage("send either request_id or message, and signature");
}

/// <summary>Answer of <c>POST /v1/auth/wallet/verify</c> (contract §2.10).</summary>
internal sealed record VerifyWalletSignInAnswer(
    [property: JsonPropertyName("session_jwt")] string SessionToken,
    [property: JsonPropertyName("session_jwt_kid")] string KeyId,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("wallet_address")] string WalletAddress,
    [property: JsonPropertyName("identity_type")] string IdentityType,
    [property: JsonPropertyName("identity_value")] string IdentityValue,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/auth/wallet/verify</c>: a session token for whoever signed the challenge. The challenge is taken first,
/// so any failed attempt burns it.
/// </summary>
internal static class VerifyWalletSignIn
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/wallet/verify", HandleAsync)
        .WithName("verifyWalletSignIn")
        .WithSummary("A session token for a signed EIP-4361 message")
        .Accepts<VerifyWalletSignInRequest>("application/json")
        .Produces<VerifyWalletSignInAnswer>()
        .ProducesRefusals(400, 401, 413, 415, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, ProveWallet prove, IssueSession issue, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var verified = await RunAsync(attempt, prove, issue, stop);
        if (verified.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var issued = verified.Value;
        var identity = issued.Identity;
        return TypedResults.Ok(new VerifyWalletSignInAnswer(
            issued.Token, issued.KeyId, issued.ExpiresAt.ToUnixTimeSeconds(), identity.Omni.ToString(),
            identity.Wallet!.Value.ToString(), identity.Type, identity.Value, issued.RecordId));
    }

    /// <summary>Whatever signs in by wallet comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<IssuedSession>> RunAsync(
        Attempt attempt, ProveWallet prove, IssueSession issue, CancellationToken stop)
    {
        var read = await RequestJson.ReadAsync(attempt.Request, WalletJson.Default.VerifyWalletSignInRequest, stop);
        if (read.Refusal is { } unreadable) return unreadable;

        // Who signed? Takes the challenge, checks the message, recovers the address.
        var proven = prove.Run(read.Value, attempt);
        if (proven.Refusal is { } unproven) return unproven;

        // On record, then signed.
        return await issue.RunAsync(proven.Value, ProveWallet.How, attempt.RequestId);
    }
}
