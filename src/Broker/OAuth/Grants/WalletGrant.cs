using Broker.Foundation.Results;
using Broker.OAuth.Clients;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using Broker.SignIn.Wallet;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>
/// <c>urn:ietf:params:oauth:grant-type:jwt-bearer</c> with a wallet's signature: <c>assertion</c> is an EIP-4361 message
/// around a nonce of <c>POST /v1/auth/wallet/start</c> (the issued message itself will do), and <c>signature</c> is the
/// wallet's, <c>0x</c> and 130 hex digits. What verifies them is the wallet sign-in; the nonce is good once.
/// </summary>
internal sealed class WalletGrant(ProveWallet prove, IssueSession issue) : IGrant
{
    private const string Signature = "signature";

    public string Type => ClientsFile.JwtBearer;

    public ValueTask<Result<IProvenGrant>> ProveAsync(OAuthCall call, OpenIddictRequest request, string? clientId) =>
        new(Prove(call, request));

    private Result<IProvenGrant> Prove(OAuthCall call, OpenIddictRequest request)
    {
        if (request.Assertion is not { } message || (string?)request[Signature] is not { } signature)
        {
            return new Refusal(OAuthRefusals.InvalidRequest,
                "send assertion, an EIP-4361 message, and signature, the wallet's over it");
        }

        var proven = prove.Run(new VerifyWalletSignInRequest(signature, Message: message), call.Attempt);
        return proven.Refusal is { } refusal
            ? refusal
            : new SessionGrant(issue, proven.Value with { Key = call.Key }, ProveWallet.How, call.Attempt.RequestId);
    }
}
