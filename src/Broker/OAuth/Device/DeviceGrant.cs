using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Device;

/// <summary>
/// <c>urn:ietf:params:oauth:grant-type:device_code</c> (RFC 8628 §3.4): a poll. The session is the approver's.
/// </summary>
internal sealed class DeviceGrant(
    IDeviceStore devices, IDelegationStore delegations, IssueDelegated issue, SessionMetrics metrics) : IGrant
{
    public string Type => OpenIddictConstants.GrantTypes.DeviceCode;

    public ValueTask<Result<IProvenGrant>> ProveAsync(OAuthCall call, OpenIddictRequest request, string? clientId) =>
        new(Prove(call, request));

    private Result<IProvenGrant> Prove(OAuthCall call, OpenIddictRequest request)
    {
        if (call.Client is not { } client) return Invalid("a device code goes with the client that it was issued to");
        var code = Sha256Digest.Of(request.DeviceCode!);
        var (found, id) = devices.Poll(code, client.ClientId);
        switch (found)
        {
            case DevicePoll.Pending:
                return new Refusal(OAuthRefusals.AuthorizationPending, "the person has not decided yet");
            case DevicePoll.TooFast:
                return new Refusal(OAuthRefusals.SlowDown, "polls come too fast");
            case DevicePoll.Expired:
                return new Refusal(OAuthRefusals.ExpiredToken, "the device code has expired");
            case DevicePoll.Denied:
                return new Refusal(OAuthRefusals.AccessDenied, "the person said no");
            case DevicePoll.Taken when delegations.Find(id!) is { } delegation:
                call.Attempt.Know(delegation.Person.Omni);
                metrics.Count(null);
                return new DelegatedGrant(
                    issue, delegation, client, delegation.Terms.Scope, call,
                    () => devices.GiveBack(code));
            default:
                return Invalid("the device code is not one of this client, or was used before");
        }
    }

    private static Refusal Invalid(string why) => new(OAuthRefusals.InvalidGrant, why);
}
