using Broker.Foundation.Results;
using Broker.OAuth.Assertions;
using Broker.OAuth.Clients;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using Broker.SignIn.Wallet;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>
/// <c>urn:ietf:params:oauth:grant-type:jwt-bearer</c>: <c>assertion</c> is a JWT that a wallet's or a device's key has
/// signed (RFC 7523). Or it is an EIP-4361 message around a nonce of <c>POST /v1/auth/wallet/start</c> (the issued
/// message itself will do), and <c>signature</c> is the wallet's, <c>0x</c> and 130 hex digits: what verifies them is
/// the wallet sign-in; the nonce is good once.
/// </summary>
internal sealed class JwtBearerGrant(ProveKey key, ProveWallet wallet, IssueSession issue) : IGrant
{
    private const string Signature = "signature";

    public string Type => ClientsFile.JwtBearer;

    public ValueTask<Result<IProvenGrant>> ProveAsync(OAuthCall call, OpenIddictRequest request, string? clientId) =>
        new(Prove(call, request));

    private Result<IProvenGrant> Prove(OAuthCall call, OpenIddictRequest request)
    {
        var (assertion, signature) = (request.Assertion, (string?)request[Signature]);
        if (assertion is null || (signature is null && !KeyAssertions.IsWrittenLikeOne(assertion)))
        {
            return new Refusal(OAuthRefusals.InvalidRequest,
                "send assertion, a JWT; or an EIP-4361 message, and signature, the wallet's over it");
        }

        var (proven, how) = signature is null
            ? (key.Run(assertion, call.Attempt), ProveKey.How)
            : (wallet.Run(new VerifyWalletSignInRequest(signature, Message: assertion), call.Attempt), ProveWallet.How);
        return proven.Refusal is { } refusal
            ? refusal
            : new SessionGrant(issue, proven.Value with { Key = call.Key }, how, call.Attempt.RequestId);
    }
}
