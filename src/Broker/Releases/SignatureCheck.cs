using Broker.Foundation.Results;

namespace Broker.Releases;

/// <summary>
/// The signed form of a mint: checked whenever any of its members is there, demanded of every mint with
/// <c>BROKER_REQUIRE_SIGNED_MINT=true</c>. Its request id is used up only when everything else has passed.
/// </summary>
internal sealed class SignatureCheck(SignedMint signatures, ReleaseOptions options) : IReleaseCheck
{
    private const string Name = "signature";

    public PolicyCheck Look(MintRequest request)
    {
        if (!SignedMint.IsSigned(request.Body))
        {
            return options.RequireSignedMint
                ? PolicyCheck.Refused(Name, ReleaseRefusals.SignatureRequired,
                    "this broker wants every mint signed by the wallet (request_id, issued_at, intent, auth)")
                : new PolicyCheck(Name, "none, and none is needed");
        }

        var signed = signatures.Check(request.Body, request.Caller);
        if (signed.Refusal is { } unproven) return new PolicyCheck(Name, unproven.Detail, unproven);
        request.Signed = signed.Value;
        return new PolicyCheck(Name, $"signed by {request.Caller.WalletOrActor}");
    }

    public Refusal? Take(MintRequest request) =>
        request.Signed is { } signed ? signatures.Use(signed, request.Caller) : null;
}
