using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Http;
using Broker.Ledger.Refusals;
using Broker.LedgerHosting;
using Broker.Refusals;
using Broker.Sessions;
using FluentValidation;

namespace Broker.SignIn.Wallet;

/// <summary>
/// Body of <c>POST /v1/auth/wallet/start</c>. A <c>source_ip</c> that old clients send is not believed.
/// </summary>
internal sealed record StartWalletSignInRequest(
    [property: JsonPropertyName("address"), JsonRequired] string Address,
    [property: JsonPropertyName("chain_id")] long ChainId = 1);

/// <summary>Answer of <c>POST /v1/auth/wallet/start</c> (contract §2.10).</summary>
internal sealed record StartWalletSignInAnswer(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("expires_in_seconds")] int ExpiresInSeconds,
    [property: JsonPropertyName("siwe_message")] string SiweMessage,
    [property: JsonPropertyName("nonce")] string Nonce,
    [property: JsonPropertyName("expires_at_iso")] string ExpiresAtIso);

/// <summary>
/// <c>POST /v1/auth/wallet/start</c>: an EIP-4361 message for this address to sign. It is in the state database before
/// the answer leaves, so a restart does not lose it, and can be answered once.
/// </summary>
internal static class StartWalletSignIn
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/wallet/start", HandleAsync)
        .WithName("startWalletSignIn")
        .WithSummary("An EIP-4361 message for a wallet to sign")
        .Accepts<StartWalletSignInRequest>("application/json")
        .Produces<StartWalletSignInAnswer>()
        .ProducesRefusals(400, 413, 415, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, IChallengeStore challenges, ChallengeLimit limit, DiskReserve disk,
        IssueChallenge issue, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);

        // 1. Read.
        var read = await RequestJson.ReadAsync(http.Request, WalletJson.Default.StartWalletSignInRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var wanted = read.Value.CheckedBy(StartValidator.Instance);
        if (wanted.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);

        // 2. Not too often from one address.
        if (limit.Take(ClientAddress.Of(http)) is { } tooMany) return await attempt.RefuseAsync(tooMany);

        // 3. A challenge is kept on disk; the last of it is for releases and sign-outs.
        if (disk.IsReached) return new ErrorAnswer(LedgerRefusals.DiskIsNearlyFull());

        // 4. The message, kept until it is answered or expires.
        var challenge = issue.Run(EthereumAddress.Parse(wanted.Value.Address), wanted.Value.ChainId);
        challenges.Add(challenge);

        return TypedResults.Ok(new StartWalletSignInAnswer(
            challenge.RequestId, (int)(challenge.ExpiresAt - challenge.IssuedAt).TotalSeconds, challenge.Message,
            challenge.Nonce, SiweTime.At(challenge.ExpiresAt).Text));
    }

    private sealed class StartValidator : AbstractValidator<StartWalletSignInRequest>
    {
        public static readonly StartValidator Instance = new();

        private StartValidator()
        {
            RuleFor(request => request.Address)
                .Must(address => EthereumAddress.TryParse(address, out _))
                .WithName("address").WithMessage("address must be 0x and 40 hex digits");
            RuleFor(request => request.ChainId)
                // What EIP-2294 allows, up to the most that signed 64 bits hold.
                .GreaterThanOrEqualTo(1)
                .WithName("chain_id").WithMessage($"chain_id must be between 1 and {long.MaxValue}");
        }
    }
}
